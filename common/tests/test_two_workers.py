"""Two workers on one outbox: neither takes a message that the other has taken."""

import threading

import pytest
from django.db import connection

from common.models import OutboxMessage
from common.outbox import services
from common.outbox.services import deliver_due, enqueue
from tests.sessions import PATIENCE, Beside, holding

pytestmark = pytest.mark.django_db(transaction=True)
KEYS = ["a", "b", "c"]


@pytest.fixture
def delivered_keys(monkeypatch, at):
    """Return the keys that were delivered, with three messages due."""
    keys = []
    monkeypatch.setitem(services._handlers, "good", lambda message, at: keys.append(message.key))
    for key in KEYS:
        enqueue(event="good", key=key, payload={}, at=at)
    return keys


def test_a_worker_skips_a_message_that_another_is_taking(delivered_keys, at):
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '100ms'")
    try:
        with holding(OutboxMessage.objects.get(key="a")):
            delivered = deliver_due(at=at)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")

    assert (delivered, delivered_keys) == (2, ["b", "c"])
    assert deliver_due(at=at) == 1


def test_a_message_being_taken_is_not_taken_twice(delivered_keys, at, monkeypatch):
    chosen, go_on = threading.Event(), threading.Event()
    backoff = services.backoff

    def hesitate(attempts):
        """Stop the first worker between reading a message and marking it as taken."""
        if not chosen.is_set():
            chosen.set()
            assert go_on.wait(PATIENCE)
        return backoff(attempts)

    monkeypatch.setattr(services, "backoff", hesitate)

    first = Beside(lambda: deliver_due(at=at, limit=1))
    assert chosen.wait(PATIENCE)
    second = deliver_due(at=at)
    go_on.set()

    assert (first.join(), second) == (1, 2)
    assert sorted(delivered_keys) == KEYS
    assert set(OutboxMessage.objects.values_list("attempts", flat=True)) == {1}
