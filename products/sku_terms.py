"""The terms of a SKU as its history spells them: plain JSON that compares equal when the terms are the same."""

from collections.abc import Mapping
from decimal import Decimal

from products.models.sku import Sku

Spelled = str | int | bool | None | dict[str, int]

QUANTITIES = ("step", "min_quantity", "max_quantity", "net_amount")
COLUMNS = ("code", "unit", *QUANTITIES, "net_unit", "barcode", "supplier_id", "sort_order", "is_active")
OPTIONS = "options"


def spell_terms(sku: Sku, options: Mapping[int, int]) -> dict[str, Spelled]:
    """Return {term: value}: quantities as text without trailing zeros, `options` by the ids of their attributes."""
    terms = {name: _spell(getattr(sku, name)) for name in COLUMNS}
    return terms | {OPTIONS: {str(attribute): value for attribute, value in sorted(options.items())}}


def _spell(value: object) -> Spelled:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value if isinstance(value, str | int | None) else str(value)
