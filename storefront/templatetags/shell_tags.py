"""Tags for the frame of every page, which depends on the page: a context processor does not know it."""

from collections.abc import Sequence
from itertools import groupby

from django import template
from django.template import Context
from django.template.loader import get_template
from django.utils.dates import WEEKDAYS_ABBR

from common.page_changes.parts import drawn_once
from stock.hours import DayHours
from storefront.accent import DARK_GROUND, write
from storefront.languages import language_links
from storefront.shell import Link, Shell

register = template.Library()


@register.filter
def day_groups(days: Sequence[DayHours]) -> list[str]:
    """Return the hours of a week, with consecutive days of equal hours in one group."""
    groups = []
    for text, run in groupby(days, key=lambda day: day.text):
        names = [str(WEEKDAYS_ABBR[day.weekday]) for day in run]
        groups.append(f"{names[0]}–{names[-1]}\u00a0{text}" if len(names) > 1 else f"{names[0]}\u00a0{text}")
    return groups


@register.simple_tag
def frame(name: str, shell: Shell) -> str:
    """Draw a part of the frame that is the same on every page, once: {% frame "picker" shell %}."""
    return drawn_once(shell.drawn, name, lambda: get_template(f"components/{name}.html").render({"shell": shell}))


@register.simple_tag
def dark_bar() -> str:
    """Return the background of the dark theme, for the browser's own bar."""
    return write(DARK_GROUND)


@register.simple_tag(takes_context=True)
def languages_here(context: Context) -> list[Link]:
    """Return the language links of the current page: {% languages_here as languages %}.

    A Wagtail page has its links in the context; those of a view are derived from its address.
    """
    return context.get("languages") or language_links(context.get("request"), None, context["shell"])
