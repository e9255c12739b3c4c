"""Queries that each connection prepares once, against a real PostgreSQL."""

import contextlib

import pytest
from django.db import DatabaseError, NotSupportedError, ProgrammingError, connection, connections, transaction
from django.db.models import CharField, Value
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from common.composed import Composed, Hole, holes
from common.models import OutboxMessage
from common.outbox.services import enqueue

pytestmark = pytest.mark.django_db


@pytest.fixture
def by_key(at) -> Composed[OutboxMessage]:
    enqueue(event="note", key="a", payload={}, at=at)
    return Composed(lambda: OutboxMessage.objects.filter(key=Hole("key", CharField())))


def on_server() -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, statement FROM pg_prepared_statements ORDER BY name")
        return cursor.fetchall()


def names_of(query: Composed) -> set[str]:
    """Return what a query is called on the server, asked now."""
    with CaptureQueriesContext(connection) as asked:
        query(key="a")
    return {entry["sql"].split()[1] for entry in asked}


def forget() -> None:
    """Drop everything that was prepared, unseen by us."""
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")


def keys(query: Composed) -> list[str]:
    return [row.key for row in query(key="a")]


def change_a_type(kind: str = "text") -> None:
    """Give a column another type than the model's."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE common_outboxmessage ALTER COLUMN last_error TYPE {kind}")


def give_its_type() -> None:
    change_a_type(OutboxMessage._meta.get_field("last_error").db_type(connection))


def test_a_query_is_prepared_once_and_then_named(by_key):
    (name,) = names_of(by_key) | names_of(by_key)

    (statement,) = (text for known, text in on_server() if known == name)
    assert name.startswith("common_outboxmessage_")
    assert '"common_outboxmessage"."key" = $1' in statement


def test_preparing_is_no_query_of_the_page(by_key, django_assert_num_queries):
    with django_assert_num_queries(1):
        by_key(key="a")


def test_two_queries_never_share_a_name(by_key):
    other = Composed(lambda: OutboxMessage.objects.filter(key=Hole("key", CharField()), event="note"))
    another = Composed(lambda: OutboxMessage.objects.filter(key=Hole("key", CharField()), event="none"))

    assert len(names_of(by_key) | names_of(other) | names_of(another)) == 3
    assert (keys(other), keys(another)) == (["a"], [])


def test_constants_may_hold_anything(by_key):
    odd = Composed(
        lambda: OutboxMessage.objects.filter(key=Hole("key", CharField())).annotate(odd=Value("100 % of $1 and 'two'"))
    )

    assert odd.first(key="a").odd == "100 % of $1 and 'two'"


def test_behind_a_pooler_nothing_is_prepared(by_key, monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", True)

    assert names_of(by_key) == {'"common_outboxmessage"."id",'}


def test_a_name_that_is_taken_is_prepared_again(by_key):
    """A worker may be stopped between the server's answer and the note of it."""
    keys(by_key)
    connections["default"].vitrine_prepared[1].clear()

    with pytest.raises(ProgrammingError), transaction.atomic():
        keys(by_key)
    assert keys(by_key) == ["a"]


def test_a_long_list_is_sent_as_it_is(at):
    enqueue(event="note", key="a", payload={}, at=at)
    by_keys = Composed(lambda count: OutboxMessage.objects.filter(key__in=holes("keys", CharField(), count)))

    with CaptureQueriesContext(connection) as asked:
        assert len(by_keys(400, keys=["a"] * 400)) == 1

    assert asked[0]["sql"].startswith("SELECT")


def test_in_a_broken_transaction_the_error_is_djangos(by_key):
    with transaction.atomic():
        with contextlib.suppress(DatabaseError), transaction.atomic(savepoint=False), connection.cursor() as cursor:
            cursor.execute("SELECT nothing")

        with pytest.raises(TransactionManagementError):
            keys(by_key)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("lose", [forget, change_a_type])
def test_what_was_prepared_in_vain_is_prepared_again(by_key, lose):
    keys(by_key)
    try:
        lose()

        assert keys(by_key) == ["a"]
        assert keys(by_key) == ["a"]
    finally:
        give_its_type()


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_met_it_is_lost_and_the_next_is_not(by_key):
    keys(by_key)
    try:
        change_a_type()

        with pytest.raises(NotSupportedError), transaction.atomic():
            keys(by_key)
        with transaction.atomic():
            assert keys(by_key) == ["a"]
    finally:
        give_its_type()


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_was_lost_is_prepared_anew(by_key):
    first = names_of(by_key)
    connection.close()

    assert names_of(by_key) == first
    assert first == {name for name, _ in on_server()}


@pytest.mark.django_db(transaction=True)
def test_a_server_that_hung_up_is_noticed_before_the_name_is_used(by_key, monkeypatch):
    keys(by_key)
    mine = connections["default"]
    monkeypatch.setitem(vars(mine), "health_check_enabled", True)
    monkeypatch.setitem(vars(mine), "health_check_done", False)
    mine.connection.close()

    assert keys(by_key) == ["a"]
