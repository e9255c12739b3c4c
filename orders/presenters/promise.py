"""The promised time and the end of the hold of an order, in words, with day and hour."""

import datetime as dt

from django.utils.translation import gettext

from orders.models import Order
from stock.hours import promise_at
from stock.models import Shop
from stock.moments import is_today, say

Status = Order.Status


def expected_at(order: Order, shop: Shop, at: dt.datetime) -> dt.datetime:
    """Return when the order will be ready: as promised, or later while it waits for a payment.

    `shop` is the order's, with its hours loaded.
    """
    if order.status != Status.AWAITING_PAYMENT:
        return order.promised_at
    return max(order.promised_at, promise_at(shop, at) or order.promised_at)


def ready_text(order: Order, shop: Shop, at: dt.datetime, *, read_at: dt.datetime | None) -> str:
    """Return "Ready at 10:20 at Canal", with the day unless it is today for the reader."""
    when = expected_at(order, shop, at)
    is_for_today = is_today(when, shop, read_at)
    text = gettext("Ready at %(time)s at %(shop)s") if is_for_today else gettext("Ready %(time)s at %(shop)s")
    return text % {"time": say(when, shop, read_at), "shop": shop.name_text}


def held_text(order: Order, read_at: dt.datetime | None) -> str:
    """Return until when the order is held, empty if without an end."""
    return say(order.expires_at, order.shop, read_at) if order.expires_at else ""
