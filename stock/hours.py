"""Opening hours: pure functions over shops whose hours and special days are loaded (see selectors)."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from zoneinfo import ZoneInfo

from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.formats import date_format
from django.utils.translation import gettext

from stock.models import Shop, ShopDay, ShopHours

HORIZON_DAYS = 7
PRINTED_DAYS = 14
_MIDNIGHT = dt.time(0)


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


@dataclass(frozen=True)
class SpecialHours:
    """One date as printed that differs from the week: "Fri 25 Dec", "closed" or its hours, and why."""

    date: dt.date
    label: str
    text: str
    note: str = ""

    @property
    def line(self) -> str:
        """Return the date for a line of text: Fri 25 Dec: closed (Christmas)."""
        return f"{self.label}: {self.text} ({self.note})" if self.note else f"{self.label}: {self.text}"


def openings(shop: Shop, start: dt.datetime, days: int = HORIZON_DAYS) -> Iterator[Opening]:
    """Find the openings that end after `start` and begin within `days` days of it, in order, as they are asked for.

    A special day replaces its weekday's hours. An end that falls into the hour that is missing or comes
    twice when the clocks change is taken so that the shop is never open outside what is printed.
    """
    zone = ZoneInfo(shop.timezone)
    first = start.astimezone(zone).date() - dt.timedelta(days=1)
    # Read once: `all()` takes its time for each day.
    hours, special = shop.hours.all(), {day.date: day for day in shop.days.all()}
    for offset in range(days + 3):
        for opening in _day_openings(hours, special, first + dt.timedelta(days=offset), zone):
            if opening.closes_at > max(start, opening.opens_at) and opening.opens_at <= start + dt.timedelta(days=days):
                yield opening


def _day_openings(
    hours: Iterable[ShopHours], special: Mapping[dt.date, ShopDay], date: dt.date, zone: ZoneInfo
) -> list[Opening]:
    day = special.get(date)
    if day is not None:
        spans = [(day.opens, day.closes)] if day.opens is not None and day.closes is not None else []
    else:
        spans = [(row.opens, row.closes) for row in hours if row.weekday == date.weekday()]
    found = [_opening(date, opens, closes, zone) for opens, closes in spans]
    return sorted(found, key=lambda opening: (opening.opens_at, opening.closes_at))


def _opening(date: dt.date, opens: dt.time, closes: dt.time, zone: ZoneInfo) -> Opening:
    end = date if closes > opens else date + dt.timedelta(days=1)
    return Opening(max(_moments(date, opens, zone)), min(_moments(end, closes, zone)), date)


def _moments(date: dt.date, time: dt.time, zone: ZoneInfo) -> tuple[dt.datetime, dt.datetime]:
    """Return the two moments a wall clock may mean: they differ only where the clocks change."""
    local = dt.datetime.combine(date, time, tzinfo=zone)
    return local.replace(fold=0).astimezone(dt.UTC), local.replace(fold=1).astimezone(dt.UTC)


def _stretches(shop: Shop, start: dt.datetime, days: int = HORIZON_DAYS) -> Iterator[Opening]:
    """Find the openings with those that touch or overlap joined: a shop that never shuts has one stretch."""
    last: Opening | None = None
    for opening in openings(shop, start, days):
        if last is not None and opening.opens_at <= last.closes_at:
            last = Opening(last.opens_at, max(last.closes_at, opening.closes_at), last.date)
        else:
            yield from [last] if last else []
            last = opening
    yield from [last] if last else []


def is_open(shop: Shop, at: dt.datetime) -> bool:
    """Return whether the shop is open at this moment."""
    return any(opening.opens_at <= at < opening.closes_at for opening in openings(shop, at, 1))


def next_opening(shop: Shop, at: dt.datetime) -> Opening | None:
    """Return the first opening that begins after `at`, within seven days."""
    return next((opening for opening in openings(shop, at) if opening.opens_at > at), None)


def is_paused(shop: Shop, at: dt.datetime) -> bool:
    """Return whether the shop takes no orders now, though it may be open: switched off or paused."""
    return not shop.is_active or (shop.paused_until is not None and shop.paused_until > at)


def promise_at(shop: Shop, at: dt.datetime) -> dt.datetime | None:
    """Return when an order placed now can be collected: the lead time is spent while the shop is open.

    What does not fit before closing goes on at the next opening; when the shop is shut the order is for
    the next opening plus the lead time. Always a moment in opening hours (or the moment of closing). None
    when the shop takes no orders now, or does not open within seven days.
    """
    if is_paused(shop, at):
        return None
    left = dt.timedelta(minutes=shop.lead_minutes)
    stretches = _stretches(shop, at, HORIZON_DAYS + left.days + 1)
    first = next(stretches, None)
    if first is None or first.opens_at > at + dt.timedelta(days=HORIZON_DAYS):
        return None
    for stretch in chain([first], stretches):
        begins = max(stretch.opens_at, at)
        if begins + left <= stretch.closes_at:
            return begins + left
        left -= stretch.closes_at - begins
    # More work than two weeks of opening hours: nobody should promise that.
    return None


def hold_until(shop: Shop, at: dt.datetime) -> dt.datetime:
    """Return until when an order to collect at `at` is kept: the end of the shop's next open day, or of the n-th.

    Only open days count (`hold_days`, at least one), today is not one of them; an opening past midnight
    belongs to the day it began on. A shop that opens no more keeps it that many calendar days.
    """
    wanted = max(shop.hold_days, 1)
    today = at.astimezone(ZoneInfo(shop.timezone)).date()
    ends: dict[dt.date, dt.datetime] = {}
    for opening in openings(shop, at, HORIZON_DAYS * (wanted + 1)):
        if opening.opens_at <= at:
            today = min(today, opening.date)
        # Overlapping openings may both have begun: the later one is the next open day all the same.
        if opening.date > today:
            if len(ends) == wanted and opening.date not in ends:
                break
            ends[opening.date] = max(opening.closes_at, ends.get(opening.date, opening.closes_at))
    days = sorted(ends)
    return ends[days[wanted - 1]] if len(days) >= wanted else at + dt.timedelta(days=wanted + 1)


def week(shop: Shop) -> list[DayHours]:
    """Return the seven days as printed, Monday first."""
    days = [[row for row in shop.hours.all() if row.weekday == weekday] for weekday in range(7)]
    never_shuts = all(any(row.opens == row.closes for row in rows) for rows in days)
    return [
        DayHours(weekday, str(WEEKDAYS[weekday]), gettext("open 24 hours") if never_shuts else _day_text(rows))
        for weekday, rows in enumerate(days)
    ]


def _day_text(rows: Sequence[ShopHours | ShopDay]) -> str:
    if not rows:
        return gettext("closed")
    if any(row.opens == row.closes == _MIDNIGHT for row in rows):
        return gettext("open 24 hours")
    spans = sorted((row.opens, row.closes) for row in rows if row.opens is not None and row.closes is not None)
    return ", ".join(_span_text(opens, closes) for opens, closes in spans)


def _span_text(opens: dt.time, closes: dt.time) -> str:
    if opens == closes:
        return gettext("24 hours from %(time)s") % {"time": f"{opens:%-H:%M}"}
    return f"{opens:%-H:%M}–{closes:%-H:%M}"


def special_hours(shop: Shop, at: dt.datetime, days: int = PRINTED_DAYS) -> list[SpecialHours]:
    """Return the dates from today on, within two weeks, on which the shop keeps other hours than the week says.

    To be printed wherever the week's hours are.
    """
    today = at.astimezone(ZoneInfo(shop.timezone)).date()
    last = today + dt.timedelta(days=days - 1)
    coming = sorted((day for day in shop.days.all() if today <= day.date <= last), key=lambda day: day.date)
    return [
        SpecialHours(
            day.date,
            date_format(day.date, "D j M"),
            _day_text([day] if day.opens is not None else []),
            day.note_text,
        )
        for day in coming
    ]


def hours_summary(shop: Shop) -> str:
    """Return the hours most days have, for one line."""
    texts = [day.text for day in week(shop)]
    return max(set(texts), key=lambda text: (texts.count(text), -texts.index(text)))


def hours_line(shop: Shop) -> str:
    """Return the hours most days have, with the names of those days in front unless all seven have them."""
    text = hours_summary(shop)
    days = [day.weekday for day in week(shop) if day.text == text]
    if len(days) == len(WEEKDAYS):
        return text
    names = [str(WEEKDAYS_ABBR[day]) for day in days]
    is_run = len(days) > 2 and days[-1] - days[0] == len(days) - 1
    days_text = f"{names[0]}–{names[-1]}" if is_run else ", ".join(names)
    return f"{days_text}\u00a0{text}"
