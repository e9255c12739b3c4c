"""Our connection to PostgreSQL: what it takes for usable without asking."""

import time

import pytest
from django.db import connection, connections
from django.db.utils import DatabaseError, OperationalError

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.violates]


@pytest.fixture
def another():
    """Yield a second connection, which the test may break."""
    mine = connection.copy()
    mine.ensure_connection()
    yield mine
    mine.close()


def ended(mine) -> None:
    """Have the server end a connection, and wait until it has said so."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [mine.connection.info.backend_pid])
    time.sleep(0.05)


def statements_of(mine) -> str:
    """Return the statement that the server has last heard on a connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT query FROM pg_stat_activity WHERE pid = %s", [mine.connection.info.backend_pid])
        return cursor.fetchone()[0]


def test_the_connection_is_ours():
    assert type(connections["default"]).__module__ == "common.postgresql.base"


def test_a_silent_connection_is_usable_and_nothing_is_asked(another):
    with another.cursor() as cursor:
        cursor.execute("SELECT 'the last question'")

    assert another.is_usable()
    assert statements_of(another) == "SELECT 'the last question'"


def test_a_connection_that_the_server_ended_is_not_usable(another):
    ended(another)

    assert not another.is_usable()


def test_a_connection_with_news_is_asked(another):
    with another.cursor() as cursor:
        cursor.execute("LISTEN news")
    with connection.cursor() as cursor:
        cursor.execute("NOTIFY news")
    time.sleep(0.05)

    assert another.is_usable()
    assert statements_of(another) == "SELECT 1"


def test_none_and_a_closed_one_are_not_usable(another):
    another.connection.close()
    assert not another.is_usable()
    another.connection = None
    assert not another.is_usable()


def test_a_request_after_the_server_ended_the_connection_gets_a_new_one(another):
    another.settings_dict = {**another.settings_dict, "CONN_HEALTH_CHECKS": True, "CONN_MAX_AGE": 60}
    another.health_check_enabled, another.health_check_done = True, False
    ended(another)

    with another.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)


def test_without_the_check_it_would_have_failed(another):
    ended(another)

    with pytest.raises(OperationalError), another.cursor() as cursor:
        cursor.execute("SELECT 1")


def test_a_transaction_that_failed_and_that_nobody_ended_is_not_usable(another):
    with another.cursor() as cursor:
        cursor.execute("BEGIN")
        with pytest.raises(DatabaseError):
            cursor.execute("SELECT 1/0")

    assert not another.is_usable()


def test_a_connection_that_ended_in_mid_query_is_not_usable(another):
    with pytest.raises(DatabaseError), another.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    assert not another.is_usable()
