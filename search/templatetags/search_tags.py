"""What the search page shows: the same list as a category, of what was found."""

from django import template
from django.template import Context
from django.urls import reverse

from common import clock
from products.filters import Filters
from products.list_view import ListView
from products.listing import list_products
from search.services import find_products

register = template.Library()


@register.simple_tag(takes_context=True)
def search_view(context: Context, query: str) -> ListView | None:
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
    return ListView(listing, reverse("search:page"), [("q", query)])
