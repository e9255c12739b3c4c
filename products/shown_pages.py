"""Pages of products that visitors see, and what is said on them: one for each product, in the reader's language."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db.models import BigIntegerField, Case, CharField, IntegerField, OuterRef, QuerySet, Subquery, Value, When
from django.utils.translation import get_language

from common.composed import Composed, Hole, holes, padded
from common.models import Picture
from common.nested_rows import NestedRows, rows_of
from common.page_changes.feed import shows_products
from common.page_changes.parts import kept_many
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
_UNREAD = ("description", "ingredients", "storage", "nutrition", "search_description")


def shown_pages(
    product_ids: Iterable[int], *, with_facts: bool = False, with_renditions: bool = True
) -> dict[int, ProductPage]:
    """Return {product_id: its live, public page}: of the active language, else of the default, else of any.

    Covers come with the renditions of a card: one query more if there is any cover.
    """
    ids = padded(product_ids)
    asked = _pages_with_facts if with_facts else _plain_pages
    pages = asked(len(ids), ids=ids) if ids else []
    found: dict[int, ProductPage] = {}
    for page in pages:
        known = found.get(page.product_id)
        if known is None or _preference(page) > _preference(known):
            found[page.product_id] = page
    shows_products(ids)
    if with_renditions:
        covers = [page.cover for page in found.values()]
        pictures.load_renditions(covers, (*pictures.CARD_SPECS, *pictures.THUMB_SPECS))
    return found


def known_pages(product_ids: Iterable[int]) -> dict[int, ProductPage]:
    """Return the same with facts, as they are kept in the process: to be shown, never to decide what is sold.

    Shared by threads: nobody may change them.
    """
    kind = ("page", get_language() or settings.LANGUAGE_CODE)
    return kept_many(
        kind,
        list(product_ids),
        lambda missing: shown_pages(missing, with_facts=True),
        lambda pk, page: tags_of(pk, page.cover if page else None),
    )


def tags_of(product_id: int, cover: Picture | None) -> list[str]:
    """Return the tags of what shows a product and its cover, or that it has none."""
    return [f"p{product_id}", *([f"i{cover.pk}"] if cover else [])]


def _pages_of(count: int) -> QuerySet[ProductPage]:
    pages = ProductPage.objects.shown().select_related("locale", "cover").order_by("pk")
    return pages.filter(product__id__in=holes("ids", BigIntegerField(), count))


_pages_with_facts = Composed(lambda count: _pages_of(count).annotate(**_nested_facts()))
_plain_pages = Composed(lambda count: _pages_of(count).defer(*_UNREAD))


def _nested_facts() -> dict[str, NestedRows]:
    mine = {"page": OuterRef("pk")}
    values = ProductAttribute.objects.filter(**mine, value__isnull=False)
    return {
        "allergen_rows": NestedRows(ProductAllergen.objects.filter(**mine), "allergen", "level", "sort_order"),
        "category_rows": NestedRows(ProductCategory.objects.filter(**mine), "category_id"),
        "value_rows": NestedRows(values, "value_id"),
    }


def shown_title() -> Subquery:
    """Return SQL for the title of the page that `shown_pages` would return for a SKU's product, NULL without one.

    To be composed; `ranked_languages` fills it in.
    """
    preferred = [When(locale__language_code=Hole(f"language_{rank}", CharField()), then=Value(rank)) for rank in (2, 1)]
    pages = ProductPage.objects.shown().filter(product_id=OuterRef("product_id"))
    best = Case(*preferred, default=Value(0), output_field=IntegerField()).desc()
    return Subquery(pages.order_by(best, "pk").values("title")[:1])


def ranked_languages() -> dict[str, str]:
    """Return the languages that pages are looked for in, for a query made of `shown_title`."""
    return {"language_1": settings.LANGUAGE_CODE, "language_2": get_language() or settings.LANGUAGE_CODE}


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
    ranks = {code: int(name.removeprefix("language_")) for name, code in ranked_languages().items()}
    return ranks.get(page.locale.language_code, 0)


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
