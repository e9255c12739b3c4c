"""The search page and suggestions while typing. The same for everybody."""

from itertools import islice
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from common import clock
from common.kept_pages import reads_parameters
from common.page_context import current_shell
from common.public_pages import draws_public_page, mark_public
from products.catalogue.cards import cards_for
from products.catalogue.filters import Filters
from products.catalogue.links import ListLinks
from products.catalogue.listing import list_products
from products.catalogue.scope import shown_products
from search.services import begins, find_products, normalise, suggest
from stock.models import Band

reads_parameters("q")
SUGGESTIONS, MAX_CATEGORIES = 8, 3


@draws_public_page
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show the results for `?q=`, or an empty field."""
    query, shell = normalise(request.GET.get("q", "")), current_shell()
    context = {"q": query, "shell": shell, "view": _found(request, query, shell) if query else None}
    return mark_public(request, render(request, "search/search.html", context))


def _found(request: HttpRequest, query: str, shell: Any) -> ListLinks:
    """Return the same list as a category's, of what was found."""
    asked = request.GET
    listing = list_products(
        filters=Filters.from_query(asked),
        sort=asked.get("sort", ""),
        after=asked.get("after", ""),
        product_ids=find_products(query=query, tree=shell.categories),
        below=shell.menu,
        tree=shell.categories,
        shops=shell.open_shops,
        attributes=shell.attributes,
        at=clock.now(),
    )
    return ListLinks(listing, reverse("search:page"), [("q", query)])


@draws_public_page
@require_safe
def suggestions(request: HttpRequest) -> HttpResponse:
    """Return a fragment with at most eight products that begin with what was typed, those sold out last.

    Above them are at most three categories whose name begins so, in the order of the menu.
    """
    query = normalise(request.GET.get("q", ""))
    ids = suggest(query=query, limit=SUGGESTIONS)
    bands = dict(shown_products(product_ids=ids).values_list("pk", "best_band")) if ids else {}
    best = sorted((pk for pk in ids if pk in bands), key=lambda pk: bands[pk] == Band.SOLD_OUT)
    cards = cards_for(best[:SUGGESTIONS], clock.now(), [])
    named = (one for one in current_shell().categories.all if begins(query=query, title=one.title))
    context = {"q": query, "cards": cards, "categories": list(islice(named, MAX_CATEGORIES))}
    return mark_public(request, render(request, "search/_suggest.html", context))
