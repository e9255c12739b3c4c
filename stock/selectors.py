"""Selectors of shops and stock, many rows at once."""

import re
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from accounts.models import User
from accounts.roles import role_of
from stock.models import Shop, StockLevel

_CODE = re.compile(r"\A[A-Za-z0-9_-]{1,32}\Z", re.ASCII)


class Level(NamedTuple):
    """A SKU's stock in a shop: on hand, promised, and the band of what is left."""

    on_hand: Decimal
    reserved: Decimal
    band: int


def active_shops() -> list[Shop]:
    """Return the shops open to customers in their order, with hours and special days: three queries."""
    return list(Shop.objects.open_to_customers().with_hours().in_order())


def shop_by_code(code: str | None) -> Shop | None:
    """Return the active shop with this code, hours loaded, or None."""
    # A cookie may hold anything, such as a NUL, which PostgreSQL refuses.
    if not code or not _CODE.match(code):
        return None
    return Shop.objects.open_to_customers().with_hours().filter(code=code).first()


def levels_for(sku_ids: Iterable[int]) -> dict[int, dict[int, Level]]:
    """Return {sku: {shop: level}} of active shops: one query, and no model made for each of a list's many rows."""
    found: dict[int, dict[int, Level]] = defaultdict(dict)
    levels = StockLevel.objects.filter(sku_id__in=list(sku_ids), shop__is_active=True)
    for sku_id, shop_id, *figures in levels.values_list("sku_id", "shop_id", *Level._fields):
        found[sku_id][shop_id] = Level(*figures)
    return found


def staff_shops(user: User) -> list[Shop]:
    """Return the shops where this user works: an owner everywhere, others where they have a post."""
    shops = Shop.objects.with_hours().in_order()
    if role_of(user) == "owner":
        return list(shops)
    return list(shops.filter(staff__user=user))
