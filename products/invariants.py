"""Invariants of products: a price for everything on show, columns that agree with their rows."""

import datetime as dt
from collections.abc import Iterable

from django.db.models import Exists, OuterRef

from common.models import OutboxMessage
from common.registry import Row, invariant
from products.models import Product, ProductPage, Sku, SkuEvent
from products.prices import in_force
from products.services import prices, rows
from products.sku_terms import spell_terms

LATE = dt.timedelta(minutes=2)
CHUNK = 1000


@invariant("I29", "a published product with variants on sale has a price in force")
def published_products_have_a_price(at: dt.datetime) -> Iterable[Row]:
    on_sale = Sku.objects.filter(rows.on_sale(), product=OuterRef("product"))
    priced = on_sale.filter(Exists(in_force(OuterRef("pk"), at)))
    pages = ProductPage.objects.filter(Exists(on_sale), ~Exists(priced), live=True)
    return pages.order_by("pk").values("id", "product_id", "title")


@invariant("I41", "the price a SKU is sorted by is the price in force, at most two minutes late")
def sorted_by_price_in_force(at: dt.datetime) -> Iterable[Row]:
    late = prices.due(at=at).filter(prices__starts_at__lte=at - LATE).distinct()
    for sku in late.order_by("pk"):
        right = in_force(sku.pk, at).first()
        if right.starts_at <= at - LATE:
            yield {"sku_id": sku.pk, "price_now": sku.price_now, "in_force": right.amount}


@invariant("I42", "from-price and best band of a product agree with its SKUs and levels")
def product_rows_agree(at: dt.datetime) -> Iterable[Row]:
    # Changes that stock has reported and the worker has not handled yet are on their way.
    waiting = OutboxMessage.objects.filter(done_at=None, event__in=["stock.band_changed", "stock.shop_changed"])
    payloads = list(waiting.values_list("payload", flat=True))
    skus = [payload["sku_id"] for payload in payloads if "sku_id" in payload]
    shops = [payload["shop_id"] for payload in payloads if "sku_id" not in payload]
    products = Product.objects.exclude(skus__in=skus).exclude(skus__levels__shop__in=shops)
    return rows.stale(products).order_by("pk").values("id", "from_price", "true_price", "best_band", "true_band")


@invariant("I43", "every product page names its product")
def pages_name_their_product(at: dt.datetime) -> Iterable[Row]:
    return ProductPage.objects.filter(product=None).order_by("pk").values("id", "title")


@invariant("I45", "a published product has a tax class")
def published_products_have_a_tax_class(at: dt.datetime) -> Iterable[Row]:
    pages = ProductPage.objects.filter(live=True, product__tax_class=None, product__isnull=False)
    return pages.order_by("pk").values("id", "product_id", "title")


@invariant("I44", "no SKU is on sale whose product no page shows")
def skus_without_page_are_archived(at: dt.datetime) -> Iterable[Row]:
    return Sku.objects.filter(is_active=True, product__pages=None).order_by("pk").values("id", "code", "product_id")


@invariant("I46", "the newest event of each term of a SKU equals the row")
def terms_agree_with_their_history(at: dt.datetime) -> Iterable[Row]:
    skus = Sku.objects.filter(Exists(SkuEvent.objects.filter(sku=OuterRef("pk")))).prefetch_related("events", "options")
    for sku in skus.order_by("pk").iterator(chunk_size=CHUNK):
        said: dict[str, object] = {}
        for event in sorted(sku.events.all(), key=lambda event: event.pk):
            said |= event.params["after"]
        stands = spell_terms(sku, {row.attribute_id: row.value_id for row in sku.options.all()})
        for term, value in said.items():
            if stands.get(term) != value:
                yield {"sku_id": sku.pk, "term": term, "in_row": stands.get(term), "in_history": value}
