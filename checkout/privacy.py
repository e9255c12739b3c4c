"""The personal data of carts: none. A buyer's input is kept in the order only; a cart names its user by id."""

import datetime as dt
from collections.abc import Iterable

from django.db.models import F

from checkout.models import Cart, CartLine
from checkout.services.cart import delete_carts_of
from common.registry import Row, erases, exports, personal

personal()


@exports("cart")
def cart(user_id: int) -> Iterable[Row]:
    """What lies in the open cart of the account."""
    lines = CartLine.objects.filter(cart__user=user_id, cart__closed_at=None).order_by("pk")
    return lines.values("quantity", "price_seen", "added_at", article=F("sku__code"))


@erases(rank=1, left=lambda user_id: Cart.objects.filter(user=user_id).exists())
def carts(user_id: int, at: dt.datetime) -> Iterable[str]:
    """A cart goes with its owner."""
    delete_carts_of(user_id=user_id)
    return ()
