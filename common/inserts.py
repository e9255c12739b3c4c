"""Inserts composed once for each model: Django composes one anew for each row that it writes.

A row and those that point to it are one statement: each that is sent costs more than what it writes.
"""

import uuid
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import groupby
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.models import Field, Model

from common.prepared import Prepared

# SQLite takes so many in one statement, unless it was built for more.
MOST_VALUES = 32_000
# A longer family is rare, and each length would stay with the connection.
MOST_PREPARED = 300
# Stands in a JSON value for the id of the row that a family is written with.
PARENT_ID = object()
_PARENT = "(SELECT id FROM parent)"
# What the driver takes as it is. Decimals may be NaN, and moments without a zone: their fields look at them.
_READY = frozenset({bool, int, uuid.UUID, type(None)})


def insert(rows: Sequence[Model], *, leaves_existing: bool = False) -> None:
    """Write new rows of one model and give them their ids, in one statement or few. No signals.

    The rows have no ids yet, and values in all other fields: no expressions, no defaults of the database, nothing that
    Django would fill in as it saves. `leaves_existing`: a row that a unique constraint refuses is left out, and no row
    gets its id. Raises IntegrityError otherwise.
    """
    if not rows:
        return
    mine: Any = connections[DEFAULT_DB_ALIAS]
    model = type(rows[0])
    if not mine.features.can_return_rows_from_bulk_insert:
        model._base_manager.bulk_create(rows, ignore_conflicts=leaves_existing)
        return
    at_once = MOST_VALUES // len(_fields(model))
    with transaction.mark_for_rollback_on_error(using=mine.alias), mine.cursor() as cursor:
        for start in range(0, len(rows), at_once):
            _write(mine, cursor, rows[start : start + at_once], leaves_existing)


def insert_family(parent: Model, children: Sequence[Model]) -> None:
    """Write a new row, and with it new rows of other models: one statement on PostgreSQL. No signals.

    Children that point to `parent` hold it in their foreign key, or PARENT_ID as a value in a JSON object; all rows of
    a model do it in the same way. `parent` gets its id, they get none. Otherwise as `insert`.
    """
    mine: Any = connections[DEFAULT_DB_ALIAS]
    families = [list(rows) for _model, rows in groupby(children, key=type)]
    if mine.vendor != "postgresql" or sum(len(_fields(type(row))) for row in children) > MOST_VALUES:
        insert([parent])
        for rows in families:
            insert([_pointed(row, parent) for row in rows])
        return
    values = [value for rows in ([parent], *families) for row in rows for value in _values(row, mine, parent)]
    shape = tuple((type(rows[0]), len(rows), _cells(rows[0], parent)) for rows in families)
    statement = _family(type(parent), shape, mine.vendor)
    with transaction.mark_for_rollback_on_error(using=mine.alias), mine.cursor() as cursor:
        cursor.execute(statement.sent(mine) if len(values) <= MOST_PREPARED else statement.sql, values)
        _keep_id(mine, parent, cursor.fetchone()[0])


def _pointed(row: Model, parent: Model) -> Model:
    """Return a row that knows the id of its parent."""
    for field in _fields(type(row)):
        value = getattr(row, field.attname)
        if _points(field, row, parent):
            setattr(row, field.attname, parent.pk)
        elif isinstance(value, dict):
            setattr(row, field.attname, {key: parent.pk if one is PARENT_ID else one for key, one in value.items()})
    return row


def _points(field: Field, row: Model, parent: Model) -> bool:
    return bool(field.many_to_one or field.one_to_one) and row._state.fields_cache.get(field.name) is parent


def _later(value: Any) -> list[str]:
    """Return the keys of a JSON value that wait for the parent's id."""
    return [key for key, one in value.items() if one is PARENT_ID] if isinstance(value, dict) else []


def _cells(row: Model, parent: Model) -> tuple[str, ...]:
    """Return what stands for each column of a row that is written with its parent."""
    cells = []
    for field in _fields(type(row)):
        later = _later(row.__dict__[field.attname])
        named = ", ".join(f"'{key}', {_PARENT}" for key in later)
        given = f"%s::jsonb || jsonb_build_object({named})" if later else "%s"
        cells.append(_PARENT if _points(field, row, parent) else given)
    return tuple(cells)


def _values(row: Model, mine: Any, parent: Model | None = None) -> list[Any]:
    """Return the values of a row as the database takes them, without those that wait for the parent's id."""
    values = []
    for field in _fields(type(row)):
        value = row.__dict__[field.attname]
        if parent is None or not _points(field, row, parent):
            if isinstance(value, dict):
                value = {key: one for key, one in value.items() if one is not PARENT_ID}
            is_ready = type(value) in _READY and mine.vendor == "postgresql"
            values.append(value if is_ready else field.get_db_prep_save(value, connection=mine))
    return values


def _write(mine: Any, cursor: Any, rows: Sequence[Model], leaves_existing: bool) -> None:
    model = type(rows[0])
    ending = ["ON CONFLICT DO NOTHING"] if leaves_existing else ["RETURNING", _key(model, mine.vendor)]
    values = [value for row in rows for value in _values(row, mine)]
    cursor.execute(" ".join([_statement(model, len(rows), None, mine.vendor), *ending]), values)
    if leaves_existing:
        return
    for row, (key,) in zip(rows, cursor.fetchall(), strict=True):
        _keep_id(mine, row, key)


def _keep_id(mine: Any, row: Model, key: Any) -> None:
    row.pk = key
    row._state.adding, row._state.db = False, mine.alias


@cache
def _fields(model: type[Model]) -> list[Field]:
    return [field for field in model._meta.local_concrete_fields if not field.primary_key]


@cache
def _key(model: type[Model], vendor: str) -> str:
    return connections[DEFAULT_DB_ALIAS].ops.quote_name(str(model._meta.pk.column))


@lru_cache(maxsize=100)
def _statement(model: type[Model], count: int, cells: tuple[str, ...] | None, vendor: str) -> str:
    quote = connections[DEFAULT_DB_ALIAS].ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in _fields(model))
    rows = ", ".join([f"({', '.join(cells or ['%s'] * len(_fields(model)))})"] * count)
    return " ".join(["INSERT INTO", quote(model._meta.db_table), f"({columns})", "VALUES", rows])


@lru_cache(maxsize=100)
def _family(parent: type[Model], shape: tuple[tuple[type[Model], int, tuple[str, ...]], ...], vendor: str) -> Prepared:
    parts = [
        " ".join(["parent AS (", _statement(parent, 1, None, vendor), "RETURNING", _key(parent, vendor), "AS id)"])
    ]
    for number, (model, count, cells) in enumerate(shape):
        parts.append(" ".join([f"child{number} AS (", _statement(model, count, cells, vendor), ")"]))
    types = _types(parent, ["%s"] * len(_fields(parent)))
    for model, count, cells in shape:
        types += _types(model, cells) * count
    return Prepared(parent._meta.db_table, " ".join(["WITH", ", ".join(parts), "SELECT id FROM parent"]), types)


def _types(model: type[Model], cells: Sequence[str]) -> list[str]:
    """Return the database's types of the values of a row."""
    mine = connections[DEFAULT_DB_ALIAS]
    return [str(field.cast_db_type(mine)) for field, cell in zip(_fields(model), cells, strict=True) if "%s" in cell]
