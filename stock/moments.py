"""Moments on a shop's clock, as people say them: 14:20, tomorrow 8:10, Sat 21 Nov 8:10."""

import datetime as dt
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext

from stock.models import Shop


def local(moment: dt.datetime, shop: Shop) -> dt.datetime:
    """Return a moment on the shop's clock."""
    return moment.astimezone(ZoneInfo(shop.timezone))


def is_today(moment: dt.datetime, shop: Shop, at: dt.datetime) -> bool:
    """Return whether a moment is on the same day as `at` in the shop."""
    return local(moment, shop).date() == local(at, shop).date()


def clock(moment: dt.datetime, shop: Shop) -> str:
    """Return the time of day in the shop: 8:10."""
    there = local(moment, shop)
    return f"{there.hour}:{there.minute:02d}"


def say(moment: dt.datetime, shop: Shop, at: dt.datetime) -> str:
    """Return a moment as people say it at `at`, with its day unless that is today."""
    there, today = local(moment, shop), local(at, shop).date()
    time = clock(moment, shop)
    if there.date() == today:
        return time
    if there.date() == today + dt.timedelta(days=1):
        return gettext("tomorrow %(time)s") % {"time": time}
    # The day is worked out above: a naive value keeps the formatter from moving it to another zone.
    return f"{date_format(there.replace(tzinfo=None), 'D j M')} {time}"
