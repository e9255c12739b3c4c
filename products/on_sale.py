"""The rule of SKUs that count for lists."""

from django.db.models import Q

# The same for statements that are written by hand: of `sku`, a row of products_sku.
ON_SALE_SQL = """sku.is_active AND (sku.supplier_id IS NULL OR EXISTS (
    SELECT 1 FROM products_supplier supplier WHERE supplier.id = sku.supplier_id AND supplier.is_active
))"""


def on_sale(prefix: str = "") -> Q:
    """Return the condition on SKUs that count for lists: active, and the supplier (if any) is on."""
    supplier = Q(**{f"{prefix}supplier": None}) | Q(**{f"{prefix}supplier__is_active": True})
    return Q(**{f"{prefix}is_active": True}) & supplier
