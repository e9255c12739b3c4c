"""The clock, read at the edges (views, commands, worker) and passed inwards as `at`."""

import calendar
import datetime as dt

from django.conf import settings
from django.utils import timezone


def now() -> dt.datetime:
    """Return the current time in UTC, moved by the test switch VITRINE_TEST_CLOCK_OFFSET (seconds) if set."""
    offset = settings.TEST_CLOCK_OFFSET
    return timezone.now() + dt.timedelta(seconds=offset) if offset else timezone.now()


def months_before(moment: dt.datetime, months: int) -> dt.datetime:
    """Return the moment so many months earlier; in a shorter month, its last day."""
    year, month = divmod(moment.year * 12 + moment.month - 1 - months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last))
