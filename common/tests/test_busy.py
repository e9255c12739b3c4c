"""A lock timeout becomes "try again"; any other error is left alone."""

import pytest
from django.db import OperationalError, connection, transaction
from django.test import RequestFactory

from common.busy import PATIENT, Busy, busy_when_locked
from common.errors import DomainError
from common.outages import OutageMiddleware


@pytest.fixture
def asked(rf: RequestFactory):
    return OutageMiddleware(lambda request: None), rf.get("/")


def wait_too_long():
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '20ms'")
        cursor.execute("SELECT pg_sleep(5)")


@pytest.mark.django_db(transaction=True)
def test_a_lock_timeout_means_busy(asked):
    with pytest.raises(Busy) as refused, busy_when_locked():
        wait_too_long()
    with pytest.raises(OperationalError) as bare:
        wait_too_long()

    assert refused.value.extra["retry_after"] > 0
    middleware, request = asked
    for error in (refused.value, bare.value):
        response = middleware.process_exception(request, error)
        assert response.status_code == 503
        assert int(response["Retry-After"]) > 0


@pytest.mark.django_db(transaction=True)
def test_the_timeout_applies_to_the_transaction():
    before = shown()

    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(PATIENT)
        inside = shown()

    assert (inside, shown()) == ("3s", before)
    assert before != "3s"


def shown():
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        return cursor.fetchone()[0]


@pytest.mark.parametrize("error", [DomainError("no"), ValueError(), OSError("no such file")])
def test_other_errors_are_left_alone(asked, error):
    middleware, request = asked

    with pytest.raises(type(error)), busy_when_locked():
        raise error
    assert middleware.process_exception(request, error) is None


def test_a_locked_file_means_busy():
    with pytest.raises(Busy), busy_when_locked():
        raise OperationalError("database is locked")
