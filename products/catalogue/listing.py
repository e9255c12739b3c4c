"""Lists of products: filters, sorting, keyset pages, counts. Read from the plain row Product, never from pages."""

import datetime as dt
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy

from common.page_changes.feed import shows
from common.page_changes.parts import kept
from common.page_changes.watches import FACETS, MEMBERS
from common.pagination import decode_cursor, encode_cursor
from products.catalogue.cards import Card, cards_for
from products.catalogue.categories import Category, CategoryTree
from products.catalogue.counting import Counts, facet_counts
from products.catalogue.facets import Facet, FilterAttribute, facets_of, filter_attributes
from products.catalogue.filters import Filters
from products.catalogue.scope import Scope
from products.models import Product
from stock.models import Shop
from stock.selectors import active_shops

PAGE_SIZE = 24
COUNT_CAP = 500
RECOMMENDED, RELEVANCE = "recommended", "relevance"
# Code: label, column, whether the largest comes first. Each has an index that ends with the id.
SORTS = {
    RECOMMENDED: (gettext_lazy("Recommended"), "popularity", True),
    "price": (gettext_lazy("Price, low first"), "from_price", False),
    "-price": (gettext_lazy("Price, high first"), "from_price", True),
    "new": (gettext_lazy("New"), "created_at", True),
}
_DIGITS = re.compile(r"\A[0-9]{1,18}\Z", re.ASCII)
_PRICE = re.compile(r"\A[0-9]{1,8}(?:\.[0-9]{1,4})?\Z", re.ASCII)


@dataclass(frozen=True)
class Listing:
    """One page of a list. `count` stops at COUNT_CAP (`count_capped`); `next_after` is "" on the last page."""

    cards: list[Card]
    count: int
    count_capped: bool
    next_after: str
    facets: tuple[Facet, ...]
    sort: str
    sorts: tuple[tuple[str, str], ...]
    filters: Filters
    shown_before: int

    @property
    def count_text(self) -> str:
        """Return the count as printed: "61" or "500+"."""
        return f"{self.count}+" if self.count_capped else str(self.count)

    @property
    def shown(self) -> int:
        return self.shown_before + len(self.cards)


def list_products(
    *,
    filters: Filters,
    sort: str = "",
    after: str = "",
    category_ids: Collection[int] | None = None,
    product_ids: Sequence[int] | None = None,
    below: Sequence[Category] = (),
    tree: CategoryTree | None = None,
    shops: Sequence[Shop] | None = None,
    attributes: Mapping[str, FilterAttribute] | None = None,
    with_facets: bool = True,
    counted: int | None = None,
    at: dt.datetime,
    limit: int = PAGE_SIZE,
) -> Listing:
    """Return one page of a list and what it can be filtered by.

    `product_ids`, best first, narrows to the hits of a search and allows sorting by relevance. `below` of `tree`
    are the categories offered as a filter; `shops`, `attributes` and, without facets, `counted` (up to one
    above COUNT_CAP) are given when they are known already.
    Unknown sorts, filters and cursors are ignored.
    """
    shows(MEMBERS, FACETS)
    shops = active_shops() if shops is None else shops
    attributes = filter_attributes() if attributes is None else attributes
    filters = filters.known(
        shops=[shop.code for shop in shops],
        categories=[category.slug for category in below],
        attributes={code: attribute.values for code, attribute in attributes.items()},
    )
    scope = Scope.of(category_ids, product_ids)
    narrowed, chosen = _narrowed(scope, filters, below, tree)
    paths = tuple(one.path for one in below) if with_facets else None
    counts = kept(
        ("counts", scope, filters, narrowed, paths, counted),
        lambda: _counted(scope, narrowed, filters, paths, chosen, counted),
    )
    total = counts.total or 0
    sorts = _sorts(product_ids)
    sort = sort if sort in dict(sorts) else sorts[0][0]
    if sort == RELEVANCE:
        left = counts.ids if counts.ids is not None else _ids(narrowed, filters)
        ids, next_after, before = _ranked_page([pk for pk in product_ids or () if pk in left], after, limit)
    else:
        cursor = decode_cursor(after, length=4)
        key = ("list", narrowed, filters, sort, tuple(cursor) if cursor else None, limit)
        ids, next_after, before = kept(key, lambda: _page(narrowed, filters, sort, cursor, limit))
    return Listing(
        cards=cards_for(ids, at, shops),
        count=min(total, COUNT_CAP),
        count_capped=total > COUNT_CAP,
        next_after=next_after,
        facets=facets_of(counts, filters, shops=shops, below=below, attributes=attributes) if with_facets else (),
        sort=sort,
        sorts=sorts,
        filters=filters,
        shown_before=before,
    )


