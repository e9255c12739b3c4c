"""The tables a test wrote to and an invariant read: a check that read none of them need not run again.

On the untouched database every invariant holds. A check is a function of the rows it reads, so as long as nothing
wrote to the tables it read there, it would read the same rows again and find nothing.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

from django.db import connection

WRITES = re.compile(r"\b(?:INSERT|UPDATE|DELETE|TRUNCATE|ALTER|CREATE|DROP|CALL|DO|MERGE|COPY)\b", re.IGNORECASE)
READS_ONLY = re.compile(r"\bFOR (?:NO KEY )?UPDATE\b", re.IGNORECASE)
WORD = re.compile(r"\w+")
EXECUTES = re.compile(r"EXECUTE (\w+)")


@cache
def tables() -> frozenset[str]:
    """Return the names of all tables of this database."""
    return frozenset(connection.introspection.table_names())


def text_of(sql: str) -> str:
    """Return what a statement says: that of `EXECUTE name` stands with the connection that prepared it."""
    found = EXECUTES.match(sql)
    return _prepared(found[1]) if found else sql


@cache
def _prepared(name: str) -> str:
    with connection.connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements WHERE name = %s", [name])
        return cursor.fetchone()[0].partition(" AS ")[2]


def named(sql: str) -> frozenset[str]:
    """Return the tables named in `sql`."""
    return frozenset(WORD.findall(sql)) & tables()


def written(sql: str) -> frozenset[str]:
    """Return the tables that `sql` may write to: all those it names, unless it is only a query."""
    return named(sql) if WRITES.search(READS_ONLY.sub("", sql)) else frozenset()


@contextmanager
def noting(find: Callable[[str], frozenset[str]]) -> Iterator[set[str]]:
    """Collect the result of `find` for each statement of the block on this thread's connection."""
    noted: set[str] = set()
    tables()  # called before we listen to the statements

    def note(execute, sql, params, many, context):
        noted.update(find(text_of(str(sql))))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield noted
