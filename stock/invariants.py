"""Invariants of stock: what is promised is held, and every change of what is on hand is a movement."""

import datetime as dt
from collections.abc import Iterable

from django.db.models import DecimalField, Exists, Expression, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from common.quantity import sql_round
from common.registry import Row, invariant
from stock.models import Reservation, StockLevel, StockMovement

_QUANTITY = DecimalField(max_digits=12, decimal_places=3)
GRACE = dt.timedelta(minutes=2)


def _sum(rows: QuerySet) -> Expression:
    """Return the sum of movements or reservations of the outer level."""
    same = rows.filter(shop=OuterRef("shop"), sku=OuterRef("sku")).order_by().values("shop", "sku")
    total = same.annotate(total=Sum("quantity")).values("total")
    return sql_round(Coalesce(Subquery(total, output_field=_QUANTITY), Value(0), output_field=_QUANTITY))


def _without_level(rows: QuerySet) -> QuerySet:
    """Return the movements or reservations of goods that their shop has no level of."""
    return rows.exclude(Exists(StockLevel.objects.filter(shop=OuterRef("shop"), sku=OuterRef("sku"))))


@invariant("I01", "on hand >= reserved >= 0 for each SKU and shop")
def levels_in_bounds(at: dt.datetime) -> Iterable[Row]:
    bad = StockLevel.objects.filter(Q(reserved__lt=0) | Q(on_hand__lt=F("reserved")))
    return bad.values("shop_id", "sku_id", "on_hand", "reserved")


@invariant("I02", "reserved = sum of live reservations")
def reserved_is_held(at: dt.datetime) -> Iterable[Row]:
    held = _sum(Reservation.objects.filter(state=Reservation.State.HELD))
    levels = StockLevel.objects.annotate(held=held, known=sql_round(F("reserved")))
    yield from levels.exclude(known=F("held")).values("shop_id", "sku_id", "reserved", "held")
    live = Reservation.objects.filter(state=Reservation.State.HELD)
    yield from _without_level(live).values("shop_id", "sku_id", "reference", "quantity")


@invariant("I03", "on hand = sum of movements")
def on_hand_is_moved(at: dt.datetime) -> Iterable[Row]:
    levels = StockLevel.objects.annotate(moved=_sum(StockMovement.objects.all()), known=sql_round(F("on_hand")))
    yield from levels.exclude(known=F("moved")).values("shop_id", "sku_id", "on_hand", "moved")
    yield from _without_level(StockMovement.objects.all()).values("shop_id", "sku_id", "kind", "quantity")


@invariant("I04", "no live reservation is more than 2 minutes past its expiry")
def nothing_overdue(at: dt.datetime) -> Iterable[Row]:
    overdue = Reservation.objects.filter(state=Reservation.State.HELD, expires_at__lt=at - GRACE)
    return overdue.values("reference", "sku_id", "expires_at")


@invariant("I04b", "the band of each level is that of what is left")
def bands_are_true(at: dt.datetime) -> Iterable[Row]:
    left = sql_round(F("on_hand") - F("reserved"))
    levels = StockLevel.objects.annotate(left=left)
    wrong = (
        levels.filter(left__lte=0).exclude(band=0)
        | levels.filter(left__gt=0, left__lte=F("low_at")).exclude(band=1)
        | levels.filter(Q(left__gt=0) & Q(left__gt=F("low_at"))).exclude(band=2)
    )
    return wrong.values("shop_id", "sku_id", "left", "low_at", "band")
