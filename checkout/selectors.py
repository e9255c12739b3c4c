"""Reading carts: which one a visitor has, which one a page of the checkout means."""

import uuid
from dataclasses import dataclass

from accounts.models import User
from checkout.models import Cart


@dataclass(frozen=True)
class MeantCart:
    """The cart that a page of the checkout means; `is_another` than the one it showed, and still open."""

    cart: Cart | None
    is_another: bool = False


def find_cart(*, token: str | None, user: User | None) -> Cart | None:
    """Return the open cart of the customer, else of the cookie; None without one."""
    mine = Cart.objects.open().filter(user=user).first() if user else None
    return mine or Cart.objects.open().of_browser(token).first()


def meant_cart(*, current: Cart | None, shown: uuid.UUID | None, token: str | None, user: User | None) -> MeantCart:
    """Return the cart that a submitted page means: `shown` is the one it named, `current` the visitor's open one.

    A second click finds the cart that has become an order. The page of an order placed long ago must not order the
    cart of today.
    """
    if current is not None and shown in (None, current.public_id):
        return MeantCart(current)
    ordered = Cart.objects.ordered().of_visitor(user, token)
    found = (ordered.filter(public_id=shown) if shown else ordered.order_by("-closed_at", "-id")).first()
    return MeantCart(found or current, is_another=found is None and current is not None)
