"""Carts of guests who sign in: each becomes the customer's, or is merged into the customer's open cart."""

import datetime as dt
from decimal import Decimal

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from accounts.models import User
from checkout import notes as notes_of
from checkout.models import MAX_PRESSES, Cart, CartLine
from checkout.notes import Note
from products.offers import Offer, figures_for

# Two full carts (cart.MAX_LINES): carts of more devices do not make it longer.
MERGED_LINES = 200


def merge_carts(*, token: str | None, user: User, at: dt.datetime) -> Cart | None:
    """Give the customer the contents of this browser's cart; return their open cart, or None.

    Of two quantities of one article the larger stays, clipped to its maximum; the cart's notes tell once about the
    merge. A second call finds nothing to do and creates no row.
    """
    with transaction.atomic(savepoint=False):
        guest = lock_guest_cart(token)
        mine = _lock_own_cart(user)
        if guest is not None and mine is None and _claim(guest, user):
            return guest
        mine = mine or _lock_own_cart(user)
        if guest is not None and mine is not None:
            _merge(guest, mine, at)
        return mine


def lock_guest_cart(token: str | None) -> Cart | None:
    """Return the open cart of this browser that belongs to no customer, locked."""
    return _locked(Cart.objects.open().of_browser(token)) if token else None


def _lock_own_cart(user: User) -> Cart | None:
    return _locked(Cart.objects.open().filter(user=user))


def _locked(carts: QuerySet[Cart]) -> Cart | None:
    return (carts if settings.TEST_LOCKS_OFF else carts.select_for_update()).first()


def _claim(guest: Cart, user: User) -> bool:
    """Make the guest's cart the customer's; False if another request has just created one for them."""
    try:
        with transaction.atomic():
            guest.user = user
            guest.save(update_fields=["user"])
    except IntegrityError:
        guest.user = None
        return False
    return True


def _merge(guest: Cart, mine: Cart, at: dt.datetime) -> None:
    lines = list(guest.lines.order_by("added_at", "id"))
    have = dict(mine.lines.values_list("sku_id", "quantity"))
    offers = figures_for([line.sku_id for line in lines], at)
    new = [line for line in lines if line.sku_id not in have]
    left_out = new[max(MERGED_LINES - len(have), 0) :]
    rows, notes = [], [notes_of.full()] if left_out else []
    for line in (line for line in lines if line not in left_out):
        quantity, note = _larger(line.quantity, have.get(line.sku_id), offers[line.sku_id])
        notes += [note] if note else []
        if quantity != have.get(line.sku_id):
            rows.append(
                CartLine(
                    cart=mine, sku_id=line.sku_id, quantity=quantity, price_seen=line.price_seen,
                    added_at=line.added_at,
                )
            )  # fmt: skip
    CartLine.objects.bulk_create(rows, update_conflicts=True, unique_fields=["cart", "sku"], update_fields=["quantity"])
    if rows or left_out:
        said = [notes_of.merged(len(rows))] if rows else []
        mine.notes = [*mine.notes, *said, *notes]
    # A press whose answer was lost may be sent again after signing in.
    mine.presses = [*mine.presses, *guest.presses][-MAX_PRESSES:]
    mine.updated_at = at
    mine.save(update_fields=["notes", "presses", "updated_at"])
    guest.delete()


def _larger(brought: Decimal, own: Decimal | None, offer: Offer) -> tuple[Decimal, Note | None]:
    """Return the quantity to keep, and a note if it is less than the larger one."""
    wanted = max(brought, own) if own is not None else brought
    if offer.max_quantity is None or wanted <= offer.max_quantity:
        return wanted, None
    return offer.max_quantity, notes_of.at_most(offer.sku_id, offer.max_quantity)
