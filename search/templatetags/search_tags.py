"""What the search page and the suggestions show: the same list as a category, of what was found."""

from itertools import islice

from django import template
from django.template import Context
from django.urls import reverse
from django.utils.safestring import SafeString

from common import clock
from products.catalogue.categories import Category
from products.catalogue.filters import Filters
from products.catalogue.links import ListLinks
from products.catalogue.listing import list_products
from search.services import begins, find_products, marked

MAX_CATEGORIES = 3

register = template.Library()


@register.simple_tag(takes_context=True)
def suggested_categories(context: Context, query: str) -> list[Category]:
    """Return at most three categories whose name begins with what was typed, in the order of the menu."""
    found = (category for category in context["shell"].categories.all if begins(query=query, title=category.title))
    return list(islice(found, MAX_CATEGORIES))


@register.simple_tag
def marked_title(title: str, query: str) -> SafeString:
    """Return a title with what was typed marked in it."""
    return marked(query=query, title=title)


@register.simple_tag(takes_context=True)
def search_view(context: Context, query: str) -> ListLinks | None:
    """Return the list of what is found for a normalised query, None for an empty one."""
    if not query:
        return None
    asked, shell = context["request"].GET, context["shell"]
    listing = list_products(
        filters=Filters.from_query(asked),
        sort=asked.get("sort", ""),
        after=asked.get("after", ""),
        product_ids=find_products(query=query),
        below=shell.menu,
        tree=shell.categories,
        shops=[card.shop for card in shell.shops],
        attributes=shell.attributes,
        at=clock.now(),
    )
    return ListLinks(listing, reverse("search:page"), [("q", query)])
