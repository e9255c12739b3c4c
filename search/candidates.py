"""The products that a query may mean, capped before they are ranked: one statement on PostgreSQL.

There articles, categories and texts are read together, the texts from the index table of the search backend. Any
other backend (SQLite's, a search server's) is asked for the texts in a statement of its own.
"""

from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from modelsearch.backends.database.postgres.weights import get_sql_weights

from products.models import ProductPage
from products.on_sale import ON_SALE_SQL

# The most hits of one kind, and the most texts that are ranked.
MAX_HITS = 500
# Of longer categories the newest products are compared by how wanted they are.
MAX_COMPARED = 2000
DATABASE_BACKEND = "wagtail.search.backends.database"


class Kind(IntEnum):
    """The place where a query was found; the lowest comes first."""

    ARTICLE = 0
    CATEGORY = 1
    TEXT = 2
    WORD_OF_CATEGORY = 3


class Candidate(NamedTuple):
    """A hit. Texts have the page's title; of two equal scores the higher `tie` comes first."""

    kind: int
    product_id: int
    title: str
    score: float
    tie: int


class Part(NamedTuple):
    """A statement whose rows are candidates; its parameters have names that no other part of a query uses."""

    sql: str
    params: dict[str, Any]


ARTICLE = """
SELECT 0, sku.product_id, '', CASE WHEN sku.code = %(code)s THEN 1.0 ELSE 0.0 END, sku.id
FROM products_sku sku WHERE (sku.code = %(code)s OR sku.barcode = %(barcode)s) AND """

# The index on category and page gives the newest pages; subqueries that give one value look up those and no others,
# where a join may read whole tables. The second LIMIT cuts nothing off: it keeps PostgreSQL from asking three times.
CATEGORY = """
SELECT {kind}, inside.product_id, '', inside.popularity, inside.product_id
FROM (
    SELECT DISTINCT shown.product_id,
        (SELECT product.popularity FROM products_product product WHERE product.id = shown.product_id) AS popularity
    FROM (
        SELECT (SELECT page.product_id FROM products_productpage page WHERE page.page_ptr_id = newest.page_id)
            AS product_id
        FROM (
            SELECT DISTINCT placed.page_id FROM products_productcategory placed
            WHERE placed.category_id IN ({categories}) ORDER BY placed.page_id DESC LIMIT {compared}
        ) newest
        WHERE (SELECT base.live FROM wagtailcore_page base WHERE base.id = newest.page_id) LIMIT {compared}
    ) shown
) inside
WHERE inside.product_id IS NOT NULL
ORDER BY inside.popularity DESC, inside.product_id DESC LIMIT {hits}
"""

# OFFSET 0 keeps the planner from reading whole tables for the pages of a few hundred entries. The backend's own number,
# which parallel workers may not ask for, keeps it to one process: the entries come in the order of the table, on each
# page of a list the same. As part of a sum it also hides the content type, which nearly all entries share.
ENTRIES = """
SELECT page.product_id, page.page_title, page.page_id, entry.title, entry.body, entry.title_norm, entry.autocomplete
FROM wagtailsearch_indexentry entry
CROSS JOIN LATERAL (
    SELECT own.product_id, base.title AS page_title, base.id AS page_id
    FROM wagtailcore_page base JOIN products_productpage own ON own.page_ptr_id = base.id
    WHERE base.id = entry.object_id::integer AND base.live AND own.product_id IS NOT NULL OFFSET 0
) page
WHERE entry.content_type_id + 0 * pg_backend_pid() = %(content_type)s
"""
# Names first: of more texts than are ranked, those that merely mention the words are left out.
TEXTS = """
SELECT 2, hit.product_id, hit.page_title,
    ts_rank(%(weights)s::real[], hit.title, to_tsquery(%(words)s)) * hit.title_norm
    + ts_rank(%(weights)s::real[], hit.body, to_tsquery(%(words)s)), hit.page_id
FROM (
    WITH named AS MATERIALIZED (
        {entries} AND entry.title @@ to_tsquery(%(words)s) LIMIT {hits}
    ), mentioned AS MATERIALIZED (
        {entries} AND (entry.title || entry.body) @@ to_tsquery(%(words)s) AND NOT entry.title @@ to_tsquery(%(words)s)
        LIMIT (SELECT {hits} - COUNT(*) FROM named)
    )
    SELECT * FROM named UNION ALL SELECT * FROM mentioned
) hit
"""
BEGINNINGS = """
SELECT 2, hit.product_id, hit.page_title,
    ts_rank(%(weights)s::real[], hit.autocomplete, to_tsquery('simple', %(words)s)), hit.page_id
FROM ({entries} AND entry.autocomplete @@ to_tsquery('simple', %(words)s) LIMIT {hits}) hit
"""


