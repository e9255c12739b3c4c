"""The search page: the same list as a category, of what was found. The same for everybody."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe
from wagtail.models import Locale

from common import clock
from common.public_pages import mark_public
from products.listing import Listing, list_products
from search.services import find_products, normalise
from stock.selectors import active_shops


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show what was found for `?q=`, or an empty field."""
    query = normalise(request.GET.get("q", ""))
    language = get_language() or settings.LANGUAGE_CODE
    locale = Locale.objects.filter(language_code=language).first() or Locale.get_default()
    listing = _listing(request, query, locale) if query else None
    return mark_public(request, render(request, "search/search.html", {"q": query, "listing": listing}))


def _listing(request: HttpRequest, query: str, locale: Locale) -> Listing:
    return list_products(
        query=request.GET,
        base_url=reverse("search:page"),
        locale=locale,
        shops=active_shops(),
        at=clock.now(),
        product_ids=find_products(query=query, locale=locale),
        extra=[("q", query)],
    )
