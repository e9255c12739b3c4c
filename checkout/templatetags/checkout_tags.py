"""Filters for the texts of the cart."""

from django import template

register = template.Library()


@register.filter
def no_stop(text: str) -> str:
    """Return a sentence as a tag prints it: without its full stop."""
    return text.removesuffix(".")
