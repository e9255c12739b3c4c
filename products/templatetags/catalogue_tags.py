"""What catalogue pages show, asked for by their templates: the page models stay free of lists and offers."""

import datetime as dt
from dataclasses import dataclass

from django import template
from django.template import Context
from wagtail.models import Page

from common import clock
from products.detail import Detail, product_detail
from products.listing import Listing, list_products
from products.menu import Category, Menu, menu
from products.models import CataloguePage, CategoryPage, ProductIndexPage, ProductPage

register = template.Library()


@dataclass(frozen=True)
class Crumb:
    """A step of the way to a page."""

    title: str
    url: str


@dataclass(frozen=True)
class CategoryView:
    """A category page's list, the categories below it and the way to it."""

    listing: Listing
    children: tuple[CategoryPage, ...]
    crumbs: tuple[Crumb, ...]


def _shops(context: Context) -> list:
    return [card.shop for card in context["shell"].shops]


def _at() -> dt.datetime:
    return clock.now()


@register.simple_tag(takes_context=True)
def category_view(context: Context, page: Page) -> CategoryView:
    """Return what a category, the catalogue or the product index shows."""
    request = context["request"]
    children: list[CategoryPage] = []
    category_ids, crumbs = None, []
    if isinstance(page, CategoryPage):
        below = list(CategoryPage.objects.live().descendant_of(page, inclusive=True).order_by("path"))
        children = [child for child in below if child.depth == page.depth + 1]
        category_ids = _default_ids(page, [child.pk for child in below])
        crumbs = [Crumb(link.title, link.url) for link in context["shell"].menu if page.url.startswith(link.url)]
        crumbs = [crumb for crumb in crumbs if crumb.url != page.url]
    elif isinstance(page, (CataloguePage, ProductIndexPage)):
        children = list(CategoryPage.objects.live().filter(depth=page.depth + 1, path__startswith=page.path))
    listing = list_products(
        query=request.GET,
        base_url=page.url,
        locale=page.locale,
        shops=_shops(context),
        at=_at(),
        category_ids=category_ids,
    )
    return CategoryView(listing, tuple(children), tuple(crumbs))


def _default_ids(page: CategoryPage, ids: list[int]) -> list[int]:
    """Products name the categories of the default language: map a translation's to those."""
    if page.alias_of_id is None and page.locale.is_default:
        return ids
    keys = CategoryPage.objects.filter(pk__in=ids).values_list("translation_key", flat=True)
    default = type(page.locale).get_default()
    return list(
        CategoryPage.objects.filter(translation_key__in=list(keys), locale=default).values_list("pk", flat=True)
    )


@register.simple_tag(takes_context=True)
def product_view(context: Context, page: ProductPage) -> Detail:
    """Return what a product page shows for `?sku=`, which may be missing or wrong."""
    wanted = context["request"].GET.get("sku", "")[:64].upper()
    return product_detail(page, wanted, _shops(context), _at())


@register.simple_tag(takes_context=True)
def home_menu(context: Context, page: Page) -> Menu | None:
    """Return the menu of the home page, None when the shop has too many products for one."""
    shell = context["shell"]
    categories = [Category(link.id, link.title, link.url, link.path, link.note) for link in shell.menu]
    return menu(
        categories=categories,
        locale=page.locale,
        shops=_shops(context),
        after=context["request"].GET.get("after"),
        at=_at(),
    )


@register.simple_tag(takes_context=True)
def home_listing(context: Context, page: Page) -> Listing:
    """Return the plain list of a large shop's home page."""
    return list_products(
        query=context["request"].GET,
        base_url=page.url,
        locale=page.locale,
        shops=_shops(context),
        at=_at(),
        with_facets=False,
    )
