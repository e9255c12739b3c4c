"""What the frame of every page asks for and a context processor cannot know: the page itself."""

from django import template
from django.template import Context

from storefront.languages import language_links
from storefront.shell import Link

register = template.Library()


@register.simple_tag(takes_context=True)
def languages_here(context: Context) -> list[Link]:
    """Return where each language of the site leads from this page: {% languages_here as languages %}."""
    return language_links(context.get("request"), context.get("page"), context["shell"])
