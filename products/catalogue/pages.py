"""Context of catalogue, category and product pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from django.http import HttpRequest
from django.utils.safestring import SafeString
from wagtail.models import Page

from common import clock
from common.kept_pages import reads_parameters, reads_parameters_like
from common.page_context import current_shell, page_context
from products.catalogue.cards import Card, make_card
from products.catalogue.categories import Category, CategoryTree
from products.catalogue.detail import product_detail
from products.catalogue.facets import FilterAttribute
from products.catalogue.filters import PREFIX, Filters
from products.catalogue.links import ListLinks
from products.catalogue.listing import list_products
from products.catalogue.structured import breadcrumbs, script_text
from products.models import CataloguePage, CategoryPage, ProductIndexPage, ProductPage
from products.offers import product_offers
from products.pictures import load_renditions
from stock.models import Shop


class Shell(Protocol):
    """The parts of the frame around every page that catalogue pages need."""

    categories: CategoryTree
    attributes: Mapping[str, FilterAttribute]
    open_shops: Sequence[Shop]


reads_parameters("sku", "sort", "after")


@reads_parameters_like
def is_filter(name: str) -> bool:
    """Return whether a parameter names an attribute that lists are filtered by."""
    return name.startswith(PREFIX) and name.removeprefix(PREFIX) in current_shell().attributes


@dataclass(frozen=True)
class CategoryContents:
    """A category page's list, its subcategories and its breadcrumbs."""

    view: ListLinks
    children: tuple[Category, ...]
    crumbs: tuple[Category, ...]
    structured: SafeString


@page_context(CataloguePage, CategoryPage, ProductIndexPage)
def category_context(page: Page, request: HttpRequest, shell: Shell) -> dict[str, object]:
    """Return the list of a category, the catalogue or the product index."""
    query, tree = request.GET, shell.categories
    category = tree.find(page.pk) if isinstance(page, CategoryPage) else None
    children = tree.children(category) if category else tree.top
    listing = list_products(
        filters=Filters.from_query(query),
        sort=query.get("sort", ""),
        after=query.get("after", ""),
        category_ids=_ids(page, tree.ids_under([category]) if category else None),
        below=children,
        tree=tree,
        shops=shell.open_shops,
        attributes=shell.attributes,
        at=clock.now(),
    )
    crumbs = tree.above(category) if category else []
    steps = [*((crumb.title, crumb.url) for crumb in crumbs), (page.title, page.url or "")]
    links = ListLinks(listing, page.url or "")
    return {
        "category": CategoryContents(links, tuple(children), tuple(crumbs), script_text(breadcrumbs(steps))),
    }


def _ids(page: Page, found: list[int] | None) -> list[int] | None:
    # A draft in the preview is in no tree of live pages yet.
    return [page.pk] if found is None and isinstance(page, CategoryPage) else found


@page_context(ProductPage)
def product_context(page: ProductPage, request: HttpRequest, shell: Shell) -> dict[str, object]:
    """Return what a product page shows for `?sku=`, which may be missing or wrong; in previews what they show."""
    if page.previewed_as == "search":
        return {}
    if page.previewed_as == "card":
        return {"cards": card_previews(page, shell.open_shops)}
    wanted = request.GET.get("sku", "")[:64].upper()
    draft_as = page.previewed_as if getattr(request, "is_preview", False) else None
    detail = product_detail(page, wanted, shell.categories, shell.open_shops, clock.now(), draft_as=draft_as)
    return {"view": detail}


def card_previews(page: ProductPage, shops: Sequence[Shop]) -> list[Card]:
    """Return the card of a draft as it is and, when it is in stock, as it will be when it is sold out."""
    first = page.gallery.first()
    page.cover = first.image if first else None
    load_renditions([page.cover])
    found = tuple(product_offers([page.product_id], clock.now(), {page.product_id: page}).get(page.product_id, ()))
    if not found:
        return []
    card = make_card(page, found, shops)
    sold_out = tuple(replace(offer, bands={}) for offer in found)
    return [card] if card.is_out else [card, make_card(page, sold_out, shops)]
