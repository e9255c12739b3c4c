"""Which tables public pages show: `<app>/page_changes.py` declares them, beside the moments that are planned.

Tags: `p<id>` for one product, MEMBERS for which products lists have and in which order, FACETS for what lists are
filtered and sorted by, TEXTS for what a search finds, LINKS for where texts lead to other
pages, TITLES for what links call them, EVERYTHING for what stands on every page.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.apps import apps
from django.db.models import Model
from django.utils.module_loading import autodiscover_modules

from common.page_changes.models import EVERYTHING

EVENTS = ("INSERT", "UPDATE", "DELETE")
MEMBERS, FACETS, TEXTS, LINKS, TITLES = "members", "facets", "texts", "links", "titles"
ALL = (f"'{EVERYTHING}'",)

# Nothing is looked for beyond: a table may hold moments that no datetime can.
HORIZON = dt.timedelta(days=7)

Moment = Callable[[dt.datetime], "dt.datetime | None"]


@dataclass(frozen=True)
class Watch:
    """A table whose rows public pages show.

    `tags` are SQL expressions of what a row makes out of date; `{row}` is the row, NULL is no tag. An update counts
    when one of `columns` changed (without any: whichever column changed). `when` is a condition on the row: others are
    seen by nobody.
    """

    model: str
    tags: tuple[str, ...] = ALL
    columns: tuple[str, ...] = ()
    when: str = "TRUE"
    events: tuple[str, ...] = EVENTS

    @property
    def table(self) -> type[Model]:
        """Return the model of the table."""
        return apps.get_model(self.model)

    @property
    def compared(self) -> tuple[str, ...]:
        """Return the columns that are compared."""
        return self.columns or tuple(str(field.column) for field in self.table._meta.local_concrete_fields)


_watches: dict[Watch, None] = {}
_moments: dict[str, Moment] = {}


def watch(*watches: Watch) -> None:
    """Declare tables; called by each app's page_changes.py."""
    _watches.update(dict.fromkeys(watches))


def planned(find: Moment) -> Moment:
    """Register the decorated function: the next moment within HORIZON at which pages change by themselves."""
    _moments[f"{find.__module__}.{find.__qualname__}"] = find
    return find


def watches() -> list[Watch]:
    """Return every declared table of every installed app."""
    autodiscover_modules("page_changes")
    return list(_watches)


def next_moment(at: dt.datetime) -> dt.datetime:
    """Return the next moment at which pages change by themselves."""
    autodiscover_modules("page_changes")
    # Looked for again at the horizon, if nothing changes before.
    return min([at + HORIZON, *(moment for find in _moments.values() if (moment := find(at)) is not None)])
