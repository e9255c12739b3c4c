"""Access to the staff panel, and the counter at which somebody works."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse

from accounts.actors import actor_of
from accounts.models import User
from accounts.roles import ROLES, may, role_of
from common.actors import Actor
from common.http import private
from orders.for_staff import find_order, visible_orders
from orders.models import Order
from stock.models import Shop
from stock.selectors import staff_shops

SHOP_KEY = "staff_shop"


@dataclass(frozen=True)
class Desk:
    """A person at work: their role, the shops they may see, and the one they are in (None without a shop)."""

    user: User
    role: str
    shops: list[Shop]
    shop: Shop | None

    @property
    def actor(self) -> Actor:
        """Return the person as an actor, under their name in histories."""
        return actor_of(self.user)

    @property
    def shop_ids(self) -> list[int]:
        """Return the ids of all their shops."""
        return [shop.pk for shop in self.shops]

    @property
    def role_label(self) -> str:
        """Return the role in words."""
        return str(ROLES[self.role])

    @property
    def is_owner(self) -> bool:
        """Return whether this person owns the site."""
        return self.role == "owner"

    @property
    def may_refund(self) -> bool:
        """Return whether this person decides about money; for templates, which cannot call `may`."""
        return self.may("orders.refund")

    @property
    def may_register(self) -> bool:
        """Return whether this person registers customers."""
        return self.may("customers.register")

    @property
    def may_verify_phones(self) -> bool:
        """Return whether this person verifies customers' phones."""
        return self.may("customers.verify_phone")

    @property
    def may_close_cash(self) -> bool:
        """Return whether this person reads the cash book and closes its days."""
        return self.may("orders.close_cash")

    @property
    def may_manage_staff(self) -> bool:
        """Return whether this person decides who works here."""
        return self.may("staff.manage")

    def may(self, action: str) -> bool:
        """Return whether their role allows `action`."""
        return may(self.user, action)

    @property
    def here(self) -> list[int]:
        """Return the id of their current shop in a list, which is empty without a shop."""
        return [self.shop.pk] if self.shop else []

    def orders(self, at: dt.datetime) -> QuerySet[Order]:
        """Return the orders they may open."""
        return visible_orders(role=self.role, shop_ids=self.shop_ids, at=at)

    def order(self, number: str, at: dt.datetime) -> Order:
        """Return one order they may open, with its lines and `due`; raise Http404 for any other number."""
        order = find_order(self.orders(at), number)
        if order is None:
            raise Http404("no such order for this person")
        return order


def staff_only(action: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Admit people who may do `action`, and call the view with their `Desk` after the request.

    Anonymous visitors are sent to sign in; signed-in people without the right get a 404. `?shop=<code>` moves a person
    with several shops to another of them for the session; the code of any other shop is a 404.
    """

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return private(redirect_to_login(request.get_full_path()))
            role = role_of(request.user)
            if role is None or not may(request.user, action):
                raise Http404("not for this person")
            shops = staff_shops(request.user)
            desk = Desk(request.user, role, shops, _choose_shop(request, shops))
            return private(view(request, desk, *args, **kwargs))

        wrapper.staff_action = action
        return wrapper

    return decorate


def _choose_shop(request: HttpRequest, shops: list[Shop]) -> Shop | None:
    by_code = {shop.code: shop for shop in shops}
    wanted = request.GET.get("shop")
    if wanted is not None:
        if wanted not in by_code:
            raise Http404("no such shop for this person")
        if request.session.get(SHOP_KEY) != wanted:
            request.session[SHOP_KEY] = wanted
        return by_code[wanted]
    return by_code.get(request.session.get(SHOP_KEY), shops[0] if shops else None)
