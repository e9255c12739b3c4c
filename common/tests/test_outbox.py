"""The outbox delivers at least once, retries failures, sets aside repeated ones, and carries on with the rest."""

import datetime as dt
import io
import itertools

import pytest
from django.core.management import call_command

from common.models import OutboxMessage
from common.outbox import services
from common.outbox.services import (
    LONGEST_DELAY,
    MAX_ATTEMPTS,
    Lane,
    backoff,
    deliver_due,
    enqueue,
    recall_postponed,
    restart_parked,
    withdraw,
)
from common.registry import invariants

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def delivered_keys(monkeypatch):
    """Return the keys that were delivered; the event "bad" always fails."""
    keys = []
    monkeypatch.setitem(services._handlers, "good", lambda message, at: keys.append(message.key))
    monkeypatch.setitem(services._handlers, "bad", lambda message, at: 1 / 0)
    return keys


def write(at, *keys, event="good"):
    for key in keys:
        enqueue(event=event, key=key, payload={}, at=at)


def stuck(at):
    return list(next(check for check in invariants() if check.id == "I22").find(at))


def test_a_message_is_delivered_once_and_one_key_makes_one_message(at, delivered_keys):
    write(at, "a", "a", "b")

    assert (deliver_due(at=at), deliver_due(at=at)) == (2, 0)
    assert delivered_keys == ["a", "b"]


def test_a_failing_message_stops_no_other_and_is_retried_later(at, delivered_keys):
    write(at, "bad", event="bad")
    write(at, "a")

    assert deliver_due(at=at) == 1

    message = OutboxMessage.objects.get(key="bad")
    assert (message.attempts, message.due_at, message.last_error) == (
        1, at + backoff(1), "ZeroDivisionError: division by zero",
    )  # fmt: skip


@pytest.mark.violates
def test_a_message_that_keeps_failing_is_retried_overnight_and_then_put_aside(at, delivered_keys):
    write(at, "bad", event="bad")
    moment = at
    while not OutboxMessage.objects.filter(parked_at__isnull=False).exists():
        deliver_due(at=moment)
        moment = OutboxMessage.objects.get().due_at

    message = OutboxMessage.objects.get()
    assert message.attempts == MAX_ATTEMPTS
    assert dt.timedelta(hours=8) < message.parked_at - at < DAY


def test_an_attempted_message_cannot_be_withdrawn(at, delivered_keys):
    write(at, "bad", event="bad")
    write(at, "a")
    deliver_due(at=at, limit=1)

    assert (withdraw(key="bad"), withdraw(key="a"), withdraw(key="a")) == (False, True, False)


def test_a_slow_delivery_leaves_the_rest_for_later(at, delivered_keys, monkeypatch):
    ticks = itertools.count(0, 5)
    monkeypatch.setattr(services.time, "monotonic", lambda: next(ticks))
    write(at, *"abcdef")

    assert deliver_due(at=at, seconds=15) == 2

    assert delivered_keys == ["a", "b"]


@pytest.mark.violates
def test_i22_finds_messages_nobody_delivers_and_those_of_a_killed_worker(at, delivered_keys, monkeypatch):
    write(at, "a", "b")
    monkeypatch.setattr(services, "_deliver", lambda message, at: False)
    deliver_due(at=at, limit=1)

    assert stuck(at + dt.timedelta(minutes=5)) == []
    assert len(stuck(at + dt.timedelta(minutes=5, seconds=1))) == 2


@pytest.mark.violates
def test_i22_finds_messages_retried_for_hours(at, delivered_keys):
    write(at, "bad", event="bad")
    moment = at
    while moment < at + dt.timedelta(hours=4):
        deliver_due(at=moment)
        moment = OutboxMessage.objects.get().due_at

    found = stuck(moment)

    assert [(row["first_due_at"], row["last_error"]) for row in found] == [(at, "ZeroDivisionError: division by zero")]


def test_i22_counts_from_when_a_delayed_message_is_due(at, delivered_keys):
    hour = dt.timedelta(hours=1)
    enqueue(event="good", key="later", payload={}, at=at, delay=hour)

    assert stuck(at + hour + dt.timedelta(minutes=5)) == []
    assert len(stuck(at + hour + dt.timedelta(minutes=5, seconds=1))) == 1


