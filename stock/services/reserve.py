"""Reserve goods for an order, and release them.

All lines of an order are taken together or not at all. On PostgreSQL one statement locks the levels in
the order of the SKU and updates them; on SQLite, which has one writer, a loop in the same order.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.models import F
from django.utils.translation import gettext

from common.errors import DomainError
from common.inserts import insert
from common.prepared import Prepared
from common.quantity import sql_round
from stock.models import Reservation, StockLevel
from stock.services.levels import available, band_of, shift_levels, tell_flips

# What is left is computed of `l` itself: an expression in the part that locks keeps the value from before the lock.
_HOLD_ALL = Prepared(
    "stock_stocklevel",
    """
WITH want(sku_id, qty) AS (SELECT * FROM unnest(%s::bigint[], %s::numeric[])),
locked AS MATERIALIZED (
  SELECT l.id, l.band, want.qty FROM stock_stocklevel l JOIN want ON want.sku_id = l.sku_id
  WHERE l.shop_id = %s ORDER BY l.sku_id FOR UPDATE OF l
),
taken AS (
  UPDATE stock_stocklevel l SET reserved = l.reserved + locked.qty,
    band = CASE WHEN l.on_hand - l.reserved - locked.qty <= 0 THEN 0
                WHEN l.on_hand - l.reserved - locked.qty <= l.low_at THEN 1 ELSE 2 END
  FROM locked WHERE l.id = locked.id AND l.on_hand - l.reserved >= locked.qty
  RETURNING l.shop_id, l.sku_id, locked.qty, locked.band AS band_before, l.band AS band_now
),
held AS (
  INSERT INTO stock_reservation (shop_id, sku_id, quantity, state, reference, expires_at, created_at)
  SELECT shop_id, sku_id, qty, 'held', %s, %s, %s FROM taken ORDER BY sku_id RETURNING id, sku_id
)
SELECT sku_id, band_before, band_now, held.id FROM taken JOIN held USING (sku_id)
""",
    ["bigint[]", "numeric[]", "bigint", "varchar", "timestamptz", "timestamptz"],
)


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
    new = _New(shop_id, reference, expires_at, at)
    held = _hold(new, wanted)
    if len(held) < len(wanted):
        short = [sku_id for sku_id in wanted if sku_id not in held]
        raise OutOfStock(
            gettext("Some items are no longer available at this shop."),
            extra={"short": _left(shop_id, short)},
        )
    bands = {sku_id: (one.band_before, one.band_now) for sku_id, one in held.items()}
    tell_flips(bands=bands, shop_id=shop_id, at=at, cause=f"r{min(one.reservation_id for one in held.values())}")


@dataclass(frozen=True)
class _New:
    """What all reservations of a claim share."""

    shop_id: int
    reference: str
    expires_at: dt.datetime | None
    created_at: dt.datetime


class _Held(NamedTuple):
    """A line that could be filled: its reservation, and the band of its level before and after."""

    band_before: int
    band_now: int
    reservation_id: int


def _hold(new: _New, wanted: Mapping[int, Decimal]) -> dict[int, _Held]:
    """Move `reserved` of every line that can be filled, and write its reservation; return {sku_id: _Held}."""
    if settings.TEST_LOCKS_OFF:
        return _written(new, wanted, _take_unguarded(new.shop_id, wanted))
    return (_hold_in_one if connection.vendor == "postgresql" else _hold_in_turn)(new, wanted)


def _hold_in_turn(new: _New, wanted: Mapping[int, Decimal]) -> dict[int, _Held]:
    return _written(new, wanted, _take_in_turn(new.shop_id, wanted))


def _written(new: _New, wanted: Mapping[int, Decimal], bands: Mapping[int, tuple[int, int]]) -> dict[int, _Held]:
    """Write the reservations of lines whose levels were moved."""
    rows = [Reservation(**vars(new), sku_id=sku_id, quantity=wanted[sku_id]) for sku_id in sorted(bands)]
    insert(rows)
    return {row.sku_id: _Held(*bands[row.sku_id], row.pk) for row in rows}


def _hold_in_one(new: _New, wanted: Mapping[int, Decimal]) -> dict[int, _Held]:
    held = _hold_once(new, wanted)
    # A line that was released while the statement waited for a lock looks sold out to it. Now all lines are locked.
    missing = {sku_id: quantity for sku_id, quantity in wanted.items() if sku_id not in held}
    return {**held, **_hold_once(new, missing)} if missing else held


def _hold_once(new: _New, wanted: Mapping[int, Decimal]) -> dict[int, _Held]:
    values = [list(wanted), list(wanted.values()), new.shop_id, new.reference, new.expires_at, new.created_at]
    rows = _HOLD_ALL.rows(connections[DEFAULT_DB_ALIAS], values)
    return {sku_id: _Held(*found) for sku_id, *found in rows}


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
