"""Employees, and orders at each stage, created through the services."""

import datetime as dt

from allauth.account.models import EmailAddress
from django.test import Client

from accounts.models import User
from common.actors import WORKER, Actor
from orders.models import Order, OrderLine
from orders.services.cancel import cancel_order
from orders.services.hand_over import hand_over
from orders.tests.factories import make_order, make_person, make_shop, take_to
from stock.models import Shop, ShopStaff
from tests.moments import AT


def make_employee(*shops: Shop, role: str = "employee", name: str = "Anna Berg") -> User:
    """Return a person with a role who works at each of these shops."""
    user = make_person(role, name=name)
    EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
    for shop in shops:
        ShopStaff.objects.create(user=user, shop=shop)
    return user


def sign_in(user: User) -> Client:
    """Return a browser in which this person is signed in."""
    client = Client()
    client.force_login(user)
    return client


def make_open_order(status: str, at: dt.datetime = AT, **extra) -> Order:
    """Return an order moved to `status` by the worker; one awaiting payment is left there."""
    order = make_order(at, **extra)
    return order if order.status == Order.Status.AWAITING_PAYMENT else take_to(order, status, at)


def make_collected(at: dt.datetime = AT, nonce: str = "first-nonce", **extra) -> Order:
    """Return an order paid in cash and handed over by the worker."""
    order = make_open_order("ready", at, **extra)
    hand_over(order_id=order.pk, nonce=nonce, taken="cash", actor=WORKER, at=at, shop_ids=[order.shop_id])
    order.refresh_from_db()
    return order


def make_cancelled(at: dt.datetime = AT, **extra) -> Order:
    """Return an order the shop cancelled."""
    order = make_open_order("placed", at, **extra)
    cancel_order(order_id=order.pk, reason="no flour", actor=WORKER, at=at)
    order.refresh_from_db()
    return order


def hostile_line(order: Order) -> OrderLine:
    """Rename the order's line to markup and return it."""
    line = order.lines.get()
    line.name = "<script>alert(1)</script>"
    line.save(update_fields=["name"])
    return line


__all__ = [
    "Actor",
    "hostile_line",
    "make_cancelled",
    "make_collected",
    "make_employee",
    "make_open_order",
    "make_order",
    "make_shop",
    "sign_in",
]
