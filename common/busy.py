"""Lock timeouts become a refusal that says when to try again, never a 500.

PostgreSQL waits 3 seconds for a lock (`lock_timeout` in the settings); the wait for SQLite's one writer is set
in common/outages.py. A service whose caller wants to keep the form raises Busy itself; the outage middleware catches
the rest.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import OperationalError
from django.utils.translation import gettext

from common.errors import DomainError

RETRY_AFTER = 2
PATIENCE = 3
# Limits each statement of a transaction to PATIENCE seconds; sent with its first one. `lock_timeout` alone is no bound:
# behind a queue for one row PostgreSQL waits twice, for the queue and for the row. SQLite has the connection's timeout.
PATIENT = f"SET LOCAL statement_timeout = '{PATIENCE}s'"
# Lock not available, query cancelled (statement_timeout), deadlock detected, serialization failure.
_SQLSTATES = frozenset({"55P03", "57014", "40P01", "40001"})

_is_patient: ContextVar[bool] = ContextVar("whether SQLite's writer is waited for", default=True)


class Busy(DomainError):
    """A lock could not be had in time; trying again in a moment works. extra["retry_after"]: seconds."""

    code = "busy"


def is_busy(error: BaseException) -> bool:
    """Return whether the error is lock contention, which waiting resolves."""
    if isinstance(error, Busy):
        return True
    if not isinstance(error, OperationalError):
        return False
    return getattr(error.__cause__, "pgcode", None) in _SQLSTATES or "database is locked" in str(error)


def busy_sentence() -> str:
    """Return the sentence shown to people."""
    return gettext("The shop is very busy right now. Nothing was changed; please try again in a moment.")


@contextmanager
def busy_when_locked() -> Iterator[None]:
    """Turn a lock timeout inside the block into Busy; let any other error pass."""
    try:
        yield
    except OperationalError as error:
        if not is_busy(error):
            raise
        raise Busy(busy_sentence(), extra={"retry_after": RETRY_AFTER}) from error


@contextmanager
def without_waiting() -> Iterator[None]:
    """Give up at once when SQLite's one writer is at work: what is written in the block can wait, its reader cannot."""
    token = _is_patient.set(False)
    try:
        yield
    finally:
        _is_patient.reset(token)


def is_patient() -> bool:
    """Return whether a request may wait for SQLite's one writer."""
    return _is_patient.get()
