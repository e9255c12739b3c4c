"""Popularity, by which lists recommend: how often a product was handed over recently."""

import datetime as dt
from collections import defaultdict

from django.db import transaction
from django.db.models import Count, Q

from products.models import Product
from products.services.locks import lock_products
from stock.models import StockMovement

COUNTED_FOR = dt.timedelta(days=90)
CHUNK = 1000


def count_popularity(*, at: dt.datetime) -> int:
    """Set every product's popularity to its hand-overs of the last 90 days; return how many changed.

    Before anything was sold nothing changes: a new shop keeps the order it opened with.
    """
    issued = StockMovement.objects.filter(
        kind=StockMovement.Kind.ISSUE, at__gt=at - COUNTED_FOR, at__lte=at, sku__isnull=False
    )
    sold = dict(issued.order_by().values_list("sku__product").annotate(found=Count("pk")))
    if not sold:
        return 0
    known = Product.objects.filter(Q(popularity__gt=0) | Q(pk__in=list(sold))).values_list("pk", "popularity")
    changed: dict[int, list[int]] = defaultdict(list)
    for pk, popularity in known:
        if popularity != sold.get(pk, 0):
            changed[sold.get(pk, 0)].append(pk)
    for popularity, ids in sorted(changed.items()):
        for start in range(0, len(ids), CHUNK):
            with transaction.atomic():
                products = lock_products(ids[start : start + CHUNK])
                Product.objects.filter(pk__in=products).update(popularity=popularity)
    return sum(len(ids) for ids in changed.values())
