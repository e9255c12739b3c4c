"""Queries composed once: their SQL is kept, and each call only fills in the values.

Django composes a query anew each time it is asked. For one with a few subqueries that takes longer than the database
needs to answer it; PostgreSQL's planning does too, so each connection prepares the query (common/prepared.py).
"""

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Field, Model, QuerySet, Value
from django.db.models.sql.compiler import SQLCompiler

from common.prepared import Prepared, again_if_in_vain, can_prepare

Row = TypeVar("Row")
# To plan longer lists takes no longer than to send them, and each length would stay with the connection.
MOST_HOLES = 300


class Hole(Value):
    """A value that is not known yet, by its name; `number` tells those of a list apart."""

    def __init__(self, name: str, output_field: Field, number: int | None = None) -> None:
        super().__init__((name, number), output_field=output_field)
        self.name, self.number = name, number

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, Any]:
        return "%s", [self]

    def type_in(self, connection: Any) -> str:
        """Return the type of the value in the database."""
        return self.output_field.cast_db_type(connection) or ""

    def fill(self, values: Mapping[str, Any], connection: Any) -> Any:
        """Return the value as the database takes it."""
        value = values[self.name] if self.number is None else values[self.name][self.number]
        return self.output_field.get_db_prep_value(value, connection=connection)


def holes(name: str, output_field: Field, count: int) -> list[Any]:
    """Return so many holes, for `__in`."""
    return [Hole(name, output_field, number) for number in range(count)]


def padded(values: Iterable[Any]) -> list[Any]:
    """Return values for `holes`, the last one repeated up to a power of two: few lengths, few plans."""
    found = list(values)
    return [*found, *found[-1:] * ((1 << (len(found) - 1).bit_length()) - len(found))] if found else []


@dataclass(frozen=True)
class _Plan:
    """A query that was composed: `parameters` are values and holes."""

    compiler: SQLCompiler
    iterable: type
    model: type[Model]
    sql: str
    parameters: Sequence[Any]
    converters: Mapping[int, Any]

    def asked(self, values: Mapping[str, Any], connection: Any) -> tuple[str, tuple]:
        """Return the statement to send with its parameters."""
        if can_prepare(connection) and len(self._holes) <= MOST_HOLES:
            return self._prepared.sent(connection), tuple(hole.fill(values, connection) for hole in self._holes)
        filled = (part.fill(values, connection) if isinstance(part, Hole) else part for part in self.parameters)
        return self.sql, tuple(filled)

    @cached_property
    def _holes(self) -> list[Hole]:
        return [part for part in self.parameters if isinstance(part, Hole)]

    @cached_property
    def _prepared(self) -> Prepared:
        return Prepared(
            self.model._meta.db_table,
            self.sql,
            [part.type_in(self.compiler.connection) if isinstance(part, Hole) else None for part in self.parameters],
            [part for part in self.parameters if not isinstance(part, Hole)],
        )


@dataclass
class _Query:
    """What Django's iterables read of a queryset and of its query."""

    db: str
    model: type
    compiler: SQLCompiler
    _known_related_objects: dict = field(default_factory=dict)

    @property
    def query(self) -> "_Query":
        return self

    def get_compiler(self, using: str) -> SQLCompiler:
        return self.compiler


class Composed(Generic[Row]):
    """A query with holes, composed when it is first asked, once for each `shape` (for example a number of holes).

    What `compose` puts in beside the holes stays in the plan: constants of the code only, nothing read from settings,
    the language or the database. A query that locks is to be asked in a transaction: Django checks the first time only.
    """

    def __init__(self, compose: Callable[..., "QuerySet[Any, Row]"]) -> None:
        self._compose = compose
        self._plans: dict[tuple, _Plan] = {}

    def __call__(self, *shape: int, **values: Any) -> list[Row]:
        """Return the rows for these values of the holes."""
        return self.after(("", ()), *shape, **values)

    def after(self, first: tuple[str, Sequence[Any]], *shape: int, **values: Any) -> list[Row]:
        """Return the same, after statements with their parameters that are sent with the query. Not on SQLite."""
        # The connection of this thread itself: its proxy looks it up again at each attribute.
        mine = connections[DEFAULT_DB_ALIAS]
        key = (mine.vendor, *shape)
        plan = self._plans.get(key)
        if plan is None:
            plan = self._plans[key] = _plan(self._compose(*shape), mine)
        return again_if_in_vain(mine, lambda: _rows(plan, values, mine, first))

    def first(self, *shape: int, **values: Any) -> Row | None:
        """Return the first row, None without one."""
        return next(iter(self(*shape, **values)), None)


def _rows(plan: _Plan, values: Mapping[str, Any], mine: Any, first: tuple[str, Sequence[Any]]) -> list[Any]:
    sql, parameters = plan.asked(values, mine)
    asked = (f"{first[0]}; {sql}", (*first[1], *parameters)) if first[0] else (sql, parameters)
    compiler = copy.copy(plan.compiler)
    compiler.connection = mine
    vars(compiler).update(as_sql=lambda *_options, **_more: asked, get_converters=lambda _columns: plan.converters)
    return list(plan.iterable(_Query(mine.alias, plan.model, compiler)))


def _plan(queryset: QuerySet, mine: Any) -> _Plan:
    compiler = queryset.query.get_compiler(connection=mine)
    sql, parameters = compiler.as_sql()
    converters = compiler.get_converters([column for column, *_ in compiler.select])
    return _Plan(compiler, queryset._iterable_class, queryset.model, sql, parameters, converters)
