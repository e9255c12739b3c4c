"""Reading carts: the visitor's, and the one meant by a page of the checkout."""

import uuid
from dataclasses import dataclass

from accounts.models import User
from checkout.models import Cart


@dataclass(frozen=True)
class MeantCart:
    """The cart meant by a page of the checkout. `is_another`: an open cart, but not the one the page showed."""

    cart: Cart | None
    is_another: bool = False


def find_cart(*, token: str | None, user: User | None) -> Cart | None:
    """Return the open cart of the customer, or else of the cookie, or None."""
    mine = Cart.objects.open().filter(user=user).first() if user else None
    return mine or Cart.objects.open().of_browser(token).first()


def meant_cart(*, current: Cart | None, shown: uuid.UUID | None, token: str | None, user: User | None) -> MeantCart:
    """Return the cart meant by a submitted page: `shown` is the one it named, `current` the visitor's open one.

    A second click finds the cart that has become an order. The page of an old order must never order today's cart.
    """
    if current is not None and shown in (None, current.public_id):
        return MeantCart(current)
    ordered = Cart.objects.ordered().of_visitor(user, token)
    found = (ordered.filter(public_id=shown) if shown else ordered.order_by("-closed_at", "-id")).first()
    return MeantCart(found or current, is_another=found is None and current is not None)
