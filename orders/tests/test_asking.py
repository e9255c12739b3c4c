"""Calls to a gateway: how many at once, when it is left alone, what people are told about an outage."""

import datetime as dt
import logging
from contextlib import ExitStack
from decimal import InvalidOperation

import pytest
from django.db import OperationalError

from orders.gateways.base import GatewayNotAuthenticated, GatewayRefused, GatewayUnavailable
from orders.gateways.circuit import CALLS_AT_ONCE, PAUSE_SECONDS, SILENCES, Circuit
from orders.models import GatewayOutage
from orders.payments import asking as module
from orders.payments.asking import LASTING, WEB, WORKER, asking, outages


class Clock:
    """A clock moved by the test."""

    seconds = 100.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def circuit(clock):
    return Circuit(clock)


def ask(circuit, clock, *, takes, error=None):
    """Make one call with 2 s of patience that takes `takes` seconds and may raise `error`."""
    with circuit.call(patience=2):
        clock.seconds += takes
        if error:
            raise error


def fall_silent(circuit, clock):
    for _ in range(SILENCES):
        with pytest.raises(GatewayUnavailable):
            ask(circuit, clock, takes=2, error=GatewayUnavailable("timed out"))


def test_a_call_beyond_the_limit_is_refused_at_once(circuit):
    with ExitStack() as running:
        for _ in range(CALLS_AT_ONCE):
            running.enter_context(circuit.call(patience=2))
        with pytest.raises(GatewayUnavailable), circuit.call(patience=2):
            pytest.fail("the call was let through")

    with circuit.call(patience=2):
        pass


@pytest.mark.parametrize("error", [GatewayRefused("no"), GatewayUnavailable("timed out"), OSError("our own")], ids=repr)
def test_a_failed_call_frees_its_place(circuit, clock, error):
    for _ in range(CALLS_AT_ONCE + 1):
        with pytest.raises(type(error)):
            ask(circuit, clock, takes=0, error=error)


def test_a_silent_gateway_is_left_alone_for_the_pause(circuit, clock):
    fall_silent(circuit, clock)

    clock.seconds += PAUSE_SECONDS - 1
    with pytest.raises(GatewayUnavailable), circuit.call(patience=2):
        pytest.fail("the call was let through")


def test_after_the_pause_one_call_at_a_time_tries_it(circuit, clock):
    fall_silent(circuit, clock)
    clock.seconds += PAUSE_SECONDS

    with circuit.call(patience=2), pytest.raises(GatewayUnavailable), circuit.call(patience=2):
        pytest.fail("a second call was let through")

    with circuit.call(patience=2), circuit.call(patience=2):
        pass


def test_an_unsuccessful_call_restarts_the_pause(circuit, clock):
    fall_silent(circuit, clock)
    clock.seconds += PAUSE_SECONDS
    with pytest.raises(GatewayUnavailable):
        ask(circuit, clock, takes=2, error=GatewayUnavailable("timed out"))

    clock.seconds += PAUSE_SECONDS - 1
    with pytest.raises(GatewayUnavailable), circuit.call(patience=2):
        pytest.fail("the call was let through")


def test_an_answer_between_two_silences_keeps_the_gateway_open(circuit, clock):
    for _ in range(4):
        with pytest.raises(GatewayUnavailable):
            ask(circuit, clock, takes=2, error=GatewayUnavailable("timed out"))
        with pytest.raises(GatewayRefused):
            ask(circuit, clock, takes=2, error=GatewayRefused("no"))


def test_quick_outages_do_not_count_as_silence(circuit, clock):
    """A bank that answers 500 about one payment keeps no other buyer from paying and ties up no thread."""
    for _ in range(10):
        with pytest.raises(GatewayUnavailable):
            ask(circuit, clock, takes=0.9, error=GatewayUnavailable("500"))


# Asking with the database


@pytest.fixture(autouse=True)
def _own_circuits(monkeypatch, clock):
    monkeypatch.setattr(module, "_circuits", {"demo_bank": Circuit(clock)})


def fail(error, *, at, patience=WORKER):
    with pytest.raises(type(error)), asking("demo_bank", patience=patience, at=at):
        raise error


def noted():
    return [*GatewayOutage.objects.values_list("gateway", "since", "last_at", "is_stranger")]


@pytest.mark.django_db
def test_an_outage_is_recorded_with_its_first_and_last_failure(at, bank):
    fail(GatewayUnavailable("timed out"), at=at)
    fail(GatewayUnavailable("timed out"), at=at + dt.timedelta(minutes=3))

    assert noted() == [("demo_bank", at, at + dt.timedelta(minutes=3), False)]


@pytest.mark.django_db
@pytest.mark.parametrize("patience", [WEB, WORKER])
def test_the_next_answer_ends_an_outage(at, bank, patience):
    fail(GatewayUnavailable("timed out"), at=at)

    with asking("demo_bank", patience=patience, at=at):
        pass

    assert noted() == []


@pytest.mark.django_db
def test_a_refusal_is_an_answer_too(at, bank):
    fail(GatewayUnavailable("timed out"), at=at)

    fail(GatewayRefused("no"), at=at)

    assert noted() == []


@pytest.mark.django_db
def test_a_fault_of_our_own_says_nothing_about_the_gateway(at, bank):
    fail(GatewayUnavailable("timed out"), at=at)

    fail(OperationalError("ours"), at=at)

    assert noted() == [("demo_bank", at, at, False)]


@pytest.mark.django_db
def test_people_are_told_about_long_outages_only(at, bank):
    fail(GatewayUnavailable("timed out"), at=at)

    assert [*outages(at=at + LASTING - dt.timedelta(seconds=1))] == []
    assert [outage.gateway for outage in outages(at=at + LASTING)] == ["demo_bank"]


@pytest.mark.django_db
def test_people_are_told_at_once_if_a_gateway_does_not_recognise_the_shop(at, bank, caplog):
    fail(GatewayNotAuthenticated("The bank does not know this shop: check the secret."), at=at)

    assert [outage.is_stranger for outage in outages(at=at)] == [True]
    [line] = [record for record in caplog.records if record.name == module.logger.name]
    assert (line.levelno, line.getMessage()) == (
        logging.ERROR, "demo_bank: The bank does not know this shop: check the secret.",
    )  # fmt: skip


@pytest.mark.django_db
def test_the_worker_asks_however_many_requests_wait(at, bank):
    with ExitStack() as waiting:
        for _ in range(CALLS_AT_ONCE):
            waiting.enter_context(asking("demo_bank", patience=WEB, at=at))
        with pytest.raises(GatewayUnavailable), asking("demo_bank", patience=WEB, at=at):
            pytest.fail("the call was let through")
        assert noted() == []

        with asking("demo_bank", patience=WORKER, at=at):
            pass


@pytest.mark.django_db
@pytest.mark.parametrize(
    "error", [KeyError("id"), TypeError("not a text"), ValueError("no amount"), InvalidOperation("x"), IndexError()],
    ids=repr,
)  # fmt: skip
def test_an_unreadable_answer_is_an_outage(at, bank, error):
    with pytest.raises(GatewayUnavailable), asking("demo_bank", patience=WORKER, at=at):
        raise error

    assert noted() == [("demo_bank", at, at, False)]
