"""The terms of a SKU as its history spells them: plain JSON that compares equal when the terms are the same."""

from collections.abc import Mapping
from decimal import Decimal

from products.models.sku import Sku

Spelled = str | int | bool | None | dict[str, int]

QUANTITIES = ("step", "min_quantity", "max_quantity", "net_amount")
OTHERS = ("code", "unit", "net_unit", "barcode", "supplier_id", "sort_order", "is_active")
OPTIONS = "options"


def spell_terms(sku: Sku, options: Mapping[int, int]) -> dict[str, Spelled]:
    """Return {term: value}: quantities as text without trailing zeros, `options` by the ids of their attributes."""
    quantities = {name: _spell(getattr(sku, name)) for name in QUANTITIES}
    others: dict[str, Spelled] = {name: getattr(sku, name) for name in OTHERS}
    return others | quantities | {OPTIONS: {str(attribute): value for attribute, value in sorted(options.items())}}


def _spell(quantity: Decimal | int | None) -> str | None:
    # A default of the model that was never read back is an integer.
    return None if quantity is None else f"{Decimal(quantity).normalize():f}"
