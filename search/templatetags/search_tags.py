"""Highlighting of the typed text in the titles of suggestions."""

from django import template
from django.utils.safestring import SafeString

from search.services import marked

register = template.Library()


@register.simple_tag
def marked_title(title: str, query: str) -> SafeString:
    """Return a title with the typed text marked in it."""
    return marked(query=query, title=title)
