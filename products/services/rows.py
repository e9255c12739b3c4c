"""The columns that lists sort and filter by: from-price and best band of products."""

from collections.abc import Iterable
from decimal import Decimal

from django.db import transaction
from django.db.models import (
    Case,
    DecimalField,
    F,
    IntegerField,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    When,
)
from django.db.models.functions import Coalesce, Least

from common.quantity import sql_round
from common.unit_prices import BY_THE_HUNDRED, HUNDRED
from products.models import Product, Sku
from products.on_sale import on_sale
from products.services.locks import lock_products
from stock.models import StockLevel

CHUNK = 1000
# The most that the column holds.
MOST = Decimal(99_999_999)


def from_price_of(product: OuterRef) -> Subquery:
    """Return the lowest price now, as it is printed, among the product's SKUs on sale; NULL when none has a price."""
    field = DecimalField(max_digits=12, decimal_places=4)
    prices = Sku.objects.filter(on_sale(), product=product, price_now__isnull=False).order_by().values("product")
    by_hundred = When(unit__in=BY_THE_HUNDRED, then=Least(F("price_now") * HUNDRED, MOST))
    printed = Case(by_hundred, default=F("price_now"), output_field=field)
    return Subquery(prices.annotate(found=sql_round(Min(printed), 4)).values("found"), output_field=field)


def best_band_of(product: OuterRef) -> Coalesce:
    """Return the best band among SKUs on sale in active shops, as a subquery; 0 (sold out) when there is no level."""
    levels = StockLevel.objects.filter(on_sale("sku__"), sku__product=product, shop__is_active=True).order_by()
    found = levels.values("sku__product").annotate(found=Max("band")).values("found")
    return Coalesce(Subquery(found, output_field=IntegerField()), 0)


def refresh(product_ids: Iterable[int]) -> None:
    """Recompute the columns of these products from SKUs and levels; one statement per thousand.

    `price_now` of SKUs is read, not moved (see prices.apply_due).
    """
    ids = sorted({int(pk) for pk in product_ids if pk})
    for start in range(0, len(ids), CHUNK):
        with transaction.atomic():
            products = lock_products(ids[start : start + CHUNK])
            Product.objects.filter(pk__in=products).update(
                from_price=from_price_of(OuterRef("pk")),
                best_band=best_band_of(OuterRef("pk")),
            )


def stale(products: QuerySet[Product]) -> QuerySet[Product]:
    """Return those of `products` whose from-price or best band disagree with their rows, with the true figures."""
    truth = products.annotate(true_price=from_price_of(OuterRef("pk")), true_band=best_band_of(OuterRef("pk")))
    differs = ~Q(best_band=F("true_band"))
    none = Decimal(0)
    truth = truth.annotate(shown=Coalesce("from_price", none), right=Coalesce("true_price", none))
    return truth.filter(differs | ~Q(shown=F("right")))
