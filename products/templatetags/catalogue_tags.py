"""What catalogue pages show, asked for by their templates: models of pages may not import lists and offers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django import template
from django.template import Context
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from wagtail.models import Page

from common import clock
from products.catalogue.cards import Card, make_card
from products.catalogue.categories import Category
from products.catalogue.detail import Detail, Place, product_detail
from products.catalogue.facets import Facet
from products.catalogue.filters import Filters
from products.catalogue.links import ListLinks
from products.catalogue.listing import COUNT_CAP, Listing, list_products, shown_products
from products.catalogue.menu import MENU_LIMIT, Menu, load_menu
from products.catalogue.structured import breadcrumbs, script_text
from products.models import CategoryPage, ProductPage
from products.offers import product_offers
from products.pictures import load_renditions
from stock.models import Shop

register = template.Library()


@dataclass(frozen=True)
class CategoryContents:
    """A category page's list, the categories below it and the way to it."""

    view: ListLinks
    children: tuple[Category, ...]
    crumbs: tuple[Category, ...]
    structured: SafeString


@dataclass(frozen=True)
class CategoryChip:
    """A category above the menu: leads to its section when that is on this page. `count` None: not counted."""

    title: str
    url: str
    count: int | None = None


@dataclass(frozen=True)
class HomeContents:
    """The menu of a small shop, or the list of a large one; `shop` is the code of the filter that is on."""

    menu: Menu | None
    listing: Listing | None
    chips: tuple[CategoryChip, ...]
    shop: str
    next_url: str


@register.filter
def that_have_it(places: Sequence[Place]) -> str:
    """Return the names of the shops where it is to be had, for a sentence: Canal, Quay or Station."""
    *names, last = [place.row.shop.name_text for place in places if not place.row.is_out] or [""]
    return gettext("%(shops)s or %(last)s") % {"shops": ", ".join(names), "last": last} if names else last


@register.filter
def is_dead(facet: Facet) -> bool:
    """Return whether every choice of a facet would show nothing."""
    return all(choice.is_off for choice in facet.choices)


def _shops(context: Context) -> Sequence[Shop]:
    return [card.shop for card in context["shell"].shops]


@register.simple_tag(takes_context=True)
def category_view(context: Context, page: Page) -> CategoryContents:
    """Return what a category, the catalogue or the product index shows."""
    query, tree = context["request"].GET, context["shell"].categories
    category = tree.find(page.pk) if isinstance(page, CategoryPage) else None
    children = tree.children(category) if category else tree.top
    listing = list_products(
        filters=Filters.from_query(query),
        sort=query.get("sort", ""),
        after=query.get("after", ""),
        category_ids=_ids(page, tree.ids_under([category]) if category else None),
        below=children,
        tree=tree,
        shops=_shops(context),
        attributes=context["shell"].attributes,
        at=clock.now(),
    )
    crumbs = tree.above(category) if category else []
    steps = [*((crumb.title, crumb.url) for crumb in crumbs), (page.title, page.url or "")]
    return CategoryContents(
        ListLinks(listing, page.url or ""), tuple(children), tuple(crumbs), script_text(breadcrumbs(steps))
    )


def _ids(page: Page, found: list[int] | None) -> list[int] | None:
    # A draft in the preview is in no tree of live pages yet.
    return [page.pk] if found is None and isinstance(page, CategoryPage) else found


@register.simple_tag(takes_context=True)
def product_view(context: Context, page: ProductPage) -> Detail:
    """Return what a product page shows for `?sku=`, which may be missing or wrong."""
    wanted = context["request"].GET.get("sku", "")[:64].upper()
    return product_detail(
        page, wanted, context["shell"].categories, _shops(context), clock.now(),
        as_sold_out=context.get("as_sold_out", False),
    )  # fmt: skip


@register.simple_tag(takes_context=True)
def card_previews(context: Context, page: ProductPage) -> list[Card]:
    """Return the card of a draft as it is and, when it is to be had, as it will be when it is sold out."""
    first = page.gallery.first()
    page.cover = first.image if first else None
    load_renditions([page.cover])
    found = tuple(product_offers([page.product_id], clock.now(), {page.product_id: page}).get(page.product_id, ()))
    if not found:
        return []
    card = make_card(page, found, _shops(context))
    sold_out = tuple(replace(offer, bands={}) for offer in found)
    return [card] if card.is_out else [card, make_card(page, sold_out, _shops(context))]


@register.simple_tag(takes_context=True)
def home_view(context: Context, page: Page) -> HomeContents:
    """Return what the home page shows: the menu, or for more products than fit one the plain list.

    Of the filters only `?shop=` is kept: the others have no place here to be taken off again.
    """
    query, shops, at = context["request"].GET, _shops(context), clock.now()
    wanted = Filters.from_query(query).known(shops=[shop.code for shop in shops], categories=(), attributes={})
    filters = Filters(shop=wanted.shop)
    products = shown_products().filter(*filters.conditions())
    categories = context["shell"].menu
    best = list(products.order_by("-popularity", "-id").values_list("pk", flat=True)[: COUNT_CAP + 1])
    if len(best) <= MENU_LIMIT:
        menu = load_menu(best, categories, shops, query.get("after", ""), at)
        after = urlencode([*filters.pairs(), ("after", menu.next_after)])
        next_url = f"{page.url}?{after}" if menu.next_after else ""
        return HomeContents(menu, None, _chips(menu, categories), filters.shop, next_url)
    listing = list_products(
        filters=filters, after=query.get("after", ""), shops=shops, attributes={}, with_facets=False,
        counted=len(best), at=at,
    )  # fmt: skip
    chips = tuple(CategoryChip(one.title, one.url) for one in categories)
    return HomeContents(None, listing, chips, filters.shop, ListLinks(listing, page.url or "").next_url)


def _chips(menu: Menu, categories: Sequence[Category]) -> tuple[CategoryChip, ...]:
    return tuple(
        CategoryChip(one.title, f"#c{one.id}" if one.id in menu.shown_ids else one.url, menu.counts[one.id])
        for one in categories
        if one.id in menu.counts
    )
