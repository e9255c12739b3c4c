"""Pages of products that visitors see, and what is said on them: one for each product, in the reader's language."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Case, IntegerField, OuterRef, QuerySet, Subquery, Value, When
from django.utils.translation import get_language

from common.nested_rows import NestedRows, rows_of
from common.page_changes.feed import shows_products
from common.visible_pages import open_to_all
from products import pictures
from products.models import ProductAllergen, ProductAttribute, ProductCategory, ProductPage
from products.models.choices import Allergen


@dataclass(frozen=True)
class Facts:
    """Facts of a product that are on its page: allergens by level, categories, attribute values."""

    contains: tuple[str, ...] = ()
    may_contain: tuple[str, ...] = ()
    category_ids: frozenset[int] = frozenset()
    value_ids: frozenset[int] = frozenset()


# Long texts that no list and no cart shows.
_UNREAD = ("description", "ingredients", "storage", "nutrition", "search_description", "product__presses")


def shown_pages(
    product_ids: Iterable[int] | QuerySet[Any, Any], *, with_facts: bool = False, with_renditions: bool = True
) -> dict[int, ProductPage]:
    """Return {product_id: its live, public page}: of the active language, else of the default, else of any.

    Covers come with the renditions of a card: one query more if there is any cover. A query for the products becomes
    a part of this one; each page has its product at hand then, without the keys of the latest saves.
    """
    is_query = isinstance(product_ids, QuerySet)
    wanted = product_ids if is_query else list(product_ids)
    pages = (
        ProductPage.objects.shown()
        .filter(product_id__in=wanted)
        .select_related("locale", "cover", *(["product"] if is_query else []))
        .order_by("pk")
    )
    pages = pages.annotate(**_nested_facts()) if with_facts else pages.defer(*_UNREAD[: None if is_query else -1])
    found: dict[int, ProductPage] = {}
    for page in pages:
        known = found.get(page.product_id)
        if known is None or _preference(page) > _preference(known):
            found[page.product_id] = page
    shows_products(found if is_query else wanted)
    if with_renditions:
        covers = [page.cover for page in found.values()]
        pictures.load_renditions(covers, (*pictures.CARD_SPECS, *pictures.THUMB_SPECS))
    return found


def _nested_facts() -> dict[str, NestedRows]:
    mine = {"page": OuterRef("pk")}
    values = ProductAttribute.objects.filter(**mine, value__isnull=False)
    return {
        "allergen_rows": NestedRows(ProductAllergen.objects.filter(**mine), "allergen", "level", "sort_order"),
        "category_rows": NestedRows(ProductCategory.objects.filter(**mine), "category_id"),
        "value_rows": NestedRows(values, "value_id"),
    }


def shown_title() -> Subquery:
    """Return SQL for the title of the page that `shown_pages` would return for a SKU's product, NULL without one."""
    preferred = [When(locale__language_code=code, then=Value(rank)) for code, rank in _ranks().items()]
    pages = ProductPage.objects.shown().filter(product_id=OuterRef("product_id"))
    best = Case(*preferred, default=Value(0), output_field=IntegerField()).desc()
    return Subquery(pages.order_by(best, "pk").values("title")[:1])


def last_titles(product_ids: Iterable[int]) -> dict[int, str]:
    """Return {product_id: the title its page had when buyers could see it}: a cart goes on naming what it held."""
    pages = open_to_all(ProductPage.objects.filter(product_id__in=list(product_ids), alias_of=None, live=False))
    found: dict[int, ProductPage] = {}
    for page in pages.filter(first_published_at__isnull=False).select_related("locale").order_by("pk"):
        known = found.get(page.product_id)
        if known is None or _preference(page) > _preference(known):
            found[page.product_id] = page
    return {product_id: page.title for product_id, page in found.items()}


def _preference(page: ProductPage) -> int:
    return _ranks().get(page.locale.language_code, 0)


def _ranks() -> dict[str, int]:
    """Return {language: rank} of the languages that pages are looked for in: the active one, then the default."""
    return {settings.LANGUAGE_CODE: 1, get_language() or settings.LANGUAGE_CODE: 2}


def facts_of(page: ProductPage) -> Facts:
    """Return the facts of a page that `shown_pages` has loaded with them."""
    allergens = sorted(rows_of(vars(page)["allergen_rows"]), key=lambda row: row["sort_order"] or 0)
    labels: dict[str, list[str]] = {level: [] for level in ProductAllergen.Level.values}
    for row in allergens:
        labels[row["level"]].append(str(dict(Allergen.choices).get(row["allergen"], row["allergen"])))
    return Facts(
        contains=tuple(labels[ProductAllergen.Level.CONTAINS]),
        may_contain=tuple(labels[ProductAllergen.Level.MAY_CONTAIN]),
        category_ids=frozenset(row["category_id"] for row in rows_of(vars(page)["category_rows"])),
        value_ids=frozenset(row["value_id"] for row in rows_of(vars(page)["value_rows"])),
    )
