"""The demo's shops, tax classes and attributes: plain rows, found again by code."""

import datetime as dt

from products.models import Attribute, AttributeValue, TaxClass, TaxRate
from stock.models import Shop, ShopHours
from storefront.demo.read import read

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
TIMEZONE = "Europe/Amsterdam"


def load_shops() -> list[Shop]:
    """Create or refresh the shops and their weekly hours; return the shops in order."""
    shops = []
    for position, row in enumerate(read("shops")["shop"]):
        fields = {key: row[key] for key in ("letter", "name", "address", "phone", "map_url", "lead_minutes")}
        shop, _ = Shop.objects.update_or_create(
            code=row["code"], defaults={**fields, "timezone": TIMEZONE, "sort_order": position}
        )
        if not shop.hours.exists():
            ShopHours.objects.bulk_create(
                [_hours(shop, WEEKDAYS.index(day), text) for day, text in row["week"].items()]
            )
        shops.append(shop)
    return shops


def _hours(shop: Shop, weekday: int, text: str) -> ShopHours:
    opens, closes = (dt.time.fromisoformat(part) for part in text.split("-"))
    return ShopHours(shop=shop, weekday=weekday, opens=opens, closes=closes)


def load_tax_classes() -> dict[str, TaxClass]:
    """Make or refresh the tax classes with one rate each; return them by code."""
    classes = {}
    for row in read("catalogue")["tax_class"]:
        tax_class, _ = TaxClass.objects.update_or_create(code=row["code"], defaults={"name": row["name"]})
        TaxRate.objects.get_or_create(tax_class=tax_class, since=dt.date(2020, 1, 1), defaults={"rate": row["rate"]})
        classes[row["code"]] = tax_class
    return classes


def load_attributes() -> tuple[dict[str, Attribute], dict[tuple[str, str], AttributeValue]]:
    """Make or refresh attributes and their values; return them by code and by (attribute, value) code."""
    attributes, values = {}, {}
    for position, row in enumerate(read("catalogue")["attribute"]):
        attribute, _ = Attribute.objects.update_or_create(
            code=row["code"],
            defaults={"name": row["name"], "is_filter": row.get("is_filter", False), "sort_order": position},
        )
        attributes[row["code"]] = attribute
        for order, (code, label) in enumerate(row["values"].items()):
            values[(row["code"], code)], _ = AttributeValue.objects.update_or_create(
                attribute=attribute, code=code, defaults={"label": label, "sort_order": order}
            )
    return attributes, values
