"""Selectors of shops and stock, many rows at once."""

import datetime as dt
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, CharField, F, OuterRef, QuerySet

from accounts.models import User
from accounts.roles import role_of
from common.composed import Composed, Hole
from common.nested_rows import NestedRows, Row, keep_related, rows_of, texts_of
from common.page_changes.parts import kept
from stock.models import Shop, ShopDay, ShopHours, StockLevel

_CODE = re.compile(r"\A[A-Za-z0-9_-]{1,32}\Z", re.ASCII)
_PLACES = Decimal("0.001")


class Level(NamedTuple):
    """A SKU's stock in a shop: on hand, promised, and the band of what is left."""

    on_hand: Decimal
    reserved: Decimal
    band: int


def active_shops() -> list[Shop]:
    """Return the shops open to customers in their order, with hours and special days: one query."""
    return _with_hours(_shops_in_order())


def known_shops() -> list[Shop]:
    """Return the same as they are kept in the process, at most a second old: to be shown, never to decide by.

    What they promise is worked out anew when an order is placed. Shared by threads: nobody may change them.
    """
    return kept("shops", active_shops)


def active_shop(shop_id: int) -> Shop | None:
    """Return the active shop with this id, hours loaded, or None: one query."""
    return next(iter(_with_hours(_shop_by_id(id=shop_id))), None)


def shop_by_code(code: str | None) -> Shop | None:
    """Return the active shop with this code, hours loaded, or None."""
    # A cookie may hold anything, such as a NUL, which PostgreSQL refuses.
    if not code or not _CODE.match(code):
        return None
    return next(iter(_with_hours(_shop_by_code(code=code))), None)


def nested_hours(shop: F | OuterRef) -> dict[str, NestedRows]:
    """Return what `stock.hours` reads of a shop as columns `hour_rows` and `day_rows`, for `keep_hours`."""
    return {
        "hour_rows": NestedRows(ShopHours.objects.filter(shop=shop), "id", "weekday", "opens", "closes"),
        "day_rows": NestedRows(ShopDay.objects.filter(shop=shop), "id", "date", "opens", "closes", "note"),
    }


def keep_hours(shop: Shop, hour_rows: list[Row] | None, day_rows: list[Row] | None) -> Shop:
    """Give a shop its hours and special days from the columns of `nested_hours`, as if they were prefetched."""
    hours = [ShopHours(**{**row, **_times(row)}, shop=shop) for row in rows_of(hour_rows)]
    days = [
        ShopDay(
            id=row["id"],
            date=dt.date.fromisoformat(row["date"]),
            note=texts_of(row["note"]),
            shop=shop,
            **_times(row),
        )
        for row in rows_of(day_rows)
    ]
    keep_related(shop, "hours", sorted(hours, key=lambda row: row.pk))
    keep_related(shop, "days", sorted(days, key=lambda row: row.pk))
    return shop


def _times(row: Row) -> dict[str, dt.time | None]:
    return {name: dt.time.fromisoformat(row[name]) if row[name] else None for name in ("opens", "closes")}


def _and_hours(shops: QuerySet[Shop]) -> QuerySet[Shop]:
    return shops.annotate(**nested_hours(OuterRef("pk")))


def _with_hours(shops: Iterable[Any]) -> list[Shop]:
    return [keep_hours(shop, vars(shop).pop("hour_rows"), vars(shop).pop("day_rows")) for shop in shops]


_shops_in_order = Composed(lambda: _and_hours(Shop.objects.open_to_customers().in_order()))
_shop_by_id = Composed(lambda: _and_hours(Shop.objects.open_to_customers().filter(pk=Hole("id", BigIntegerField()))))
_shop_by_code = Composed(lambda: _and_hours(Shop.objects.open_to_customers().filter(code=Hole("code", CharField()))))


def nested_levels(sku: F | OuterRef) -> NestedRows:
    """Return the stock of a SKU in the active shops as a column, for `levels_of`."""
    levels = StockLevel.objects.filter(sku=sku, shop__is_active=True)
    return NestedRows(levels, "shop_id", *Level._fields)


def levels_of(rows: list[Row] | None) -> dict[int, Level]:
    """Return {shop: level} of a column of `nested_levels`."""
    return {
        row["shop_id"]: Level(_quantity(row["on_hand"]), _quantity(row["reserved"]), row["band"])
        for row in rows_of(rows)
    }


def _quantity(number: Decimal | int) -> Decimal:
    return Decimal(number).quantize(_PLACES)


def staff_shops(user: User) -> list[Shop]:
    """Return the shops where this user works: an owner everywhere, others where they have a post."""
    shops = Shop.objects.in_order()
    return _with_hours(_and_hours(shops if role_of(user) == "owner" else shops.filter(staff__user=user)))
