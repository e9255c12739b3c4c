"""Append-only tables: row triggers that refuse DELETE and any UPDATE outside an allow-list of columns.

They are made in post_migrate from the model's own declaration, never once in a migration:
Django's table remake on SQLite drops triggers without a word.
"""

from collections.abc import Iterable
from typing import ClassVar

from django.apps import apps
from django.db import connections, models


class AppendOnlyModel(models.Model):
    """Rows are written once. `erasable` names columns that may change later (personal data, SET_NULL links)."""

    erasable: ClassVar[tuple[str, ...]] = ()

    class Meta:
        abstract = True


def append_only_models() -> list[type[AppendOnlyModel]]:
    """Return the concrete append-only models of all installed apps."""
    return [model for model in apps.get_models() if issubclass(model, AppendOnlyModel)]


def trigger_names(model: type[AppendOnlyModel]) -> tuple[str, str]:
    """Return the names of the update and the delete trigger of a model's table."""
    return f"{model._meta.db_table}_no_update", f"{model._meta.db_table}_no_delete"


def install_triggers(using: str = "default") -> None:
    """Create or replace the guards of every append-only table on this database. Idempotent."""
    connection = connections[using]
    existing = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for model in append_only_models():
            if model._meta.db_table in existing:
                described = connection.introspection.get_table_description(cursor, model._meta.db_table)
                for statement in _statements(model, {column.name for column in described}, connection):
                    cursor.execute(statement)


def _statements(model: type[AppendOnlyModel], columns: set[str], connection) -> list[str]:
    """Return what makes the guards of a table; columns that it lacks after a migration back are left out."""
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    fields = [field for field in model._meta.local_concrete_fields if field.column in columns]
    guarded = [field for field in fields if field.name not in model.erasable]
    update_name, delete_name = trigger_names(model)
    message = f"{model._meta.db_table} is append-only"
    if connection.vendor == "sqlite":
        changed = " OR ".join(f"OLD.{quote(f.column)} IS NOT NEW.{quote(f.column)}" for f in guarded)
        raise_ = f"SELECT RAISE(ABORT, '{message}')"
        return [
            f"DROP TRIGGER IF EXISTS {quote(update_name)}",
            f"DROP TRIGGER IF EXISTS {quote(delete_name)}",
            f"CREATE TRIGGER {quote(update_name)} BEFORE UPDATE ON {table} WHEN {changed} BEGIN {raise_}; END",
            f"CREATE TRIGGER {quote(delete_name)} BEFORE DELETE ON {table} BEGIN {raise_}; END",
        ]
    changed = " OR ".join(f"OLD.{quote(f.column)} IS DISTINCT FROM NEW.{quote(f.column)}" for f in guarded)
    return [
        (
            "CREATE OR REPLACE FUNCTION refuse_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE integrity_constraint_violation USING MESSAGE = TG_TABLE_NAME || ' is append-only'; END $$"
        ),
        f"DROP TRIGGER IF EXISTS {quote(update_name)} ON {table}",
        f"DROP TRIGGER IF EXISTS {quote(delete_name)} ON {table}",
        (
            f"CREATE TRIGGER {quote(update_name)} BEFORE UPDATE ON {table} FOR EACH ROW WHEN ({changed}) "
            "EXECUTE FUNCTION refuse_append_only()"
        ),
        (
            f"CREATE TRIGGER {quote(delete_name)} BEFORE DELETE ON {table} FOR EACH ROW "
            "EXECUTE FUNCTION refuse_append_only()"
        ),
    ]


def missing_triggers(using: str = "default") -> list[str]:
    """Return the names of guards that are not on their table of this database, or are switched off."""
    connection = connections[using]
    query = (
        "SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'"
        if connection.vendor == "sqlite"
        # Enabled "O" fires in ordinary sessions, "A" in replicas too; "R" and "D" do not.
        else "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
        " JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')"
        " AND p.proname = 'refuse_append_only' AND c.relnamespace = current_schema()::regnamespace"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        present = set(cursor.fetchall())
    return [
        name
        for model in append_only_models()
        for name in trigger_names(model)
        if (model._meta.db_table, name) not in present
    ]


def guard_after_migrate(sender: object, using: str, **kwargs: object) -> None:
    """Receive post_migrate: the tables exist now, guard them."""
    install_triggers(using)


def unguard_before_going_back(
    sender: object, using: str, plan: Iterable[tuple[object, bool]], **kwargs: object
) -> None:
    """Receive pre_migrate: on SQLite a guard that names a column keeps it from being dropped.

    They are made again after it. PostgreSQL drops such a guard with the column.
    """
    connection = connections[using]
    if connection.vendor == "sqlite" and any(is_backwards for _migration, is_backwards in plan):
        with connection.cursor() as cursor:
            for model in append_only_models():
                for name in trigger_names(model):
                    cursor.execute(f"DROP TRIGGER IF EXISTS {connection.ops.quote_name(name)}")
