"""Context of home, content and shop pages, and the part shared by every public page."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.translation import get_language
from wagtail.models import Page

from common import clock
from common.page_changes.feed import shows
from common.page_changes.parts import kept
from common.page_changes.watches import FACETS, MEMBERS, TITLES
from common.page_context import page_context, shell_loader
from common.public_pages import PublicPageMixin
from products.catalogue.categories import Category
from products.catalogue.filters import Filters
from products.catalogue.links import ListLinks
from products.catalogue.listing import COUNT_CAP, Listing, list_products
from products.catalogue.menu import MENU_LIMIT, Menu, load_menu
from products.catalogue.scope import shown_products
from products.pictures import HERO_SPEC, cut
from storefront.languages import language_links
from storefront.models import ContentPage, HomePage, ShopPage
from storefront.shell import Shell, load_shell

shell_loader(load_shell)


@dataclass(frozen=True)
class CategoryChip:
    """A category above the menu; it links to its section if that is on this page. `count` None: not counted."""

    title: str
    url: str
    count: int | None = None


@dataclass(frozen=True)
class HomeContents:
    """The menu of a small shop, or the list of a large one; `shop` is the code of the active filter."""

    menu: Menu | None
    listing: Listing | None
    chips: tuple[CategoryChip, ...]
    shop: str
    next_url: str


@page_context(PublicPageMixin)
def shared_context(page: Page, request: HttpRequest, shell: Shell) -> dict[str, object]:
    """Return the language links of this page."""
    # Bands and the plate of the home page call their links after the pages they lead to.
    if isinstance(page, HomePage | ContentPage | ShopPage):
        shows(TITLES)
    return {"languages": language_links(request, page, shell)}


@page_context(ShopPage)
def shop_context(page: ShopPage, request: HttpRequest, shell: Shell) -> dict[str, object]:
    """Return the shop's card with its hours, or None if the shop is not open to customers."""
    return {"shop": page.shop, "card": next((card for card in shell.shops if card.shop.pk == page.shop_id), None)}


@page_context(HomePage)
def home_context(page: HomePage, request: HttpRequest, shell: Shell) -> dict[str, object]:
    """Return the menu, or the plain list if there are too many products for one; the plate's picture and link.

    Of the filters only `?shop=` applies: there is no place here to remove any other.
    """
    leads_to = page.hero_link_page
    return {
        "home": _contents(page, request, shell),
        "hero": cut(page.hero_image, [HERO_SPEC]).get(HERO_SPEC),
        "hero_url": leads_to.get_url(request) if leads_to else "",
        "hero_link": (page.hero_link_text or leads_to.title) if leads_to else "",
    }


def _contents(page: HomePage, request: HttpRequest, shell: Shell) -> HomeContents:
    query, shops, at = request.GET, shell.open_shops, clock.now()
    wanted = Filters.from_query(query).known(shops=[shop.code for shop in shops], categories=(), attributes={})
    filters = Filters(shop=wanted.shop)
    best = kept(("best", get_language(), filters), lambda: _best(filters))
    if len(best) <= MENU_LIMIT:
        menu = load_menu(best, shell.menu, shops, query.get("after", ""), at)
        after = urlencode([*filters.pairs(), ("after", menu.next_after)])
        next_url = f"{page.url}?{after}" if menu.next_after else ""
        return HomeContents(menu, None, _chips(menu, shell.menu), filters.shop, next_url)
    listing = list_products(
        filters=filters, after=query.get("after", ""), shops=shops, attributes={}, with_facets=False,
        counted=len(best), at=at,
    )  # fmt: skip
    chips = tuple(CategoryChip(one.title, one.url) for one in shell.menu)
    return HomeContents(None, listing, chips, filters.shop, ListLinks(listing, page.url or "").next_url)


def _best(filters: Filters) -> list[int]:
    """Return the most wanted products, as many as are counted and one more."""
    shows(MEMBERS, FACETS)
    products = shown_products().filter(*filters.conditions()).order_by("-popularity", "-id")
    return list(products.values_list("pk", flat=True)[: COUNT_CAP + 1])


def _chips(menu: Menu, categories: Sequence[Category]) -> tuple[CategoryChip, ...]:
    return tuple(
        CategoryChip(one.title, f"#c{one.id}" if one.id in menu.shown_ids else one.url, menu.counts[one.id])
        for one in categories
        if one.id in menu.counts
    )
