"""Opening hours: pure functions over shops whose hours and special days are loaded (see selectors)."""

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext

from stock.models import Shop

HORIZON_DAYS = 7


@dataclass(frozen=True)
class Opening:
    """One stretch of time in which a shop is open; both ends in UTC, `date` is the local day it begins on."""

    opens_at: dt.datetime
    closes_at: dt.datetime
    date: dt.date


@dataclass(frozen=True)
class DayHours:
    """One day of the week as printed: Monday is 0."""

    weekday: int
    label: str
    text: str


def openings(shop: Shop, start: dt.datetime, days: int = HORIZON_DAYS) -> list[Opening]:
    """Return the openings that end after `start` and begin within `days` days of it, in order."""
    zone = ZoneInfo(shop.timezone)
    first = start.astimezone(zone).date() - dt.timedelta(days=1)
    found = [
        opening
        for offset in range(days + 2)
        for opening in _day_openings(shop, first + dt.timedelta(days=offset), zone)
        if opening.closes_at > start and opening.opens_at <= start + dt.timedelta(days=days)
    ]
    return sorted(found, key=lambda opening: opening.opens_at)


def _day_openings(shop: Shop, date: dt.date, zone: ZoneInfo) -> list[Opening]:
    special = next((day for day in shop.days.all() if day.date == date), None)
    if special is not None:
        spans = [(special.opens, special.closes)] if special.opens is not None else []
    else:
        spans = [(row.opens, row.closes) for row in shop.hours.all() if row.weekday == date.weekday()]
    return [_opening(date, opens, closes, zone) for opens, closes in spans]


def _opening(date: dt.date, opens: dt.time, closes: dt.time, zone: ZoneInfo) -> Opening:
    end = date if closes > opens else date + dt.timedelta(days=1)
    return Opening(
        dt.datetime.combine(date, opens, tzinfo=zone).astimezone(dt.UTC),
        dt.datetime.combine(end, closes, tzinfo=zone).astimezone(dt.UTC),
        date,
    )


def is_open(shop: Shop, at: dt.datetime) -> bool:
    """Return whether the shop is open at this moment."""
    return any(opening.opens_at <= at < opening.closes_at for opening in openings(shop, at, 1))


def next_opening(shop: Shop, at: dt.datetime) -> Opening | None:
    """Return the first opening that begins after `at`, within seven days."""
    return next((opening for opening in openings(shop, at) if opening.opens_at > at), None)


def promise_at(shop: Shop, at: dt.datetime) -> dt.datetime | None:
    """Return when an order placed now can be collected: the lead time counted in opening hours.

    None when the shop takes no orders, or does not open within seven days. An order placed shortly
    before closing whose lead time does not fit is promised for the next opening.
    """
    if not shop.is_active or (shop.paused_until is not None and shop.paused_until > at):
        return None
    lead = dt.timedelta(minutes=shop.lead_minutes)
    upcoming = openings(shop, at)
    for opening in upcoming:
        ready = max(opening.opens_at, at) + lead
        if ready <= opening.closes_at:
            return ready
    # A lead time longer than any opening: ready when it is over, at the door's next opening.
    return next((opening.opens_at for opening in upcoming if opening.opens_at >= at + lead), None)


def hold_until(shop: Shop, at: dt.datetime) -> dt.datetime:
    """Return until when an uncollected order is kept: the end of the shop's next open day, or of the n-th.

    Only open days count (`hold_days`); a shop that opens no more keeps it that many calendar days.
    """
    zone = ZoneInfo(shop.timezone)
    today = at.astimezone(zone).date()
    ends: dict[dt.date, dt.datetime] = {}
    for opening in openings(shop, at, HORIZON_DAYS * 2):
        if opening.date > today:
            ends[opening.date] = max(opening.closes_at, ends.get(opening.date, opening.closes_at))
    days = sorted(ends)
    if len(days) >= max(shop.hold_days, 1):
        return ends[days[max(shop.hold_days, 1) - 1]]
    return at + dt.timedelta(days=max(shop.hold_days, 1) + 1)


def week(shop: Shop) -> list[DayHours]:
    """Return the seven days as printed, Monday first."""
    rows = list(shop.hours.all())
    return [
        DayHours(weekday, str(WEEKDAYS[weekday]), _day_text([row for row in rows if row.weekday == weekday]))
        for weekday in range(7)
    ]


def _day_text(rows: list) -> str:
    if not rows:
        return gettext("closed")
    return ", ".join(f"{row.opens:%-H:%M}–{row.closes:%-H:%M}" for row in sorted(rows, key=lambda row: row.opens))


def hours_summary(shop: Shop) -> str:
    """Return the hours most days have, for one line."""
    texts = [day.text for day in week(shop)]
    return max(set(texts), key=lambda text: (texts.count(text), -texts.index(text)))
