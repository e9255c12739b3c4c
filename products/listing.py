"""Lists of products: sorting, keyset pages, counts. Read from the plain row Product, never from pages."""

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from wagtail.models import Locale

from common.pagination import decode_cursor, encode_cursor
from products.cards import Card, cards_for
from products.facets import Chip, Facet, Filters, chips_of, facets_of
from products.models import Product, ProductAllergen, ProductAttribute, ProductCategory, ProductPage
from products.offers import open_to_all
from stock.models import Band, Shop, StockLevel

PAGE_SIZE = 24
COUNT_CAP = 500
SORTS = {
    "recommended": (_("Recommended"), "-popularity", "-id"),
    "price": (_("Price, low to high"), "from_price", "id"),
    "-price": (_("Price, high to low"), "-from_price", "-id"),
    "new": (_("Newest first"), "-created_at", "-id"),
}


@dataclass(frozen=True)
class Listing:
    """One page of a list. `count` is capped at COUNT_CAP."""

    cards: list[Card]
    count: int
    next_url: str
    sort: str
    filters: Filters
    facets: tuple[Facet, ...]
    chips: tuple[Chip, ...]
    shown_before: int

    @property
    def is_capped(self) -> bool:
        return self.count > COUNT_CAP

    @property
    def count_text(self) -> str:
        """Return the count as printed: "61" or "500+"."""
        return f"{COUNT_CAP}+" if self.is_capped else str(self.count)

    @property
    def shown(self) -> int:
        return self.shown_before + len(self.cards)

    @property
    def sorts(self) -> list[tuple[str, str]]:
        return [(code, str(spec[0])) for code, spec in SORTS.items()]


def shown_products(locale: Locale, category_ids: Iterable[int] | None = None) -> QuerySet[Product]:
    """Return products with a price and a live, public page in a language; in these categories, when given."""
    pages = open_to_all(ProductPage.objects.filter(product_id=OuterRef("pk"), live=True, locale=locale, alias_of=None))
    if category_ids is not None:
        rows = ProductCategory.objects.filter(page_id=OuterRef("pk"), category_id__in=list(category_ids))
        pages = pages.filter(Exists(rows))
    return Product.objects.filter(Exists(pages), from_price__isnull=False)


def apply_filters(products: QuerySet[Product], filters: Filters) -> QuerySet[Product]:
    """Narrow the list; a shop that does not exist has nothing."""
    if filters.shop:
        levels = StockLevel.objects.filter(
            sku__product=OuterRef("pk"), sku__is_active=True, shop__code=filters.shop, band__gt=Band.SOLD_OUT
        )
        products = products.filter(Exists(levels))
    if filters.price_from is not None:
        products = products.filter(from_price__gte=filters.price_from)
    if filters.price_to is not None:
        products = products.filter(from_price__lte=filters.price_to)
    for code, values in filters.attributes.items():
        rows = ProductAttribute.objects.filter(
            page__product=OuterRef("pk"), page__live=True, attribute__code=code, value__code__in=values
        )
        products = products.filter(Exists(rows))
    if filters.without:
        bad = ProductAllergen.objects.filter(
            page__product=OuterRef("pk"), page__live=True, allergen__in=filters.without
        )
        undeclared = ProductPage.objects.filter(product=OuterRef("pk"), live=True, allergen_status="")
        products = products.filter(~Exists(bad), ~Exists(undeclared))
    return products


def list_products(
    *,
    query: QueryDict,
    base_url: str,
    locale: Locale,
    shops: Sequence[Shop],
    at: dt.datetime,
    category_ids: Sequence[int] | None = None,
    product_ids: Sequence[int] | None = None,
    extra: Sequence[tuple[str, str]] = (),
    with_facets: bool = True,
) -> Listing:
    """Return one page of products for a query string. `product_ids` narrows to a search's hits."""
    filters = Filters.from_query(query)
    sort = query.get("sort", "") if query.get("sort", "") in SORTS else "recommended"
    everything = shown_products(locale, category_ids)
    if product_ids is not None:
        everything = everything.filter(pk__in=list(product_ids))
    wanted = apply_filters(everything, filters)
    rows = list(_page(wanted, sort, query.get("after"))[: PAGE_SIZE + 1])
    count = wanted[: COUNT_CAP + 1].count()
    pairs = [*extra, *filters.pairs(), *([("sort", sort)] if sort != "recommended" else [])]
    next_url, before = "", _seen(query.get("after"))
    if len(rows) > PAGE_SIZE:
        last = rows[PAGE_SIZE - 1]
        cursor = encode_cursor(sort, _value(last, sort), last.pk, before + PAGE_SIZE)
        next_url = f"{base_url}?{urlencode([*pairs, ('after', cursor)])}"
    facets = facets_of(everything, filters, shops) if with_facets else ()
    return Listing(
        cards=cards_for([row.pk for row in rows[:PAGE_SIZE]], shops, at),
        count=count,
        next_url=next_url,
        sort=sort,
        filters=filters,
        facets=facets,
        chips=chips_of(facets, filters, base_url, [*extra, *([("sort", sort)] if sort != "recommended" else [])]),
        shown_before=before,
    )


def _field(sort: str) -> tuple[str, bool]:
    name = SORTS[sort][1]
    return name.lstrip("-"), name.startswith("-")


def _value(row: Product, sort: str) -> str:
    value = getattr(row, _field(sort)[0])
    return value.isoformat() if isinstance(value, dt.datetime) else str(value)


def _seen(after: str | None) -> int:
    cursor = decode_cursor(after, length=4)
    return int(cursor[3]) if cursor and cursor[3].isascii() and cursor[3].isdigit() and len(cursor[3]) < 7 else 0


def _page(products: QuerySet[Product], sort: str, after: str | None) -> QuerySet[Product]:
    """Continue after the cursor; rubbish, or a cursor of another sorting, means the first page."""
    name, descending = _field(sort)
    ordered = products.order_by(*SORTS[sort][1:])
    cursor = decode_cursor(after, length=4)
    if not cursor or cursor[0] != sort or not re.match(r"\A[0-9]{1,18}\Z", cursor[2]):
        return ordered
    value = _typed(cursor[1], name)
    if value is None:
        return ordered
    edge, beyond = ("lte", "lt") if descending else ("gte", "gt")
    # The first term lets the index seek to the place.
    return ordered.filter(
        Q(**{f"{name}__{edge}": value})
        & (Q(**{f"{name}__{beyond}": value}) | Q(**{name: value, f"id__{beyond}": int(cursor[2])}))
    )


def _typed(text: str, name: str) -> object:
    try:
        if name == "created_at":
            moment = dt.datetime.fromisoformat(text)
            return moment if moment.tzinfo else None
        if name == "popularity":
            return int(text) if re.match(r"\A[0-9]{1,9}\Z", text) else None
        return Decimal(text) if re.match(r"\A[0-9]{1,8}(\.[0-9]{1,4})?\Z", text) else None
    except ValueError:
        return None
