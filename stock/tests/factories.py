"""Minimal valid shops and levels."""

import datetime as dt
from decimal import Decimal

from common.actors import SETUP
from stock.models import Shop, ShopHours, StockLevel
from stock.services.receive import receive
from tests.moments import AT


def make_shop(code: str = "canal", letter: str | None = None, *, open_all_week: bool = True, **extra: object) -> Shop:
    """Create a shop, open around the clock unless told otherwise."""
    name = extra.pop("name", {"en": code.capitalize()})
    shop = Shop.objects.create(code=code, letter=letter or code[0].upper(), name=name, **extra)
    if open_all_week:
        ShopHours.objects.bulk_create(
            ShopHours(shop=shop, weekday=weekday, opens=dt.time(0), closes=dt.time(0)) for weekday in range(7)
        )
    return shop


def make_level(
    shop: Shop, sku, quantity: str | Decimal = "10", *, low_at: str = "3", at: dt.datetime = AT
) -> StockLevel:
    """Give a shop stock of a SKU through the service, so that the movement exists too."""
    StockLevel.objects.get_or_create(shop=shop, sku=sku, defaults={"low_at": Decimal(low_at)})
    if Decimal(quantity) > 0:
        receive(shop_id=shop.pk, sku_id=sku.pk, quantity=Decimal(quantity), actor=SETUP, at=at, kind="opening")
    return StockLevel.objects.get(shop=shop, sku=sku)
