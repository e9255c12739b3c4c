"""A guest who signs in keeps his cart: it becomes the customer's, or is merged into the one there is."""

import datetime as dt
from decimal import Decimal

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext, ngettext

from accounts.models import User
from checkout.models import Cart, CartLine
from common.quantity import format_quantity
from products.offers import Offer, offers_for

# Two full carts (cart.MAX_LINES); whoever goes on bringing carts of other devices fills one no further.
MERGED_LINES = 200


def merge_carts(*, token: str | None, user: User, at: dt.datetime) -> Cart | None:
    """Give the customer what lies in the cart of this browser; return his open cart, None when there is none.

    Of two quantities of one article the larger stays, clipped to its maximum; what was done is said once, in
    the cart's notes. A second call finds nothing to do and makes no row.
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
    """Return the open cart that belongs to nobody but this browser, locked."""
    if not token:
        return None
    return _locked(Cart.objects.filter(token=token, user=None, closed_at=None))


def _lock_own_cart(user: User) -> Cart | None:
    return _locked(Cart.objects.filter(user=user, closed_at=None))


def _locked(carts: QuerySet[Cart]) -> Cart | None:
    return (carts if settings.TEST_LOCKS_OFF else carts.select_for_update()).first()


def _claim(guest: Cart, user: User) -> bool:
    """Make the guest's cart the customer's; False when another request made him one a moment ago."""
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
    offers = offers_for([line.sku_id for line in lines], at)
    new = [line for line in lines if line.sku_id not in have]
    left_out = new[max(MERGED_LINES - len(have), 0) :]
    rows, notes = [], [gettext("Your cart is full. Please order these things first.")] if left_out else []
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
        said = [_said(len(rows))] if rows else []
        mine.notes = [*mine.notes, *said, *notes]
    mine.shop_id = mine.shop_id or guest.shop_id
    mine.updated_at = at
    mine.save(update_fields=["notes", "shop", "updated_at"])
    guest.delete()


def _larger(brought: Decimal, own: Decimal | None, offer: Offer) -> tuple[Decimal, str]:
    """Return the quantity to keep, and a sentence when it is less than the larger one."""
    wanted = max(brought, own) if own is not None else brought
    if offer.max_quantity is None or wanted <= offer.max_quantity:
        return wanted, ""
    most = format_quantity(offer.max_quantity, offer.unit)
    return offer.max_quantity, gettext("“%(name)s”: at most %(most)s in one order.") % {
        "name": offer.name,
        "most": most,
    }


def _said(count: int) -> str:
    return ngettext(
        "We added %(count)d thing from your cart on this device.",
        "We added %(count)d things from your cart on this device.",
        count,
    ) % {"count": count}