def with_article(query: str) -> Part:
    """Find products by an article or barcode."""
    return Part(ARTICLE + ON_SALE_SQL, {"code": query.upper()[:64], "barcode": query[:64]})


def in_categories(kind: Kind, category_ids: Sequence[int]) -> list[Part]:
    """Find the products of these categories, the most wanted first; no part without a category."""
    if not category_ids:
        return []
    params: dict[str, Any] = {f"category{kind}_{number}": pk for number, pk in enumerate(category_ids)}
    names = ", ".join(f"%({name})s" for name in params)
    return [Part(CATEGORY.format(kind=int(kind), categories=names, compared=MAX_COMPARED, hits=MAX_HITS), params)]


def with_words(words: str) -> Part | list[Candidate]:
    """Find the pages that have all the words."""
    if _is_indexed_here():
        return _of_index(TEXTS, " & ".join(f"'{word}'" for word in words.split()))
    return _of_backend(_pages().search(words, operator="and")[:MAX_HITS])


def beginning_so(words: str) -> Part | list[Candidate]:
    """Find the pages that have all the words in name or articles; the last one may be a beginning."""
    if _is_indexed_here():
        return _of_index(BEGINNINGS, " & ".join(f"'{word}'" for word in words.split()) + ":*")
    return _of_backend(_pages().autocomplete(words, operator="and")[:MAX_HITS])


def read(sources: Iterable[Part | list[Candidate]]) -> list[Candidate]:
    """Return the candidates of all sources, the best first, with one statement for all parts."""
    found: list[Candidate] = []
    parts: list[Part] = []
    for source in sources:
        if isinstance(source, Part):
            parts.append(source)
        else:
            found += source
    if parts:
        # SQLite takes no parentheses around a part that has an order.
        sql = " UNION ALL ".join(f"SELECT * FROM ({part.sql}) part{number}" for number, part in enumerate(parts))  # noqa: S608 - ours
        with connection.cursor() as cursor:
            cursor.execute(sql, {name: value for part in parts for name, value in part.params.items()})
            found += [Candidate(*row) for row in cursor.fetchall()]
    return sorted(found, key=lambda candidate: (candidate.kind, -candidate.score, -candidate.tie))


def _is_indexed_here() -> bool:
    backend = settings.WAGTAILSEARCH_BACKENDS["default"]["BACKEND"]
    return connection.vendor == "postgresql" and backend == DATABASE_BACKEND


def _of_index(sql: str, words: str) -> Part:
    content_type = ContentType.objects.get_for_model(ProductPage).pk
    params = {"content_type": content_type, "weights": get_sql_weights(), "words": words}
    return Part(sql.format(entries=ENTRIES, hits=MAX_HITS), params)


def _of_backend(pages: Iterable[ProductPage]) -> list[Candidate]:
    return [Candidate(Kind.TEXT, page.product_id, page.title, -place, 0) for place, page in enumerate(pages)]


def _pages() -> Any:
    # In any language: the list shows only what the reader's language, or the default one, has a page for.
    return ProductPage.objects.live().only("product_id", "title")
