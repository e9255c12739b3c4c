"""Filters for the texts of the cart."""

from django import template

register = template.Library()


@register.filter
def no_stop(text: str) -> str:
    """Return a sentence without its full stop, for a tag."""
    return text.removesuffix(".")
