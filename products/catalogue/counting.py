"""Counts of a list's facets, grouped by the database in one statement: no product of the list is read."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.conf import settings
from django.db import connection

from products.catalogue.filters import PREFIX, Filters
from products.catalogue.scope import Scope
from products.on_sale import ON_SALE_SQL

# Longer lists are not counted choice by choice: what a list costs must not grow with the catalogue.
SCAN = 2000


@dataclass
class Counts:
    """The number of products each choice would show; `total` and `ids` are of the filtered list.

    `by_kind` is by facet (the name of its query parameter) and code, a category's by path; None for a list too long
    to be counted choice by choice. `offered` names the facets that some product of the unfiltered list has: a filter
    that leaves nothing does not take the others away. `ids` is known of lists of given products.
    """

    total: int | None = None
    ids: frozenset[int] | None = None
    by_kind: dict[str, dict[str, int]] | None = None
    offered: set[str] = field(default_factory=set)

    @property
    def is_exact(self) -> bool:
        return self.by_kind is not None

    def of(self, kind: str, key: str) -> int | None:
        return None if self.by_kind is None else self.by_kind.get(kind, {}).get(key, 0)


class _Group(NamedTuple):
    """A facet that is on: the condition that a product passes it, 1 or 0, over the product's facts."""

    kind: str
    sql: str
    params: Sequence[str]


FACTS = f"""
    SELECT 'shop' AS kind, listed.id AS product, shop.code AS code
    FROM listed
    JOIN products_sku sku ON sku.product_id = listed.id
    JOIN stock_stocklevel level ON level.sku_id = sku.id
    JOIN stock_shop shop ON shop.id = level.shop_id
    WHERE level.band > 0 AND shop.is_active AND {ON_SALE_SQL}
    UNION
    SELECT '{PREFIX}' || attribute.code, listed.id, chosen.code
    FROM listed
    JOIN products_sku sku ON sku.product_id = listed.id
    JOIN products_skuoption own ON own.sku_id = sku.id
    JOIN products_attribute attribute ON attribute.id = own.attribute_id
    JOIN products_attributevalue chosen ON chosen.id = own.value_id
    WHERE attribute.is_filter AND {ON_SALE_SQL}
    UNION
    SELECT '{PREFIX}' || attribute.code, pages.product, chosen.code
    FROM pages
    {{attributes}}
    JOIN products_attribute attribute ON attribute.id = own.attribute_id
    JOIN products_attributevalue chosen ON chosen.id = own.value_id
    WHERE attribute.is_filter
    UNION
    SELECT 'without', pages.product, own.allergen
    FROM pages {{allergens}}
"""  # noqa: S608 - constants
CATEGORIES = """
    UNION
    SELECT 'category', pages.product, substr(category.path, 1, %s)
    FROM pages
    {categories}
    JOIN wagtailcore_page category ON category.id = placed.category_id
"""
# `passing` has a row for each product of the list, with 1 or 0 for each facet that is on. A list that is certainly too
# long is found out by `rough`, which an index answers, any other by its first products; no more is asked about it.
STATEMENT = """
WITH scope AS MATERIALIZED (
    SELECT * FROM ({scope}) candidates WHERE (SELECT COUNT(*) FROM ({rough}) rough) <= {enough}
), listed AS MATERIALIZED (
    SELECT * FROM scope WHERE (SELECT COUNT(*) FROM scope) <= {scan}
), pages AS MATERIALIZED (
    SELECT page.page_ptr_id AS id, listed.id AS product
    FROM listed
    {pages}
    {bases}
    WHERE base.live
), facts AS MATERIALIZED (
    {facts}
), passing AS MATERIALIZED (
    {passing}
)
SELECT facts.kind, facts.code, {counted} GROUP BY facts.kind, facts.code
UNION ALL SELECT 'total', '', COUNT(*) FROM passing WHERE {all}
UNION ALL SELECT 'scope', '', COUNT(*) FROM scope
UNION ALL SELECT 'rough', '', COUNT(*) FROM ({rough}) rough
"""
PRICED = "SELECT 1 FROM products_product WHERE from_price IS NOT NULL"
PLACED = "SELECT 1 FROM products_productcategory WHERE category_id IN"
# Name: table, alias, condition.
JOINS = {
    "pages": ("products_productpage", "page", "page.product_id = listed.id"),
    "bases": ("wagtailcore_page", "base", "base.id = page.page_ptr_id"),
    "attributes": ("products_productattribute", "own", "own.page_id = pages.id"),
    "allergens": ("products_productallergen", "own", "own.page_id = pages.id"),
    "categories": ("products_productcategory", "placed", "placed.page_id = pages.id"),
}
UNFILTERED = ("SELECT listed.id FROM listed", "COUNT(*) FROM facts")
FILTERED = (
    """SELECT listed.id{passes} FROM listed LEFT JOIN facts ON facts.product = listed.id
    GROUP BY listed.id, listed.from_price""",
    "SUM(CASE WHEN {others} THEN 1 ELSE 0 END) FROM facts JOIN passing ON passing.id = facts.product",
)
IDS = "UNION ALL SELECT 'id', '', passing.id FROM passing WHERE {all}"


