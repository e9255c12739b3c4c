"""The search page and suggestions while typing. The same for everybody; the list comes from search_tags."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from common import clock
from common.public_pages import mark_public
from products.catalogue.cards import cards_for
from products.catalogue.listing import shown_products
from search.services import normalise, suggest
from stock.models import Band

SUGGESTIONS = 8


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show what was found for `?q=`, or an empty field."""
    query = normalise(request.GET.get("q", ""))
    return mark_public(request, render(request, "search/search.html", {"q": query}))


@require_safe
def suggestions(request: HttpRequest) -> HttpResponse:
    """Return a fragment with at most eight products that begin with what was typed, those sold out last."""
    query = normalise(request.GET.get("q", ""))
    ids = suggest(query=query, limit=SUGGESTIONS)
    bands = dict(shown_products(product_ids=ids).values_list("pk", "best_band")) if ids else {}
    best = sorted((pk for pk in ids if pk in bands), key=lambda pk: bands[pk] == Band.SOLD_OUT)
    cards = cards_for(best[:SUGGESTIONS], clock.now(), [])
    return mark_public(request, render(request, "search/_suggest.html", {"q": query, "cards": cards}))
