"""Shops in words: their hours of today, and pauses of orders."""

import datetime as dt

from django.utils.translation import gettext

from stock.hours import next_opening, openings
from stock.models import Shop
from stock.moments import say


def shop_today(shop: Shop, at: dt.datetime) -> str:
    """Return in words whether the shop is open now: open till 20:00, or closed until when."""
    now = next((opening for opening in openings(shop, at, 1) if opening.opens_at <= at < opening.closes_at), None)
    if now is not None:
        return gettext("open till %(time)s") % {"time": say(now.closes_at, shop, at)}
    coming = next_opening(shop, at)
    if coming is None:
        return gettext("closed this week")
    return gettext("closed now, opens %(time)s") % {"time": say(coming.opens_at, shop, at)}


def no_orders(shop: Shop, at: dt.datetime) -> str:
    """Return the sentence for a shop that takes no orders, with the end of the pause if known."""
    if shop.is_active and shop.paused_until is not None and shop.paused_until > at:
        return gettext("No orders until %(time)s") % {"time": say(shop.paused_until, shop, at)}
    return gettext("No orders now")
