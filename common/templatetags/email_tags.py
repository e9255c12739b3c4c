"""Tags of the emails: the styles of their elements."""

from django import template
from django.utils.safestring import SafeString, mark_safe

from common.email_styles import LIGHT, SHEET, STYLES

register = template.Library()


@register.simple_tag
def email_style(name: str) -> SafeString:
    """Return the style of an element: <td style="{% email_style "row" %}">."""
    return mark_safe(STYLES[name])  # noqa: S308 (our own constants)


@register.simple_tag
def email_sheet() -> SafeString:
    """Return the style sheet of an email's head."""
    return mark_safe(SHEET)  # noqa: S308


@register.simple_tag
def email_colour(name: str) -> str:
    """Return a colour for an attribute: <td bgcolor="{% email_colour "cobalt" %}">."""
    return LIGHT[name]
