"""All invariants, checked in one snapshot of the database that no write can change."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice

from django.db import connection, transaction

from common.registry import Row, invariants

ROWS_SHOWN = 20


@dataclass(frozen=True)
class Finding:
    """The findings of one invariant: `count` violations, the first twenty as rows."""

    id: str
    title: str
    ok: bool
    count: int
    rows: list[Row]


@dataclass(frozen=True)
class Report:
    """The result of `check_invariants`."""

    ok: bool
    at: dt.datetime
    checks: list[Finding]

    def as_dict(self) -> dict[str, object]:
        """Return the structure that `check_invariants --json` documents."""
        checks = [{"id": c.id, "ok": c.ok, "count": c.count, "rows": c.rows} for c in self.checks]
        return {"ok": self.ok, "at": self.at.isoformat(), "checks": checks}


def check_all(*, at: dt.datetime) -> Report:
    """Check every registered invariant as of `at` and report; changes nothing and blocks no writer."""
    with _snapshot():
        findings = [_find(check.id, check.title, iter(check.find(at))) for check in invariants()]
    return Report(all(finding.ok for finding in findings), at, findings)


def _find(id: str, title: str, rows: Iterator[Row]) -> Finding:
    shown: list[Row] = [dict(row) for row in islice(rows, ROWS_SHOWN)]
    count = len(shown) + sum(1 for _ in rows)
    return Finding(id, title, count == 0, count, shown)


@contextmanager
def _snapshot() -> Iterator[None]:
    """Hold one read-only snapshot; inside an open transaction (in tests) use that one."""
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute("SET LOCAL statement_timeout = 0")
            yield
    else:
        # Django's atomic() begins IMMEDIATE on SQLite and would keep every writer waiting.
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")
