"""What cart and checkout say about shops: when each is open, from when an order waits, how much it has."""

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

from django import template
from django.utils.formats import date_format
from django.utils.translation import gettext

from checkout.presenters.cart import LineRow
from checkout.quantities import clip_to_step
from common.money import ZERO
from stock.hours import next_opening, openings
from stock.models import Shop

register = template.Library()


@register.simple_tag
def shop_moment(moment: dt.datetime, shop: Shop, at: dt.datetime) -> str:
    """Return a moment as people say it at `at`: 14:20, tomorrow 8:10, Sat 21 Nov 8:10."""
    zone = ZoneInfo(shop.timezone)
    local, today = moment.astimezone(zone), at.astimezone(zone).date()
    # The day is worked out above: a naive value keeps the formatter from moving it to another zone.
    time = f"{local.hour}:{local.minute:02d}"
    if local.date() == today:
        return time
    if local.date() == today + dt.timedelta(days=1):
        return gettext("tomorrow %(time)s") % {"time": time}
    return f"{date_format(local.replace(tzinfo=None), 'D j M')} {time}"


@register.simple_tag
def shop_today(shop: Shop, at: dt.datetime) -> str:
    """Return whether the shop is open now: open till 20:00, or closed and until when."""
    now = next((opening for opening in openings(shop, at, 1) if opening.opens_at <= at < opening.closes_at), None)
    if now is not None:
        return gettext("open till %(time)s") % {"time": shop_moment(now.closes_at, shop, at)}
    coming = next_opening(shop, at)
    if coming is None:
        return gettext("closed this week")
    return gettext("closed now, opens %(time)s") % {"time": shop_moment(coming.opens_at, shop, at)}


@register.simple_tag
def no_orders(shop: Shop, at: dt.datetime) -> str:
    """Return that a shop takes no orders, and until when if somebody said so."""
    if shop.is_active and shop.paused_until is not None and shop.paused_until > at:
        return gettext("No orders until %(time)s") % {"time": shop_moment(shop.paused_until, shop, at)}
    return gettext("No orders now")


@register.simple_tag
def is_open_now(shop: Shop, at: dt.datetime) -> bool:
    """Return whether the shop is open at this moment."""
    return any(opening.opens_at <= at < opening.closes_at for opening in openings(shop, at, 1))


@register.filter
def no_stop(text: str) -> str:
    """Return a sentence as a tag prints it: without its full stop."""
    return text.removesuffix(".")


@register.simple_tag
def left_at(line: LineRow, shop: Shop) -> Decimal | None:
    """Return how much of a cart's line the shop can sell, in whole steps; None when nothing or not on sale."""
    if line.priced is None:
        return None
    return clip_to_step(min(line.quantity, line.offer.available.get(shop.pk, ZERO)), line.offer)
