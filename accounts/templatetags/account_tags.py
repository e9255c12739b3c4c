"""The menu of My account."""

from typing import Any

from django import template
from django.urls import reverse

from accounts.my_pages import PARTS

register = template.Library()


@register.inclusion_tag("account/_nav.html", takes_context=True)
def my_pages(context: dict[str, Any]) -> dict[str, Any]:
    """Show the menu, with the part marked that the visitor is in."""
    request = context["request"]
    here = request.resolver_match.view_name if request.resolver_match else ""
    links = [(part, reverse(part.url_name), part.is_current(here)) for part in PARTS]
    return {"links": links, "is_first": PARTS[0].is_current(here), "csrf_token": context.get("csrf_token", "")}
