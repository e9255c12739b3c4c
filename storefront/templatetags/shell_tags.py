"""Tags of the frame of every page, for what a context processor cannot know: the page itself."""

from collections.abc import Sequence
from itertools import groupby

from django import template
from django.template import Context
from django.utils.dates import WEEKDAYS_ABBR

from stock.hours import DayHours
from storefront.accent import DARK_GROUND, write
from storefront.languages import language_links
from storefront.shell import Link

register = template.Library()


@register.filter
def day_groups(days: Sequence[DayHours]) -> list[str]:
    """Return the hours of a week, days in a row with the same hours as one group."""
    groups = []
    for text, run in groupby(days, key=lambda day: day.text):
        names = [str(WEEKDAYS_ABBR[day.weekday]) for day in run]
        groups.append(f"{names[0]}–{names[-1]}\u00a0{text}" if len(names) > 1 else f"{names[0]}\u00a0{text}")
    return groups


@register.simple_tag
def dark_bar() -> str:
    """Return the ground of the dark theme, which the browser's own bar takes."""
    return write(DARK_GROUND)


@register.simple_tag(takes_context=True)
def languages_here(context: Context) -> list[Link]:
    """Return where each language of the site leads from here: {% languages_here as languages %}.

    A page brings its links along (they are asked for); those of a view come from its address.
    """
    return context.get("languages") or language_links(context.get("request"), None, context["shell"])
