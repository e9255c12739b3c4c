"""Triggers that write the feed. Made in post_migrate, like the guards of append-only tables and for the same reason.

PostgreSQL: statement triggers with transition tables; more than MANY tags of one statement become "everything", and so
does TRUNCATE. SQLite has row triggers only; a tag stands in the table once there, under its newest number.
"""

from collections import defaultdict

from django.apps import apps
from django.db import connections

from common.page_changes.models import EVERYTHING, PageChange
from common.page_changes.watches import EVENTS, Watch, watches

MANY = 500
# Rows that some process may not have read yet.
RECENT_MINUTES = 5
FEED = "common_pagechange"
TELL_ALL = f"SELECT tell_pages(ARRAY['{EVERYTHING}'])"
TELL_ALL_ON_SQLITE = (
    f"INSERT INTO {FEED} (tag, made_by, at) VALUES ('{EVERYTHING}', 0, strftime('%Y-%m-%d %H:%M:%f', 'now'))"
)


def by_table() -> dict[str, list[Watch]]:
    """Return the watches of each table."""
    found: dict[str, list[Watch]] = defaultdict(list)
    for one in watches():
        found[one.table._meta.db_table].append(one)
    return dict(found)


def trigger_name(table: str, event: str) -> str:
    """Return the name of the trigger of an event."""
    return f"pages_{table}_{event.lower()}"


def events_of(declared: list[Watch]) -> list[str]:
    """Return the events of a table that count."""
    return [event for event in EVENTS if any(event in one.events for one in declared)]


def install(using: str = "default") -> None:
    """Create or replace every trigger on this database. Idempotent."""
    connection = connections[using]
    existing = set(connection.introspection.table_names())
    if PageChange._meta.db_table not in existing:
        return
    is_postgresql = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        if is_postgresql:
            for statement in _shared():
                cursor.execute(statement)
        for table, declared in by_table().items():
            if table in existing:
                for statement in (_postgresql if is_postgresql else _sqlite)(table, declared):
                    cursor.execute(statement)
        # While a trigger was missing nothing was told: before the first, after SQLite made a table anew, between two.
        cursor.execute(TELL_ALL if is_postgresql else TELL_ALL_ON_SQLITE)


def missing(using: str = "default") -> list[str]:
    """Return the names of triggers that are not on their table of this database, or are switched off."""
    connection = connections[using]
    is_postgresql = connection.vendor == "postgresql"
    query = (
        "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
        " WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')"
        " AND c.relnamespace = current_schema()::regnamespace"
        if is_postgresql
        else "SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'"
    )
    always = ("TRUNCATE",) if is_postgresql else ()
    with connection.cursor() as cursor:
        cursor.execute(query)
        present = set(cursor.fetchall())
    return [
        trigger_name(table, event)
        for table, declared in by_table().items()
        for event in (*events_of(declared), *always)
        if (table, trigger_name(table, event)) not in present
    ]


def install_after_migrate(sender: object, using: str, **kwargs: object) -> None:
    """Receive post_migrate: the tables exist now, watch them."""
    if apps.ready:
        install(using)


def _shared() -> list[str]:
    """Return what all triggers of PostgreSQL call, and the triggers of the feed itself: it is not to be emptied."""
    return [
        (
            "CREATE OR REPLACE FUNCTION tell_pages(found text[]) RETURNS void LANGUAGE sql AS $$ "
            f"INSERT INTO {FEED} (tag, made_by, at) "
            "SELECT tag, pg_current_xact_id()::text::bigint, clock_timestamp() FROM unnest("
            f"CASE WHEN cardinality(found) > {MANY} THEN ARRAY['{EVERYTHING}'] ELSE found END) AS tag $$"
        ),
        (
            "CREATE OR REPLACE FUNCTION tell_everything() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"PERFORM tell_pages(ARRAY['{EVERYTHING}']); RETURN NULL; END $$"
        ),
        (
            "CREATE OR REPLACE FUNCTION tell_of_lost_changes() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF EXISTS (SELECT FROM old_rows WHERE at > clock_timestamp() - interval '{RECENT_MINUTES} minutes') THEN "
            f"PERFORM tell_pages(ARRAY['{EVERYTHING}']); END IF; RETURN NULL; END $$"
        ),
        (
            f"CREATE OR REPLACE TRIGGER pages_feed_truncate AFTER TRUNCATE ON {FEED} FOR EACH STATEMENT "
            "EXECUTE FUNCTION tell_everything()"
        ),
        (
            f"CREATE OR REPLACE TRIGGER pages_feed_delete AFTER DELETE ON {FEED} REFERENCING OLD TABLE AS old_rows "
            "FOR EACH STATEMENT EXECUTE FUNCTION tell_of_lost_changes()"
        ),
    ]


