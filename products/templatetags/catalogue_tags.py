"""Filters for the words of catalogue pages. They query nothing: their data comes from products.catalogue.pages."""

from collections.abc import Sequence

from django import template
from django.utils.translation import gettext

from products.catalogue.detail import Place
from products.catalogue.facets import Facet

register = template.Library()


@register.filter
def that_have_it(places: Sequence[Place]) -> str:
    """Return the names of the shops that have it, for a sentence: Canal, Quay or Station."""
    *names, last = [place.row.shop.name_text for place in places if not place.row.is_out] or [""]
    return gettext("%(shops)s or %(last)s") % {"shops": ", ".join(names), "last": last} if names else last


@register.filter
def is_dead(facet: Facet) -> bool:
    """Return whether every choice of a facet would show nothing."""
    return all(choice.is_off for choice in facet.choices)
