"""The search page and suggestions while typing. The same for everybody; the list comes from search_tags."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from common import clock
from common.public_pages import mark_public
from products.cards import cards_for
from products.listing import shown_products
from search.services import normalise, suggest

SUGGESTIONS = 8


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show what was found for `?q=`, or an empty field."""
    query = normalise(request.GET.get("q", ""))
    return mark_public(request, render(request, "search/search.html", {"q": query}))


@require_safe
def suggestions(request: HttpRequest) -> HttpResponse:
    """Return a fragment with at most eight products that begin with what was typed."""
    query = normalise(request.GET.get("q", ""))
    ids = suggest(query=query, limit=SUGGESTIONS)
    shown = set(shown_products(product_ids=ids).values_list("pk", flat=True)) if ids else set()
    cards = cards_for([pk for pk in ids if pk in shown][:SUGGESTIONS], clock.now(), [])
    return mark_public(request, render(request, "search/_suggest.html", {"q": query, "cards": cards}))
