"""The rule of SKUs that count for lists."""

from django.db.models import Q


def on_sale(prefix: str = "") -> Q:
    """Return the condition on SKUs that count for lists: active, and the supplier (if any) is on."""
    supplier = Q(**{f"{prefix}supplier": None}) | Q(**{f"{prefix}supplier__is_active": True})
    return Q(**{f"{prefix}is_active": True}) & supplier
