"""The worker's time: the clock of the database's machine, watched for jumps."""

import datetime as dt
import logging
import threading
import time
from collections.abc import Callable

from django.conf import settings
from django.db import connection

from common import clock

logger = logging.getLogger(__name__)

# Corrections by time servers and delays on busy machines are smaller.
JUMP = dt.timedelta(minutes=2)
# How long nothing is ended or deleted after a jump ahead: time for somebody, or a time server, to correct the clock.
CAUTION = dt.timedelta(minutes=10)


def database_clock() -> dt.datetime:
    """Return the time on the database's machine, as rows are compared with it; our own if the database is a file."""
    if connection.vendor != "postgresql":
        return clock.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0] + dt.timedelta(seconds=settings.TEST_CLOCK_OFFSET)


def elapsed() -> float:
    """Return seconds unaffected by setting the clock; time during which the machine slept counts."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class Timekeeper:
    """Tells the time, and whether to trust it for irreversible work. Threads may share one."""

    def __init__(
        self, read: Callable[[], dt.datetime] = database_clock, elapsed: Callable[[], float] = elapsed
    ) -> None:
        self._read, self._elapsed = read, elapsed
        self._last: tuple[dt.datetime, float] | None = None
        self._cautious_until = float("-inf")
        self._lock = threading.Lock()

    def now(self) -> dt.datetime:
        """Return the time and record any jump since the last call."""
        at, passed = self._read(), self._elapsed()
        with self._lock:
            if self._last is not None:
                last_at, last_passed = self._last
                self._judge(at - last_at - dt.timedelta(seconds=passed - last_passed), passed)
            self._last = at, passed
        return at

    def is_trusted(self) -> bool:
        """Say whether the clock can be trusted: it has not jumped ahead in the last minutes."""
        return self._elapsed() >= self._cautious_until

    def _judge(self, jump: dt.timedelta, passed: float) -> None:
        if jump > JUMP:
            self._cautious_until = passed + CAUTION.total_seconds()
            logger.error("The clock jumped ahead by %s: nothing is ended or deleted for %s", jump, CAUTION)
        elif jump < -JUMP:
            self._cautious_until = float("-inf")
            logger.error("The clock jumped back by %s", -jump)