def _postgresql(table: str, declared: list[Watch]) -> list[str]:
    statements = []
    key = str(declared[0].table._meta.pk.column)
    for event in events_of(declared):
        name = trigger_name(table, event)
        selects = [select for one in declared if event in one.events for select in _selects(one, event, key)]
        found = " UNION ALL ".join(selects)
        old, new = "OLD TABLE AS old_rows", "NEW TABLE AS new_rows"
        tables = {"INSERT": new, "DELETE": old, "UPDATE": f"{old} {new}"}[event]
        statements += [
            (
                f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE found text[]; "
                f"BEGIN found := ARRAY(SELECT DISTINCT tag FROM ({found}) AS tags WHERE tag IS NOT NULL "
                f"LIMIT {MANY + 1}); IF cardinality(found) > 0 THEN PERFORM tell_pages(found); END IF; "
                "RETURN NULL; END $$"
            ),
            (
                f"CREATE OR REPLACE TRIGGER {name} AFTER {event} ON {table} REFERENCING {tables} FOR EACH STATEMENT "
                f"EXECUTE FUNCTION {name}()"
            ),
        ]
    name = trigger_name(table, "TRUNCATE")
    return [
        *statements,
        (
            f"CREATE OR REPLACE TRIGGER {name} AFTER TRUNCATE ON {table} FOR EACH STATEMENT "
            "EXECUTE FUNCTION tell_everything()"
        ),
    ]


def _selects(one: Watch, event: str, key: str) -> list[str]:
    """Return a SELECT for each tag of the rows of the transition tables; both sides of an update count."""
    if event != "UPDATE":
        rows = "new_rows" if event == "INSERT" else "old_rows"
        return [
            f"SELECT {tag.format(row='r')} AS tag FROM {rows} r WHERE {one.when.format(row='r')}" for tag in one.tags
        ]
    before, after = (", ".join(f'{row}."{column}"' for column in one.compared) for row in ("o", "n"))
    changed = f'n."{key}" = o."{key}" AND ({before}) IS DISTINCT FROM ({after})'
    if len(one.compared) == 1:
        changed = f'n."{key}" = o."{key}" AND {before} IS DISTINCT FROM {after}'
    return [
        f"SELECT {tag.format(row=row)} AS tag FROM new_rows n, old_rows o "
        f"WHERE {changed} AND {one.when.format(row=row)}"
        for tag in one.tags
        for row in ("o", "n")
    ]


def _sqlite(table: str, declared: list[Watch]) -> list[str]:
    statements = []
    for event in events_of(declared):
        name = trigger_name(table, event)
        rows = {"INSERT": ("NEW",), "DELETE": ("OLD",), "UPDATE": ("OLD", "NEW")}[event]
        selects, conditions = [], []
        for one in (one for one in declared if event in one.events):
            changed = "1"
            if event == "UPDATE":
                changed = " OR ".join(f'OLD."{column}" IS NOT NEW."{column}"' for column in one.compared)
            for row in rows:
                condition = f"({changed}) AND ({one.when.format(row=row)})"
                conditions.append(f"({condition})")
                selects += [f"SELECT {tag.format(row=row)} AS tag WHERE {condition}" for tag in one.tags]
        found = f"SELECT tag FROM ({' UNION '.join(selects)}) WHERE tag IS NOT NULL"
        statements += [
            f"DROP TRIGGER IF EXISTS {name}",
            # No INSERT OR REPLACE: the conflict clause of the statement that fires a trigger takes its place.
            (
                f"CREATE TRIGGER {name} AFTER {event} ON {table} WHEN {' OR '.join(dict.fromkeys(conditions))} BEGIN "
                f"DELETE FROM {FEED} WHERE tag IN ({found}); "
                f"INSERT INTO {FEED} (tag, made_by, at) SELECT tag, 0, strftime('%Y-%m-%d %H:%M:%f', 'now') "
                f"FROM ({found}); END"
            ),
        ]
    return statements
