"""The cash book in words: one day, and the days before it."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext

from common.money import ZERO, format_money
from orders.cash_book import NOTHING, DayFigures
from orders.models import CashDay
from orders.presenters.wording import actor_word
from staff.presenters import wording
from stock.models import Shop

DAYS_SHOWN = 30


@dataclass(frozen=True)
class Closing:
    """A closed day: its count in words. `has_moved`: money of that day moved after it was closed."""

    rows: list[tuple[str, str]]
    reason: str
    who: str
    has_moved: bool


@dataclass(frozen=True)
class DayRow:
    """A day of the list. `state` is the tag's text, `tone` its tone."""

    date: str
    label: str
    taken: str
    state: str
    tone: str
    is_shown: bool


@dataclass(frozen=True)
class Book:
    """The page: the day shown with its figures, its closing if it is closed, and the days before."""

    shop: str
    date: str
    label: str
    figures: list[tuple[str, str]]
    till: str
    closing: Closing | None
    days: list[DayRow]


def build_book(
    shop: Shop,
    day: dt.date,
    today: dt.date,
    figures: Mapping[dt.date, DayFigures],
    closed: Mapping[dt.date, CashDay],
) -> Book:
    """Word a day, and the days up to `today` on which money moved or that were closed, newest first."""
    shown = figures.get(day, NOTHING)
    dates = sorted({*figures, *closed, day, today}, reverse=True)
    return Book(
        shop=shop.name_text,
        date=day.isoformat(),
        label=_label(day, today),
        figures=[
            (gettext("Taken in cash"), _money(shown.cash)),
            (gettext("Refunded in cash"), _less(shown.cash_refunded)),
            (gettext("Taken by card"), _money(shown.card)),
            (gettext("Refunded by card"), _less(shown.card_refunded)),
        ],
        till=_signed(shown.till),
        closing=_closing(closed[day], shown, shop) if day in closed else None,
        days=[_row(one, day, today, figures.get(one, NOTHING), closed.get(one)) for one in dates],
    )


def _closing(done: CashDay, figures: DayFigures, shop: Shop) -> Closing:
    words = {"who": actor_word(done.actor_label), "when": wording.dated(done.at, shop)}
    return Closing(
        rows=[
            (gettext("In the till in the morning"), _money(done.opening)),
            (gettext("Expected"), _money(done.expected)),
            (gettext("Counted"), _money(done.counted)),
            (gettext("Difference"), _signed(done.difference)),
        ],
        reason=done.reason,
        who=gettext("Closed by %(who)s, %(when)s") % words,
        has_moved=done.opening + figures.till != done.expected,
    )


def _row(date: dt.date, shown: dt.date, today: dt.date, figures: DayFigures, done: CashDay | None) -> DayRow:
    words = {"cash": _money(figures.till), "card": _money(figures.card - figures.card_refunded)}
    state, tone = _state(done)
    return DayRow(
        date=date.isoformat(),
        label=_label(date, today),
        taken=gettext("%(cash)s in cash, %(card)s by card") % words,
        state=state,
        tone=tone,
        is_shown=date == shown,
    )


def _state(done: CashDay | None) -> tuple[str, str]:
    if done is None:
        return gettext("Not closed"), ""
    if done.difference == ZERO:
        return gettext("Closed"), "ok"
    return gettext("Closed, %(difference)s") % {"difference": _signed(done.difference)}, "warn"


def _label(day: dt.date, today: dt.date) -> str:
    if day == today:
        return gettext("Today, %(day)s") % {"day": date_format(day, "j F")}
    return date_format(day, "l, j F")


def _money(amount: Decimal) -> str:
    return format_money(amount, settings.SHOP_CURRENCY)


def _less(amount: Decimal) -> str:
    return f"−{_money(amount)}" if amount else _money(amount)


def _signed(amount: Decimal) -> str:
    """Return an amount with its sign, as differences are written."""
    sign = "+" if amount > ZERO else "−" if amount < ZERO else ""
    return f"{sign}{_money(abs(amount))}"