@pytest.mark.violates
def test_messages_put_aside_are_retried_on_request(at, delivered_keys, monkeypatch):
    write(at, "bad", event="bad")
    write(at, "worse", event="bad")
    OutboxMessage.objects.update(attempts=MAX_ATTEMPTS, parked_at=at)
    monkeypatch.setitem(services._handlers, "bad", lambda message, at: delivered_keys.append(message.key))

    assert restart_parked(at=at, ids=[OutboxMessage.objects.get(key="worse").pk]) == 1
    assert deliver_due(at=at) == 1
    assert (restart_parked(at=at), restart_parked(at=at)) == (1, 0)
    assert not withdraw(key="bad")
    assert stuck(at + dt.timedelta(minutes=5)) == []
    assert deliver_due(at=at) == 1

    assert delivered_keys == ["worse", "bad"]


@pytest.mark.violates
def test_the_command_lists_and_retries_messages_put_aside(at, delivered_keys):
    write(at, "bad", event="bad")
    OutboxMessage.objects.update(parked_at=at, last_error="ZeroDivisionError")
    out = io.StringIO()

    call_command("outbox", stdout=out)
    listed = out.getvalue()
    call_command("outbox", "--retry", stdout=out)

    assert "0 due now, 1 put aside." in listed and "ZeroDivisionError" in listed
    assert "1 will be retried by the worker." in out.getvalue()
    assert OutboxMessage.objects.get().parked_at is None


def test_a_stored_error_does_not_name_the_mailbox(at, monkeypatch):
    def refused(message, at):
        raise RuntimeError("550 no such user Mila.Berg@example.com")

    monkeypatch.setitem(services._handlers, "bad", refused)
    write(at, "bad", event="bad")

    deliver_due(at=at)

    assert OutboxMessage.objects.get().last_error == "RuntimeError: 550 no such user ***@example.com"


def test_a_lane_delivers_its_own_messages_only(at, delivered_keys, monkeypatch):
    monkeypatch.setitem(services._lanes, "good", Lane.MAIL)
    monkeypatch.setitem(services._handlers, "refund", lambda message, at: delivered_keys.append(message.key))
    monkeypatch.setitem(services._lanes, "refund", Lane.BANK)
    write(at, "mail 1", "mail 2")
    write(at, "refund", event="refund")

    assert deliver_due(at=at, lane=Lane.BANK) == 1
    assert delivered_keys == ["refund"]
    assert deliver_due(at=at, lane=Lane.LOCAL) == 0
    assert deliver_due(at=at, lane=Lane.MAIL) == 2


def test_a_message_without_a_handler_belongs_to_the_local_lane(at):
    write(at, "unknown", event="of.an.older.release")

    deliver_due(at=at, lane=Lane.MAIL)
    assert OutboxMessage.objects.get().attempts == 0
    deliver_due(at=at, lane=Lane.LOCAL)
    assert OutboxMessage.objects.get().last_error == "KeyError: 'of.an.older.release'"


def test_every_message_for_a_server_has_the_lane_of_that_server():
    deliver_due(at=dt.datetime(2026, 3, 10, tzinfo=dt.UTC))
    by_lane = {lane: {event for event, other in services._lanes.items() if other == lane} for lane in Lane}

    assert by_lane[Lane.BANK] == {"payment.capture", "payment.refund", "payment.void"}
    assert {event.split(".")[0] for event in by_lane[Lane.MAIL]} == {"account", "order"}
    assert by_lane[Lane.LOCAL] >= {"stock.band_changed", "products.renditions"}
    assert not {event for event in by_lane[Lane.LOCAL] if event.startswith(("order.", "account.", "payment."))}


def test_messages_dated_by_a_fast_clock_are_due_once_it_is_corrected(at, delivered_keys):
    write(at + DAY, "tomorrow")
    write(at + LONGEST_DELAY, "soon")

    assert recall_postponed(at=at) == 1
    assert deliver_due(at=at) == 1
    assert delivered_keys == ["tomorrow"]


def test_a_message_cannot_be_scheduled_a_day_ahead(at):
    with pytest.raises(ValueError, match="cannot wait for 1 day"):
        enqueue(event="good", key="a", payload={}, at=at, delay=DAY)

    assert not OutboxMessage.objects.exists()
