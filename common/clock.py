"""The clock, read at the edges (views, commands, worker) and passed inwards as `at`."""

import datetime as dt

from django.conf import settings
from django.utils import timezone


def now() -> dt.datetime:
    """Return the current time in UTC, moved by the test switch VITRINE_TEST_CLOCK_OFFSET (seconds) if set."""
    offset = settings.TEST_CLOCK_OFFSET
    return timezone.now() + dt.timedelta(seconds=offset) if offset else timezone.now()
