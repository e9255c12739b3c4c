"""Carts filled and orders placed as visitors do it."""

import datetime as dt
from decimal import Decimal

from checkout.models import Cart, CartLine
from checkout.services import cart as carts
from checkout.services.cart import Added
from checkout.services.place_order import NewOrder, place_order, quote_cart
from common.actors import GUEST
from orders.models import Order
from orders.services.create import Buyer
from stock.models import Shop

BUYER = Buyer("Mila Berg", "+31205550142", "mila@example.com")


def make_cart(at: dt.datetime, user=None, **wanted: str) -> Cart:
    """Fill a cart with {article: quantity}; it is a guest's unless `user` is given."""
    cart = None
    for code, quantity in wanted.items():
        token = cart.token if cart else None
        cart = carts.add(token=token, user=user, code=code, quantity=Decimal(quantity), at=at).cart
    return cart or Cart.objects.create(created_at=at, updated_at=at, user=user)


def add(code: str, quantity: str, at: dt.datetime, token: str | None = None, user=None) -> Added:
    """Add to a cart as its page does."""
    return carts.add(token=token, user=user, code=code, quantity=Decimal(quantity), at=at)


def lines(cart: Cart) -> dict[str, Decimal]:
    """Return a cart's {article: quantity}."""
    return dict(CartLine.objects.filter(cart=cart).values_list("sku__code", "quantity"))


def place(cart: Cart, shop: Shop, at: dt.datetime, total: Decimal | None = None, **extra: object) -> Order:
    """Place the order of a cart; without `total` the buyer confirms the actual total."""
    return place_order(new=wish(cart, shop, at, total, **extra), actor=GUEST, at=at)


def wish(cart: Cart, shop: Shop, at: dt.datetime, total: Decimal | None = None, **extra: object) -> NewOrder:
    """Return the data that a cart's buyer submits at the checkout."""
    wanted = {
        "cart_id": cart.pk,
        "buyer": BUYER,
        "shop_id": shop.pk,
        "payment_method": "on_collection",
        "confirmed_total": total if total is not None else quote_cart(cart_id=cart.pk, at=at).total,
        "language": "en",
    }
    return NewOrder(**{**wanted, **extra})
