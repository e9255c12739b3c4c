"""Ordering again: the lines of an earlier order into the cart, and what has changed since said."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext

from accounts.models import User
from checkout import notes as notes_of
from checkout.models import Cart, CartLine
from checkout.notes import Note
from checkout.quantities import clip, clip_to_step
from checkout.services.cart import MAX_LINES, open_cart
from common.errors import DomainError
from common.money import ZERO
from orders.models import Order, OrderLine
from orders.selectors import lines_of
from products.offers import Offer, figures_for


class NothingLeft(DomainError):
    """Nothing of the order can be bought now."""

    code = "nothing_left"


@dataclass(frozen=True)
class _Again:
    """A line that can be bought again: in which quantity at most, and its unit price then."""

    offer: Offer
    quantity: Decimal
    price_then: Decimal


def order_again(*, order: Order, token: str | None, user: User | None, at: dt.datetime) -> Cart:
    """Put what an order had into the cart, at least in its quantities; return the cart.

    What the cart has of an article counts: a second call changes nothing. The cart's notes tell what is sold out, gone
    or fewer, and a line at another price asks for its confirmation, as after any change. Raises NothingLeft; then
    nothing is written.
    """
    lines = lines_of(order)
    offers = figures_for([line.sku_id for line in lines if line.sku_id is not None], at)
    wanted, gone = _sorted_out(lines, offers)
    if not wanted:
        raise NothingLeft(gettext("Nothing of this order is on sale at the moment."))
    with transaction.atomic():
        cart = open_cart(token=token, user=user, at=at)
        notes = _fill(cart, wanted, at)
        said = [*notes, *([notes_of.gone(gone)] if gone else [])]
        cart.notes = [*cart.notes, *(note for note in said if note not in cart.notes)]
        cart.updated_at = at
        cart.save(update_fields=["notes", "updated_at"])
    return cart


def _sorted_out(lines: Sequence[OrderLine], offers: dict[int, Offer]) -> tuple[dict[int, _Again], list[str]]:
    """Return {sku_id: what can be bought again}, and the names of the rest."""
    wanted: dict[int, _Again] = {}
    gone = []
    for line in lines:
        offer = offers.get(line.sku_id) if line.sku_id is not None else None
        before = wanted[line.sku_id].quantity if line.sku_id in wanted else ZERO
        quantity = _possible(before + line.quantity, offer)
        if offer is None or quantity is None:
            gone.append(line.name)
        else:
            wanted[offer.sku_id] = _Again(offer, quantity, line.unit_price)
    return wanted, gone


def _possible(quantity: Decimal, offer: Offer | None) -> Decimal | None:
    """Return a quantity in steps of the SKU, rounded up to its minimum; None if it cannot be bought at all."""
    if offer is None or not offer.buyable or clip_to_step(max(offer.available.values(), default=ZERO), offer) is None:
        return None
    return clip_to_step(max(quantity, offer.min_quantity), offer)


def _fill(cart: Cart, wanted: dict[int, _Again], at: dt.datetime) -> list[Note]:
    """Write the lines of a locked cart; return notes about those that got less."""
    have = dict(cart.lines.values_list("sku_id", "quantity"))
    rows: list[CartLine] = []
    notes: list[Note] = []
    for sku_id, again in wanted.items():
        if sku_id not in have and len(have) + len(rows) >= MAX_LINES:
            notes.append(notes_of.full())
            break
        quantity, _reason = clip(max(again.quantity, have.get(sku_id, ZERO)), again.offer)
        if quantity < again.quantity:
            notes.append(notes_of.only(sku_id, quantity))
        if quantity > have.get(sku_id, ZERO):
            rows.append(CartLine(cart=cart, sku_id=sku_id, quantity=quantity, price_seen=again.price_then, added_at=at))
    CartLine.objects.bulk_create(rows, update_conflicts=True, unique_fields=["cart", "sku"], update_fields=["quantity"])
    return notes
