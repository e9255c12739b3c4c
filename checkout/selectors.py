"""Reading carts: the visitor's, the one meant by a page of the checkout, and what is in them."""

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db.models import BigIntegerField, CharField, F, QuerySet

from accounts.models import User
from checkout.models import Cart, CartLine
from common.composed import Composed, Hole
from products.offers import Offer, offers_of, priced_at, priced_skus

# Columns of a line that are read with its SKU.
_OF_LINE = ("id", "quantity", "price_seen", "added_at")


@dataclass(frozen=True)
class MeantCart:
    """The cart meant by a page of the checkout. `is_another`: an open cart, but not the one the page showed."""

    cart: Cart | None
    is_another: bool = False


def find_cart(*, token: str | None, user: User | None) -> Cart | None:
    """Return the open cart of the customer, or else of the cookie, or None."""
    mine = Cart.objects.open().filter(user=user).first() if user else None
    return mine or (_open_of_browser.first(token=token) if token else None)


_open_of_browser = Composed(lambda: Cart.objects.open().of_browser(Hole("token", CharField()))[:1])


def meant_cart(*, current: Cart | None, shown: uuid.UUID | None, token: str | None, user: User | None) -> MeantCart:
    """Return the cart meant by a submitted page: `shown` is the one it named, `current` the visitor's open one.

    A second click finds the cart that has become an order. The page of an old order must never order today's cart.
    """
    if current is not None and shown in (None, current.public_id):
        return MeantCart(current)
    ordered = Cart.objects.ordered().of_visitor(user, token)
    found = (ordered.filter(public_id=shown) if shown else ordered.order_by("-closed_at", "-id")).first()
    return MeantCart(found or current, is_another=found is None and current is not None)


def lines_and_offers(
    cart_id: int, at: dt.datetime, *, from_kept: bool = False
) -> tuple[list[CartLine], dict[int, Offer]]:
    """Return the lines of a cart, oldest first, and {sku_id: Offer}: two queries, one while pages are kept."""
    rows = _priced_lines(cart=cart_id, **priced_at(at))
    lines = [
        CartLine(cart_id=cart_id, sku=sku, **{name: vars(sku)[f"line_{name}"] for name in _OF_LINE}) for sku in rows
    ]
    return lines, offers_of(rows, from_kept=from_kept)


def _compose_lines() -> QuerySet:
    skus = priced_skus().filter(cart_lines__cart=Hole("cart", BigIntegerField()))
    named = skus.annotate(**{f"line_{name}": F(f"cart_lines__{name}") for name in _OF_LINE})
    return named.order_by("cart_lines__added_at", "cart_lines__id")


_priced_lines = Composed(_compose_lines)
