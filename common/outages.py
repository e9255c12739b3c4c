"""A part that is down, full or too busy: 503 with a sentence and a time to retry, never a 500.

Waits are bounded too: one SQLite writer holding its lock must not tie up every thread.
"""

import errno
import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.utils.translation import gettext

from common.busy import RETRY_AFTER, Busy, busy_sentence, is_busy, is_patient
from common.refusals import Refusal, answer

logger = logging.getLogger(__name__)

AWAY_SECONDS, FULL_SECONDS = 10, 60
# PostgreSQL: disk full; then connection lost, shutting down or starting up, no room for another connection.
FULL_STATE, AWAY_STATES = "53100", ("08", "57P", "53")
FULL_CODES = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY})
AWAY_CODES = frozenset({sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN})
FULL_ERRNOS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG})

# How long a request waits for SQLite's one writer, all its waits together: half of the threads this long, the others
# only a moment. The worker and commands have the patience of the settings.
LONG_WAIT_MS, SHORT_WAIT_MS = 3_000, 400
READS = ("SELECT", "WITH", "PRAGMA", "EXPLAIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")
Execute = Callable[[str, Any, bool, dict[str, Any]], Any]


def outage_of(error: BaseException | None) -> Refusal | None:
    """Return how to answer an error that is no fault of the code, None for any other."""
    for link in _chain(error):
        if is_busy(link):
            return Refusal(503, Busy.code, gettext("Back in a moment"), busy_sentence(), RETRY_AFTER)
        if _is_full(link):
            return Refusal(503, "storage_full", gettext("Back soon"), _full_sentence(), FULL_SECONDS)
        if _is_away(link):
            return Refusal(503, "away", gettext("Back in a moment"), _away_sentence(), AWAY_SECONDS)
    return None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield the error and its causes: a template or form may have wrapped it."""
    for _ in range(8):
        if error is None:
            return
        yield error
        error = error.__cause__ or error.__context__


def _is_full(error: BaseException) -> bool:
    if isinstance(error, OSError) and not isinstance(error, UnreadablePostError):
        return error.errno in FULL_ERRNOS
    return isinstance(error, DatabaseError) and (_pg_state(error) == FULL_STATE or _sqlite_code(error) in FULL_CODES)


def _is_away(error: BaseException) -> bool:
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    if isinstance(error.__cause__, sqlite3.Error):
        return _sqlite_code(error) in AWAY_CODES
    # PostgreSQL's own answers carry a code; without one the connection is gone.
    state = _pg_state(error)
    return state is None or state.startswith(AWAY_STATES)


def _pg_state(error: BaseException) -> str | None:
    return getattr(error.__cause__, "pgcode", None)


def _sqlite_code(error: BaseException) -> int | None:
    code = getattr(error.__cause__, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def _full_sentence() -> str:
    return gettext("We cannot save anything at the moment. You can still look around. Please try again later.")


def _away_sentence() -> str:
    return gettext(
        "We cannot reach our records at the moment. Please try again in a minute: nothing is ordered or charged twice."
    )


class OutageMiddleware:
    """Answer 503 with Retry-After to an outage that a view did not handle."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        refusal = outage_of(error)
        if refusal is None:
            return None
        logger.error("%s is answered %s: %s: %s", request.path, refusal.code, type(error).__name__, error)
        return answer(request, refusal)


class BoundedWaitMiddleware:
    """Limit how long a request waits for SQLite's one writer. Outermost: a session is saved after the view."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if connection.vendor != "sqlite":
            raise MiddlewareNotUsed
        self.get_response = get_response
        self.slots = threading.BoundedSemaphore(max(1, settings.WEB_THREADS // 2))

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with connection.execute_wrapper(BoundedWait(self.slots)):
            return self.get_response(request)


class BoundedWait:
    """Run a request's statements that take SQLite's write lock with a short timeout, or a long one if a slot is free.

    All waits of a request together take no longer than one. Reads wait for nobody and pass.
    """

    def __init__(self, slots: threading.Semaphore) -> None:
        self.slots = slots
        self.left_ms = LONG_WAIT_MS

    def __call__(self, execute: Execute, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        database = context["connection"]
        if database.in_atomic_block or sql.lstrip("( \n")[:10].upper().startswith(READS):
            return execute(sql, params, many, context)
        left_ms = self.left_ms if is_patient() else 0
        has_slot = left_ms > 0 and self.slots.acquire(blocking=False)
        began = time.monotonic()
        try:
            _set_patience(database, left_ms if has_slot else min(SHORT_WAIT_MS, left_ms))
            return execute(sql, params, many, context)
        finally:
            self.left_ms = max(0, self.left_ms - int(1_000 * (time.monotonic() - began)))
            _set_patience(database, int(1_000 * database.settings_dict["OPTIONS"].get("timeout", 5)))
            if has_slot:
                self.slots.release()


def _set_patience(database: Any, milliseconds: int) -> None:
    database.connection.execute(f"PRAGMA busy_timeout = {milliseconds}")
