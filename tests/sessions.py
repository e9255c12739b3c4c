"""A second PostgreSQL session beside the test's own: it holds locks, works in a thread, finds locked rows.

Tests that use it are transactional (`django_db(transaction=True)`), as sessions see only committed rows.
"""

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from django.db import connection, connections
from django.db.backends.utils import CursorWrapper
from django.db.models import Model

PATIENCE = 20


@contextlib.contextmanager
def open_transaction() -> Iterator[CursorWrapper]:
    """Yield a cursor of another session in an open transaction that is rolled back at the end of the block."""
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            yield cursor
    finally:
        other.close()


@contextlib.contextmanager
def holding(row: Model) -> Iterator[CursorWrapper]:
    """Lock the row as a writer does; yield the session's cursor."""
    with open_transaction() as cursor:
        cursor.execute(f"SELECT 1 FROM {row._meta.db_table} WHERE id = %s FOR NO KEY UPDATE", [row.pk])
        yield cursor


def free_rows(model: type[Model], ids: Iterable[int]) -> set[int]:
    """Return those of the rows that nobody has locked."""
    wanted = list(ids)
    with open_transaction() as cursor:
        cursor.execute(
            f"SELECT id FROM {model._meta.db_table} WHERE id = ANY(%s) FOR UPDATE SKIP LOCKED",
            [wanted],
        )
        return {pk for (pk,) in cursor.fetchall()}


class Beside:
    """Work in a thread with a session of its own; call `join` once nothing blocks it any more."""

    def __init__(self, work: Callable[[], object]) -> None:
        self._session: Future[int] = Future()
        self._work = ThreadPoolExecutor(1).submit(self._run, work)

    def _run(self, work: Callable[[], object]) -> object:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                self._session.set_result(cursor.fetchone()[0])
            return work()
        finally:
            connections.close_all()

    def wait_until_blocked(self) -> None:
        """Wait until the session waits for a lock; fail if it ends without having to."""
        session, end = self._session.result(PATIENCE), time.monotonic() + PATIENCE
        while time.monotonic() < end:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_blocking_pids(%s)", [session])
                if cursor.fetchone()[0]:
                    return
            assert not self._work.done(), f"it did not wait: {self._work.exception() or self._work.result()!r}"
            time.sleep(0.005)
        raise AssertionError("it neither waits for a lock nor finishes")

    def join(self) -> object:
        """Return the work's result or raise its exception."""
        return self._work.result(PATIENCE)
