"""Rows of a relation in a column of the row they belong to: one statement reads both, on either database."""

import datetime as dt
import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db.models import JSONField, Model, QuerySet, Subquery
from django.db.models.sql.compiler import SQLCompiler

Row = dict[str, Any]


class _ExactDecoder(json.JSONDecoder):
    """Read a number with a fraction as it is written, never as a float."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "parse_float": Decimal})


class NestedRows(Subquery):
    """The columns `names` of a query as a list of {name: value}, in no particular order; `rows_of` reads it.

    Decimals come as Decimal or int, dates and times as ISO text, JSON as it is on PostgreSQL and as text on SQLite.
    """

    template = "(SELECT jsonb_agg(to_jsonb(nested)) FROM (%(subquery)s) nested)"

    def __init__(self, queryset: QuerySet, *names: str) -> None:
        super().__init__(queryset.values(*names), output_field=JSONField(decoder=_ExactDecoder))
        self.names = names

    def as_sqlite(self, compiler: SQLCompiler, connection: Any, **context: Any) -> tuple[str, Any]:
        """Name each column: SQLite has no function that takes a whole row."""
        pairs = ", ".join(f"'{name}', nested.\"{name}\"" for name in self.names)
        template = f"(SELECT json_group_array(json_object({pairs})) FROM (%(subquery)s) nested)"  # noqa: S608 - names
        return self.as_sql(compiler, connection, template=template, **context)


def rows_of(value: list[Row] | None) -> list[Row]:
    """Return the nested rows; PostgreSQL says NULL for none."""
    return value or []


def texts_of(value: dict[str, str] | str | None) -> dict[str, str]:
    """Return a `Translated` of a nested row."""
    return json.loads(value) if isinstance(value, str) else value or {}


def moment_of(text: str) -> dt.datetime:
    """Return a moment of a nested row; SQLite keeps it in UTC without saying so."""
    moment = dt.datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def keep_related(owner: Model, name: str, rows: Iterable[Model]) -> None:
    """Give an instance the rows of a relation, as `prefetch_related` would: `owner.<name>.all()` asks nothing."""
    manager = getattr(owner, name)
    queryset = manager.model._default_manager.all()
    queryset._result_cache, queryset._prefetch_done = list(rows), True
    vars(owner).setdefault("_prefetched_objects_cache", {})[name] = queryset
