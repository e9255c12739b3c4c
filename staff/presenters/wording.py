"""The words of the panel: times on the shop's clock, lengths of time, short and masked names, refusals."""

import datetime as dt
import zoneinfo

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from common.errors import DomainError
from orders import numbers
from orders.models import Order
from orders.presenters.wording import actor_word, short_status
from orders.services.change_status import AlreadyChanged
from stock.models import Shop


def local(moment: dt.datetime, shop: Shop) -> dt.datetime:
    """Return `moment` on the shop's clock."""
    return timezone.localtime(moment, zoneinfo.ZoneInfo(shop.timezone))


def clock(moment: dt.datetime, shop: Shop) -> str:
    """Return the shop's clock time, 13:54."""
    return date_format(local(moment, shop), "H:i")


def when(moment: dt.datetime, shop: Shop, at: dt.datetime) -> str:
    """Return the clock time, after the day unless it is today in the shop."""
    there, here = local(moment, shop), local(at, shop)
    if there.date() == here.date():
        return date_format(there, "H:i")
    return dated(moment, shop)


def dated(moment: dt.datetime, shop: Shop) -> str:
    """Return the clock time after its day, for paper, which is read on another day, too."""
    return date_format(local(moment, shop), "j M, H:i")


def span(length: dt.timedelta) -> str:
    """Return a length of time in whole minutes, hours or days; zero if negative."""
    minutes = max(int(length.total_seconds() // 60), 0)
    if minutes < 60:
        return gettext("%(n)d min") % {"n": minutes}
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return (
            gettext("%(h)d h %(m)d min") % {"h": hours, "m": minutes} if minutes else gettext("%(h)d h") % {"h": hours}
        )
    return ngettext("%(n)d day", "%(n)d days", hours // 24) % {"n": hours // 24}


def span_ago(length: dt.timedelta) -> str:
    """Return a length of time as a distance to the past: 4 min ago."""
    return gettext("%(span)s ago") % {"span": span(length)}


def short_name(name: str | None) -> str:
    """Return the first name and the initial of the last, Mira S., or a dash for an erased name."""
    words = (name or "").split()
    if not words:
        return "–"
    return words[0] if len(words) == 1 else f"{words[0]} {words[-1][0]}."


def masked_name(name: str | None) -> str:
    """Return the initials: M••• S•••."""
    return " ".join(f"{word[0]}•••" for word in (name or "").split()[:3]) or "–"


def refusal(error: DomainError, order: Order) -> str:
    """Return a refusal in the panel's words; for a stale change, who was first and when."""
    if isinstance(error, AlreadyChanged) and {"status", "by", "when"} <= error.extra.keys():
        return gettext("%(number)s is already “%(status)s”, by %(who)s %(time)s.") % {
            "number": numbers.group(order.number),
            "status": short_status(error.extra["status"]),
            "who": actor_word(error.extra["by"]),
            "time": clock(error.extra["when"], order.shop),
        }
    return error.message
