"""Reading the cash book: what a shop took and refunded at the counter, day by day on its own clock."""

import datetime as dt
import zoneinfo
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.db.models import F, QuerySet, Sum
from django.db.models.functions import TruncDate

from common.money import ZERO
from common.quantity import sql_round
from orders.models import CashDay, Payment, Refund
from stock.models import Shop


@dataclass(frozen=True)
class DayFigures:
    """The money of the counter on one day, in the site's currency: taken and refunded, in cash and by card."""

    cash: Decimal = ZERO
    card: Decimal = ZERO
    cash_refunded: Decimal = ZERO
    card_refunded: Decimal = ZERO

    @property
    def till(self) -> Decimal:
        """Return by how much the day changed the cash in the till."""
        return self.cash - self.cash_refunded


NOTHING = DayFigures()


def today_at(shop: Shop, at: dt.datetime) -> dt.date:
    """Return the date on the shop's clock."""
    return at.astimezone(_zone(shop)).date()


def figures_of(shop: Shop, first: dt.date, last: dt.date) -> dict[dt.date, DayFigures]:
    """Return the figures of the days from `first` to `last` on which money moved at the counter; two queries."""
    zone = _zone(shop)
    begins, ends = (_midnight(day, zone) for day in (first, last + dt.timedelta(days=1)))
    taken = Payment.objects.captured().filter(
        order__shop=shop, currency=settings.SHOP_CURRENCY, captured_at__gte=begins, captured_at__lt=ends
    )
    back = Refund.objects.filter(
        state=Refund.State.DONE,
        payment__order__shop=shop,
        payment__currency=settings.SHOP_CURRENCY,
        done_at__gte=begins,
        done_at__lt=ends,
    )
    days: dict[dt.date, dict[str, Decimal]] = defaultdict(dict)
    for day, way, amount in _by_day(taken.exclude(taken=""), "captured_at", "taken", zone):
        days[day][way] = amount
    for day, way, amount in _by_day(back.exclude(paid_out=""), "done_at", "paid_out", zone):
        days[day][f"{way}_refunded"] = amount
    return {day: DayFigures(**amounts) for day, amounts in days.items()}


def closed_days(shop: Shop, first: dt.date, last: dt.date) -> dict[dt.date, CashDay]:
    """Return the closed days from `first` to `last`, by date."""
    return {day.date: day for day in CashDay.objects.filter(shop=shop, date__range=(first, last))}


def usual_opening(shop: Shop, date: dt.date) -> Decimal:
    """Return the opening amount of the last closed day before `date`, zero before there is one."""
    days = CashDay.objects.filter(shop=shop, date__lt=date).order_by("-date")
    return days.values_list("opening", flat=True).first() or ZERO


def _by_day(rows: QuerySet, moment: str, way: str, zone: zoneinfo.ZoneInfo) -> list[tuple[dt.date, str, Decimal]]:
    dated = rows.annotate(day=TruncDate(moment, tzinfo=zone), way=F(way)).order_by().values("day", "way")
    return list(dated.annotate(sum=sql_round(Sum("amount"), 2)).values_list("day", "way", "sum"))


def _zone(shop: Shop) -> zoneinfo.ZoneInfo:
    return zoneinfo.ZoneInfo(shop.timezone)


def _midnight(day: dt.date, zone: zoneinfo.ZoneInfo) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), tzinfo=zone)
