"""Versions of variants: a digest of the figures an editor saw when they began to type."""

import hashlib
from collections.abc import Iterable

from products.models.price import Price
from products.models.sku import Sku


def version_of(sku: Sku, options: dict[int, int], prices: Iterable[Price]) -> str:
    """Return a short digest of the terms, options and prices of a variant."""
    terms = [sku.code, sku.unit, sku.barcode, sku.net_unit, sku.supplier_id, sku.is_active, sorted(options.items())]
    figures = [sku.step, sku.min_quantity, sku.max_quantity, sku.net_amount]
    latest = max((price.pk for price in prices), default=0)
    text = repr([terms, [None if figure is None else f"{figure:.3f}" for figure in figures], latest])
    return hashlib.sha256(text.encode()).hexdigest()[:16]
