"""Reading shops and stock, many rows at once."""

import re
from collections import defaultdict
from collections.abc import Iterable

from accounts.models import User
from accounts.roles import role_of
from stock.models import Shop, StockLevel

_CODE = re.compile(r"\A[A-Za-z0-9_-]{1,32}\Z", re.ASCII)


def active_shops() -> list[Shop]:
    """Return the shops open to customers in their order, with hours and special days: three queries."""
    return list(Shop.objects.filter(is_active=True).prefetch_related("hours", "days").order_by("sort_order", "id"))


def shop_by_code(code: str | None) -> Shop | None:
    """Return the active shop with this code, hours loaded, or None."""
    # A cookie may hold anything, a NUL among it, which PostgreSQL refuses.
    if not code or not _CODE.match(code):
        return None
    return Shop.objects.filter(is_active=True, code=code).prefetch_related("hours", "days").first()


def levels_for(sku_ids: Iterable[int]) -> dict[int, dict[int, StockLevel]]:
    """Return {sku: {shop: level}} of active shops: one query."""
    found: dict[int, dict[int, StockLevel]] = defaultdict(dict)
    for level in StockLevel.objects.filter(sku_id__in=list(sku_ids), shop__is_active=True):
        found[level.sku_id][level.shop_id] = level
    return found


def staff_shops(user: User) -> list[Shop]:
    """Return the shops where this user works: an owner everywhere, others where they have a post."""
    shops = Shop.objects.prefetch_related("hours", "days").order_by("sort_order", "id")
    if role_of(user) == "owner":
        return list(shops)
    return list(shops.filter(staff__user=user))