def _narrowed(
    scope: Scope, filters: Filters, below: Sequence[Category], tree: CategoryTree | None
) -> tuple[Scope, str]:
    """Return the scope within the category that is chosen, and that category's path, "" without one."""
    chosen = [one for one in below if one.slug == filters.category] if filters.category and tree is not None else []
    if tree is not None and chosen:
        scope = replace(scope, category_ids=tuple(tree.ids_under(chosen)))
    return scope, chosen[0].path if chosen else ""


def _found(scope: Scope, filters: Filters) -> QuerySet[Product]:
    """Return what the filters leave of a list."""
    shows(MEMBERS, FACETS)
    return scope.products().filter(*filters.conditions())


def _ids(scope: Scope, filters: Filters) -> set[int]:
    return set(_found(scope, filters).order_by().values_list("pk", flat=True))


def _counted(
    scope: Scope, narrowed: Scope, filters: Filters, paths: tuple[str, ...] | None, chosen: str, counted: int | None
) -> Counts:
    """Count a list, and its choices when there are `paths` of the categories offered."""
    shows(MEMBERS, FACETS)
    counts = Counts(total=counted)
    if paths is not None:
        counts = facet_counts(scope=scope, filters=filters, below=paths, category=chosen)
    if counts.total is not None:
        return counts
    # Of a list that is too long to be counted choice by choice it is known already that nothing can be told.
    is_long = paths is not None and not filters.is_on
    return replace(counts, total=COUNT_CAP + 1 if is_long else _found(narrowed, filters)[: COUNT_CAP + 1].count())


def _sorts(product_ids: Sequence[int] | None) -> tuple[tuple[str, str], ...]:
    own = tuple((code, str(label)) for code, (label, _column, _descending) in SORTS.items())
    return own if product_ids is None else ((RELEVANCE, str(gettext_lazy("Best match"))), *own)


def _page(
    scope: Scope, filters: Filters, sort: str, cursor: Sequence[str] | None, limit: int
) -> tuple[list[int], str, int]:
    """Return the ids in their order, the cursor of the next page, and how many were shown before."""
    found = _found(scope, filters)
    before = _number(cursor[3]) if cursor and cursor[0] == sort else None
    _label, column, descending = SORTS[sort]
    ordered = found.order_by(f"-{column}", "-id") if descending else found.order_by(column, "id")
    edge = _edge(cursor, column, descending) if cursor and before is not None else None
    rows = list((ordered if edge is None else ordered.filter(edge)).values_list("pk", column)[: limit + 1])
    seen = before if edge is not None and before is not None else 0
    ids = [pk for pk, _value in rows[:limit]]
    if len(rows) <= limit:
        return ids, "", seen
    pk, value = rows[limit - 1]
    text = value.isoformat() if isinstance(value, dt.datetime) else str(value)
    return ids, encode_cursor(sort, text, pk, seen + limit), seen


def _ranked_page(ids: Sequence[int], after: str, limit: int) -> tuple[list[int], str, int]:
    cursor = decode_cursor(after, length=4)
    before = _number(cursor[3]) if cursor and cursor[0] == RELEVANCE else None
    start = before if before is not None and before < len(ids) else 0
    more = len(ids) > start + limit
    return list(ids[start : start + limit]), encode_cursor(RELEVANCE, "", 0, start + limit) if more else "", start


def _edge(cursor: Sequence[str], column: str, descending: bool) -> Q | None:
    """Return the condition for what comes after the cursor, None for one that makes no sense."""
    value, pk = _typed(cursor[1], column), _number(cursor[2])
    if value is None or pk is None:
        return None
    at_edge, beyond = ("lte", "lt") if descending else ("gte", "gt")
    # The first term lets the index seek to the place.
    return Q(**{f"{column}__{at_edge}": value}) & (
        Q(**{f"{column}__{beyond}": value}) | Q(**{column: value, f"id__{beyond}": pk})
    )


def _number(text: str) -> int | None:
    return int(text) if _DIGITS.match(text) else None


def _typed(text: str, column: str) -> object:
    if column == "popularity":
        return _number(text[:10])
    if column == "from_price":
        return Decimal(text) if _PRICE.match(text) else None
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
