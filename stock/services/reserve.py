"""Reserve goods for an order, and release them.

All lines of an order are taken together or not at all. On PostgreSQL one statement locks the levels in
the order of the SKU and updates them; on SQLite, which has one writer, a loop in the same order.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext

from common.errors import DomainError
from common.quantity import sql_round
from stock.models import Reservation, StockLevel
from stock.services.levels import available, band_of, shift_levels, tell_flips

_BAND = "CASE WHEN {left} <= 0 THEN 0 WHEN {left} <= l.low_at THEN 1 ELSE 2 END"
_TAKE_ALL = """
WITH want(sku_id, qty) AS (VALUES {values}),
locked AS MATERIALIZED (
  SELECT l.id, l.band, want.qty FROM stock_stocklevel l JOIN want ON want.sku_id = l.sku_id
  WHERE l.shop_id = %s ORDER BY l.sku_id FOR UPDATE OF l
)
UPDATE stock_stocklevel l SET reserved = l.reserved + locked.qty, band = {band}
FROM locked WHERE l.id = locked.id AND l.on_hand - l.reserved >= locked.qty
RETURNING l.sku_id, locked.band, l.band
"""


class OutOfStock(DomainError):
    """Some lines cannot be filled. extra["short"]: {sku_id: what is left, Decimal in the SKU's unit}."""

    code = "out_of_stock"


def reserve(
    *, shop_id: int, wanted: Mapping[int, Decimal], reference: str, expires_at: dt.datetime | None, at: dt.datetime
) -> None:
    """Reserve goods as `claim` does, in a transaction or savepoint of its own: after a refusal nothing is kept."""
    with transaction.atomic():
        claim(shop_id=shop_id, wanted=wanted, reference=reference, expires_at=expires_at, at=at)


def claim(
    *, shop_id: int, wanted: Mapping[int, Decimal], reference: str, expires_at: dt.datetime | None, at: dt.datetime
) -> None:
    """Reserve {sku_id: quantity} at a shop for the order `reference`, all or nothing.

    Runs in the caller's transaction. Raises OutOfStock naming every short line; the caller rolls back then. Raises
    ValueError for no lines or quantities that are not positive. Writes an outbox row for each band that flips.
    """
    if not wanted or min(wanted.values()) <= 0:
        raise ValueError("a claim takes positive quantities")
    take = _take_unguarded if settings.TEST_LOCKS_OFF else _take
    taken = take(shop_id, wanted)
    if len(taken) < len(wanted):
        short = [sku_id for sku_id in wanted if sku_id not in taken]
        raise OutOfStock(
            gettext("Some items are no longer available at this shop."),
            extra={"short": _left(shop_id, short)},
        )
    rows = Reservation.objects.bulk_create(
        Reservation(
            shop_id=shop_id, sku_id=sku_id, reference=reference, quantity=quantity,
            expires_at=expires_at, created_at=at,
        )
        for sku_id, quantity in sorted(wanted.items())
    )  # fmt: skip
    tell_flips(bands=taken, shop_id=shop_id, at=at, cause=f"r{rows[0].pk}")


def _take(shop_id: int, wanted: Mapping[int, Decimal]) -> dict[int, tuple[int, int]]:
    """Move `reserved` of every line that can be filled; return {sku_id: (band before, band now)}."""
    return (_take_in_one if connection.vendor == "postgresql" else _take_in_turn)(shop_id, wanted)


def _take_in_one(shop_id: int, wanted: Mapping[int, Decimal]) -> dict[int, tuple[int, int]]:
    band = _BAND.format(left="(l.on_hand - l.reserved - locked.qty)")
    values = ", ".join(["(%s::bigint, %s::numeric)"] * len(wanted))
    parameters = [value for pair in sorted(wanted.items()) for value in pair]
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_ALL.format(values=values, band=band), [*parameters, shop_id])
        return {sku_id: (before, now) for sku_id, before, now in cursor.fetchall()}


def _take_in_turn(shop_id: int, wanted: Mapping[int, Decimal]) -> dict[int, tuple[int, int]]:
    before = _bands(shop_id, wanted)
    taken = []
    for sku_id, quantity in sorted(wanted.items()):
        reserved = sql_round(F("reserved") + quantity)
        enough = StockLevel.objects.annotate(left=available()).filter(
            shop_id=shop_id, sku_id=sku_id, left__gte=quantity
        )
        if enough.update(reserved=reserved, band=band_of(available(reserved=reserved))):
            taken.append(sku_id)
    now = _bands(shop_id, taken)
    return {sku_id: (before[sku_id], now[sku_id]) for sku_id in taken}


def _bands(shop_id: int, sku_ids: Iterable[int]) -> dict[int, int]:
    levels = StockLevel.objects.filter(shop_id=shop_id, sku_id__in=list(sku_ids))
    return dict(levels.values_list("sku_id", "band"))


def _take_unguarded(shop_id: int, wanted: Mapping[int, Decimal]) -> dict[int, tuple[int, int]]:
    """The red control of the races: look, then write what was seen plus one's own. Never on in production."""
    levels = {level.sku_id: level for level in StockLevel.objects.filter(shop_id=shop_id, sku_id__in=wanted)}
    taken: dict[int, tuple[int, int]] = {}
    for sku_id, quantity in wanted.items():
        level = levels.get(sku_id)
        if level is not None and level.on_hand - level.reserved >= quantity:
            StockLevel.objects.filter(pk=level.pk).update(reserved=level.reserved + quantity)
            taken[sku_id] = (level.band, level.band)
    return taken


def _left(shop_id: int, sku_ids: list[int]) -> dict[int, Decimal]:
    levels = StockLevel.objects.filter(shop_id=shop_id, sku_id__in=sku_ids)
    left = {level.sku_id: level.on_hand - level.reserved for level in levels}
    return {sku_id: left.get(sku_id, Decimal(0)) for sku_id in sku_ids}


def release(*, reference: str, at: dt.datetime, state: str = Reservation.State.RELEASED) -> int:
    """Release the goods an order holds (`released` when cancelled, `expired` when its time is over).

    Returns how many reservations were live; a second call finds none.
    """
    with transaction.atomic():
        held = close_held(reference=reference, state=state, at=at)
        for shop_id, rows in by_shop(held).items():
            freed = {row.sku_id: -row.quantity for row in rows}
            shift_levels(shop_id=shop_id, reserved=freed, at=at, cause=f"{state}{rows[0].pk}")
    return len(held)


def close_held(*, reference: str, state: str, at: dt.datetime) -> list[Reservation]:
    """Close an order's live reservations, in the order of the SKU; the caller moves the levels."""
    held = list(
        Reservation.objects.select_for_update()
        .filter(reference=reference, state=Reservation.State.HELD)
        .order_by("sku_id")
    )
    if held:
        Reservation.objects.filter(pk__in=[row.pk for row in held]).update(state=state, closed_at=at)
    return held


def by_shop(rows: Iterable[Reservation]) -> dict[int, list[Reservation]]:
    """Return {shop_id: reservations}, each in the order of the SKU; an order's are all at one shop."""
    found: dict[int, list[Reservation]] = defaultdict(list)
    for row in rows:
        found[row.shop_id].append(row)
    return found


def set_expiry(*, reference: str, expires_at: dt.datetime | None) -> int:
    """Say until when an order's live reservations are held; None is until it is handed over or cancelled."""
    with transaction.atomic():
        held = Reservation.objects.filter(reference=reference, state=Reservation.State.HELD)
        return held.update(expires_at=expires_at)
