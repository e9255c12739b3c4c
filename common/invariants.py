"""Invariants of shared tables and of the database: outbox progress, guards, sequences and constraints."""

import datetime as dt
from collections.abc import Iterable

from django.apps import apps
from django.db import connection
from django.db.models import AutoField

from common.append_only import missing_triggers
from common.models import OutboxMessage
from common.page_changes.triggers import missing
from common.registry import Row, invariant

FORGOTTEN = "60 s"
OUTBOX_PATIENCE = dt.timedelta(minutes=5)


@invariant("I22", "no outbox message is pending for more than 5 minutes after it was first due")
def outbox_moves_on(at: dt.datetime) -> Iterable[Row]:
    stuck = OutboxMessage.objects.filter(done_at=None, parked_at=None, first_due_at__lt=at - OUTBOX_PATIENCE)
    return stuck.values("id", "event", "first_due_at", "attempts", "last_error")


@invariant("I23", "no parked outbox message waits for a person")
def no_parked_messages(at: dt.datetime) -> Iterable[Row]:
    return OutboxMessage.objects.filter(parked_at__isnull=False).values("id", "event", "last_error")


@invariant("I31", "every append-only table has its guards")
def guards_in_place(at: dt.datetime) -> Iterable[Row]:
    return [{"trigger": name} for name in missing_triggers()]


@invariant("I47", "every table that public pages show tells of its changes")
def pages_are_told(at: dt.datetime) -> Iterable[Row]:
    return [{"trigger": name} for name in missing()]


@invariant("I30", "every sequence is past the largest id of its table, also after a restore")
def sequences_lead(at: dt.datetime) -> Iterable[Row]:
    if connection.vendor != "postgresql":
        return []
    quote = connection.ops.quote_name
    tables = sorted(
        {(m._meta.db_table, str(m._meta.pk.column)) for m in apps.get_models() if isinstance(m._meta.pk, AutoField)}
    )
    # Only names of our own models go into this text.
    largest = " UNION ALL ".join(
        f"SELECT '{table}' AS name, pg_get_serial_sequence('{quote(table)}', '{column}')::regclass::oid AS seq,"  # noqa: S608
        f" (SELECT MAX({quote(column)}) FROM {quote(table)}) AS top"
        for table, column in tables
    )
    return _rows(
        f"SELECT t.name, t.top FROM ({largest}) t JOIN pg_class c ON c.oid = t.seq"  # noqa: S608
        " JOIN pg_sequences s ON s.sequencename = c.relname AND s.schemaname = current_schema()"
        " WHERE t.top > COALESCE(s.last_value, 0)"
    )


@invariant("I31b", "every constraint is validated, every index is valid")
def constraints_are_in_force(at: dt.datetime) -> Iterable[Row]:
    if connection.vendor != "postgresql":
        return []
    return _rows(
        "SELECT conname AS name FROM pg_constraint"
        " WHERE NOT convalidated AND connamespace = current_schema()::regnamespace"
        " UNION ALL SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
        " WHERE NOT (i.indisvalid AND i.indisready) AND c.relnamespace = current_schema()::regnamespace"
    )


@invariant("I33", "no transaction is left open for a minute, none is prepared, no lock is waited for 5 seconds")
def nobody_holds_up_the_database(at: dt.datetime) -> Iterable[Row]:
    if connection.vendor != "postgresql":
        return []
    return _rows(
        "SELECT pid::text AS session, state, wait_event_type AS waits FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid() AND ("
        " (state LIKE 'idle in transaction%%' AND state_change < clock_timestamp() - %s::interval)"
        " OR (wait_event_type = 'Lock' AND state = 'active' AND query_start < clock_timestamp() - interval '5 s'))"
        " UNION ALL SELECT gid, 'prepared', '' FROM pg_prepared_xacts WHERE database = current_database()",
        [FORGOTTEN],
    )


def _rows(query: str, parameters: list[str] | None = None) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
