"""Queries composed once, against the same ones composed anew."""

import datetime as dt
import threading

import pytest
from django.db import connection
from django.db.models import BigIntegerField, DateTimeField, QuerySet
from django.db.models.sql.compiler import SQLCompiler
from django.test.utils import CaptureQueriesContext

from common.composed import Composed, Hole, holes, padded
from common.models import OutboxMessage
from common.outbox.services import enqueue

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db]
LATER = dt.timedelta(hours=1)


def message(key: str, at) -> OutboxMessage:
    enqueue(event="note", key=key, payload={"key": key}, at=at)
    return OutboxMessage.objects.get(key=key)


def due(at) -> QuerySet[OutboxMessage]:
    return OutboxMessage.objects.filter(due_at__lte=at).order_by("key")


@pytest.fixture
def asked() -> Composed[OutboxMessage]:
    return Composed(lambda: due(Hole("at", DateTimeField())))


def test_rows_are_those_of_the_query_for_each_value(asked, at):
    first, second = message("a", at), message("b", at + LATER)

    found = asked(at=at), asked(at=at + LATER), asked(at=at - LATER)

    assert found == ([first], [first, second], [])
    assert found[0][0].payload == {"key": "a"}


def test_the_statement_is_the_one_that_django_composes(asked, at, monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", True)

    with CaptureQueriesContext(connection) as ours:
        asked(at=at)
    with CaptureQueriesContext(connection) as plain:
        list(due(at))

    assert [query["sql"] for query in ours] == [query["sql"] for query in plain]


def test_a_second_call_composes_nothing(asked, at, monkeypatch):
    asked(at=at)
    composed = []

    with monkeypatch.context() as patched:
        patched.setattr(SQLCompiler, "as_sql", lambda *_args, **_options: composed.append("anew"))
        asked(at=at + LATER)

    assert composed == []


def test_values_come_as_tuples(at):
    message("a", at)
    keys = Composed(lambda: due(Hole("at", DateTimeField())).values_list("key", "attempts"))

    assert keys(at=at) == [("a", 0)]


def test_a_list_takes_as_many_holes_as_it_is_called_with(at):
    ids = [message(key, at).pk for key in "abc"]
    by_id = Composed(lambda count: OutboxMessage.objects.filter(pk__in=holes("ids", BigIntegerField(), count)))

    found = [{row.key for row in by_id(len(part), ids=part)} for part in (ids[:1], ids[1:], ids)]

    assert found == [{"a"}, {"b", "c"}, {"a", "b", "c"}]


@pytest.mark.parametrize(
    ("values", "expected"),
    [([], []), ([7], [7]), ([7, 8], [7, 8]), ([7, 8, 9], [7, 8, 9, 9]), (range(5), [0, 1, 2, 3, 4, 4, 4, 4])],
)
def test_lists_are_padded_to_a_power_of_two(values, expected):
    assert padded(values) == expected


def test_a_value_that_is_left_out_is_refused(asked):
    with pytest.raises(KeyError):
        asked()


def test_first_is_none_without_a_row(asked, at):
    assert asked.first(at=at) is None


@pytest.mark.django_db(transaction=True)
def test_each_thread_asks_over_its_own_connection(asked, at):
    asked(at=at)
    seen = []

    def ask():
        with CaptureQueriesContext(connection) as queries:
            asked(at=at)
        seen.append(len(queries))
        connection.close()

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()

    assert seen == [1]