def facet_counts(*, scope: Scope, filters: Filters, below: tuple[str, ...], category: str) -> Counts:
    """Count the products each choice would leave: the other groups' filters apply, its own group's do not.

    `below` are the paths of the categories offered, all of one depth, `category` the one that is chosen. One query,
    and all that is asked for is in the arguments: they can be a key.
    """
    if scope.is_empty:
        return Counts(total=0, ids=frozenset(), by_kind={})
    # No index has all three columns: PostgreSQL would go through one of prices for the 500 products of a search.
    found = scope.products().order_by().values_list("id", "from_price", "best_band")[: SCAN + 1]
    scope_sql, params = found.query.sql_with_params()
    groups = _groups(filters, category)
    facts, categories = (FACTS + CATEGORIES, [len(below[0])]) if below else (FACTS, [])
    joins = {name: _joined(*join) for name, join in JOINS.items()}
    rough, rough_params, enough = _rough(scope)
    everything = _all_of(groups)
    own = [group for group in groups if group.kind not in ("price", "without")]
    cases = "".join(f"WHEN facts.kind = %s THEN {_all_of(groups, but=group)} " for group in own)
    passing, counted = FILTERED if groups else UNFILTERED
    sql = STATEMENT.format(
        scope=scope_sql,
        rough=rough,
        enough=enough,
        scan=SCAN,
        facts=facts.format(**joins),
        pages=joins["pages"],
        bases=joins["bases"],
        passing=passing.format(passes="".join(f", {group.sql} AS passes{n}" for n, group in enumerate(groups))),
        counted=counted.format(others=f"CASE {cases}ELSE {everything} END" if own else everything),
        all=everything,
    ) + (IDS.format(all=everything) if scope.product_ids is not None else "")
    passes = [param for group in groups for param in group.params]
    with connection.cursor() as cursor:
        kinds = [group.kind for group in own]
        cursor.execute(sql, [*params, *rough_params, *categories, *passes, *kinds, *rough_params])
        rows = cursor.fetchall()
    return _counts(rows, below, enough)


def _joined(table: str, alias: str, condition: str) -> str:
    """Join what belongs to a row, looked up row by row: PostgreSQL would read whole tables for a few products."""
    if connection.vendor == "postgresql":
        return f"CROSS JOIN LATERAL (SELECT * FROM {table} {alias} WHERE {condition} OFFSET 0) {alias}"  # noqa: S608
    return f"JOIN {table} {alias} ON {condition}"


def _rough(scope: Scope) -> tuple[str, Sequence[int], int]:
    """Return a statement with about as many rows as the list has products, its parameters, and the most it may have.

    There are drafts and pages of every language among them: twice as many are allowed for each language.
    """
    enough = 2 * SCAN * len(settings.LANGUAGES)
    if scope.product_ids is not None:
        return "SELECT 1", [], enough
    if scope.category_ids is None:
        return f"{PRICED} LIMIT {enough + 1}", [], enough
    marks = ", ".join(["%s"] * len(scope.category_ids))
    return f"{PLACED} ({marks}) LIMIT {enough + 1}", scope.category_ids, enough


def _counts(rows: Sequence[tuple[str, str, int]], below: Sequence[str], enough: int) -> Counts:
    by_kind: dict[str, dict[str, int]] = {}
    counts = Counts(by_kind=by_kind, ids=frozenset(number for kind, _code, number in rows if kind == "id"))
    for kind, code, number in rows:
        if number > {"scope": SCAN, "rough": enough}.get(kind, number):
            return Counts()
        if kind == "total":
            counts.total = number
        elif kind not in ("id", "scope", "rough") and (kind != "category" or code in below):
            by_kind.setdefault(kind, {})[code] = number
            # An allergen in every product leaves nothing to choose: that alone does not print the facet.
            counts.offered |= {kind} - {"without"}
    return counts


def _groups(filters: Filters, category: str) -> list[_Group]:
    """Return the facets that are on."""
    groups = [_having("shop", [filters.shop])] if filters.shop else []
    groups += [_having("category", [category])] if category else []
    for limit, sign in ((filters.price_from, ">="), (filters.price_to, "<=")):
        if limit is not None:
            # SQLite would compare a number with a text as texts.
            passes = f"CASE WHEN listed.from_price {sign} CAST(%s AS NUMERIC) THEN 1 ELSE 0 END"
            groups.append(_Group("price", passes, [str(limit)]))
    if filters.without:
        having = _having("without", filters.without)
        groups.append(having._replace(sql=f"1 - {having.sql}"))
    return groups + [_having(f"{PREFIX}{code}", values) for code, values in filters.attributes.items()]


def _having(kind: str, codes: Sequence[str]) -> _Group:
    marks = ", ".join(["%s"] * len(codes))
    sql = f"MAX(CASE WHEN facts.kind = %s AND facts.code IN ({marks}) THEN 1 ELSE 0 END)"
    return _Group(kind, sql, [kind, *codes])


def _all_of(groups: Sequence[_Group], but: _Group | None = None) -> str:
    """Return the condition that a product passes all groups, one left out."""
    passed = [f"passing.passes{number} = 1" for number, group in enumerate(groups) if group is not but]
    return " AND ".join(passed) or "1 = 1"
