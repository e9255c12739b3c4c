"""Moments on a shop's clock, as people say them: 14:20, tomorrow 8:10, Sat 21 Nov 8:10.

`at` is the moment of reading. It is None for what is read on another day, too: emails and paper name the day itself.
"""

import datetime as dt
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext

from stock.models import Shop


def local(moment: dt.datetime, shop: Shop) -> dt.datetime:
    """Return a moment on the shop's clock."""
    return moment.astimezone(ZoneInfo(shop.timezone))


def is_today(moment: dt.datetime, shop: Shop, at: dt.datetime | None) -> bool:
    """Return whether a moment is on the same day as `at` in the shop."""
    return at is not None and local(moment, shop).date() == local(at, shop).date()


def clock(moment: dt.datetime, shop: Shop) -> str:
    """Return the time of day in the shop: 8:10."""
    there = local(moment, shop)
    return f"{there.hour}:{there.minute:02d}"


def say(moment: dt.datetime, shop: Shop, at: dt.datetime | None) -> str:
    """Return a moment as people say it at `at`, with its day unless that is today."""
    there, time = local(moment, shop), clock(moment, shop)
    # The day is worked out above: a naive value keeps the formatter from moving it to another zone.
    day = there.replace(tzinfo=None)
    if at is None:
        return f"{date_format(day, 'l j E')}, {time}"
    if is_today(moment, shop, at):
        return time
    if there.date() == local(at, shop).date() + dt.timedelta(days=1):
        return gettext("tomorrow %(time)s") % {"time": time}
    return f"{date_format(day, 'D j M')} {time}"
