"""Statements that a connection prepares when it first sends them, so that PostgreSQL plans a big query only once.

A pooler that lends connections by transaction loses what was prepared: DISABLE_SERVER_SIDE_CURSORS, which Django wants
behind one anyway, has all statements sent as they are.
"""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.db import DatabaseError
from psycopg2 import errorcodes
from psycopg2.extensions import AsIs

Found = TypeVar("Found")

# A column got another type since, or what is prepared is not what we know of.
_IN_VAIN = {
    errorcodes.FEATURE_NOT_SUPPORTED,
    errorcodes.INVALID_SQL_STATEMENT_NAME,
    errorcodes.DUPLICATE_PREPARED_STATEMENT,
}
_KNOWN = "vitrine_prepared"
# For a transaction that asks by keys only: PostgreSQL plans anew each time where it guesses at the length of a list.
PLANNED_ONCE = "SET LOCAL plan_cache_mode = force_generic_plan"


class Prepared:
    """A statement with `%s` for each parameter; `types` are their database types, None for a constant of the code.

    `table` is the part of the name that people read in the server's views.
    """

    def __init__(self, table: str, sql: str, types: Sequence[str | None], constants: Sequence[Any] = ()) -> None:
        self.sql, self.types, self.constants = sql, types, constants
        digest = hashlib.sha1(repr([sql, types, constants]).encode(), usedforsecurity=False).hexdigest()
        # Made of all that it says: one name never means two statements.
        self.name = f"{table[:40]}_{digest[:12]}"
        asked = sum(kind is not None for kind in types)
        self.execute = f"EXECUTE {self.name}" + (f" ({', '.join(['%s'] * asked)})" if asked else "")

    def sent(self, connection: Any) -> str:
        """Return what to send with a value for each type: its name, prepared if it was not, or else its text."""
        if not can_prepare(connection):
            return self.sql
        known = _known(connection)
        if self.name not in known:
            self._prepare(connection)
            known.add(self.name)
        return self.execute

    def rows(self, connection: Any, values: Sequence[Any], *, first: str = "") -> list[tuple]:
        """Return the rows. `connection` is that of this thread, not Django's proxy. Raises DatabaseError.

        `first` is a statement without parameters that is sent with this one.
        """

        def ask() -> list[tuple]:
            with connection.cursor() as cursor:
                cursor.execute("; ".join(filter(None, [first, self.sent(connection)])), values)
                return cursor.fetchall()

        return again_if_in_vain(connection, ask)

    def _prepare(self, connection: Any) -> None:
        kinds = [kind for kind in self.types if kind is not None]
        numbers, constants = iter(range(1, len(kinds) + 1)), iter(self.constants)
        parts = [next(constants) if kind is None else AsIs(f"${next(numbers)}") for kind in self.types]
        declared = f" ({', '.join(kinds)})" if kinds else ""
        _tell(connection, f"PREPARE {self.name}{declared} AS {self.sql}", parts)


def can_prepare(connection: Any) -> bool:
    """Return whether what is prepared on this connection stays with it."""
    return connection.vendor == "postgresql" and not connection.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS")


def again_if_in_vain(connection: Any, ask: Callable[[], Found]) -> Found:
    """Return what `ask` finds, asked once more if what was prepared no longer holds.

    Raises DatabaseError: in a transaction too, which is lost by then; the next one prepares anew.
    """
    try:
        return ask()
    except DatabaseError as error:
        if getattr(error.__cause__, "pgcode", None) not in _IN_VAIN:
            raise
        setattr(connection, _KNOWN, None)
        if connection.in_atomic_block:
            raise
        return ask()


def _known(connection: Any) -> set[str]:
    """Return the names that the connection to the server knows, once there is one that works."""
    connection.validate_no_broken_transaction()
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    kept = getattr(connection, _KNOWN, None)
    if kept is None or kept[0] is not connection.connection:
        _tell(connection, "DEALLOCATE ALL")
        kept = (connection.connection, set())
        setattr(connection, _KNOWN, kept)
    return kept[1]


def _tell(connection: Any, sql: str, parameters: Sequence[Any] | None = None) -> None:
    """Execute past Django's cursor: it is no query of the page."""
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        cursor.execute(sql, parameters)
