"""The time zones to choose from."""

import zoneinfo
from functools import cache

# Names the system knows and browsers refuse: the server's own zone, and no zone at all.
NOWHERE = frozenset({"localtime", "Factory"})


@cache
def names() -> tuple[str, ...]:
    """Return the names of all time zones that both the server and browsers know, sorted."""
    return tuple(sorted(zoneinfo.available_timezones() - NOWHERE))
