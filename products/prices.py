"""Which price is in force."""

import datetime as dt

from django.db.models import OuterRef, QuerySet

from products.models import Price


def in_force(sku: OuterRef | int, at: dt.datetime) -> QuerySet[Price]:
    """Return the prices of a SKU that have begun, the one in force first."""
    return Price.objects.filter(sku=sku, starts_at__lte=at).order_by("-starts_at", "-id")
