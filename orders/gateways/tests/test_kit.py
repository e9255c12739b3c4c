"""Every gateway ends as its provider's book says, however its notices arrive and whenever the shop crashes.

KIT_ROUNDS says how many ways of delivery are tried for each case, KIT_SEED repeats them. With fewer than ten a third of
the crash points are tried.
"""

import os
import random

import pytest

from orders.gateways.tests.kit import CANCEL, EXPIRE, SCENARIOS, SETTLE, Case, Delivery, Points, crashing, deliveries
from orders.gateways.tests.providers import PROVIDERS
from orders.models import Payment

pytestmark = pytest.mark.django_db
ROUNDS = int(os.environ.get("KIT_ROUNDS", "2"))
SEED = os.environ.get("KIT_SEED", "20261129")
OURS = {CANCEL, EXPIRE, SETTLE}
CASES = [
    pytest.param(provider, scenario, id=f"{provider.code}-{scenario}")
    for provider in PROVIDERS
    for scenario, acts in SCENARIOS.items()
    if provider.acts | OURS >= set(acts)
]


@pytest.fixture
def here(request, settings, tmp_path):
    provider = request.param()
    with provider.running(settings, tmp_path):
        yield provider


@pytest.fixture
def play(here, at, stopped_clock, monkeypatch):
    """Return a function that plays a scenario with a fresh order; it returns the end state and the points passed."""

    def one(scenario, delivery):
        points = Points(delivery.crash_at)
        case = Case(here, at, stopped_clock, delivery)
        with crashing(monkeypatch, points):
            case.play(SCENARIOS[scenario])
        assert delivery.crash_at <= points.passed
        return case.end(), points.passed

    return one


@pytest.mark.parametrize(("here", "scenario"), CASES, indirect=["here"])
def test_every_way_of_delivery_ends_as_the_book_says(here, play, scenario):
    expected, _passed = play(scenario, Delivery())
    count = len(here.said())

    for delivery in deliveries(count, random.Random(f"{SEED}{here.code}{scenario}"), ROUNDS):
        assert play(scenario, delivery)[0] == expected, delivery


@pytest.mark.parametrize(("here", "scenario"), CASES, indirect=["here"])
def test_a_crash_at_any_point_changes_nothing_in_the_end(play, scenario):
    expected, passed = play(scenario, Delivery())
    assert passed > 0

    stride = 1 if ROUNDS >= 10 else 3
    first = random.Random(f"{SEED}{scenario}").randint(1, stride)
    for point in range(first, passed + 1, stride):
        assert play(scenario, Delivery(crash_at=point))[0] == expected, point


@pytest.mark.parametrize("here", PROVIDERS, indirect=True, ids=lambda provider: provider.code)
def test_a_shop_that_does_not_listen_is_found_out(here, play, monkeypatch):
    """The red control: without folding, the book says one thing and the shop another."""
    monkeypatch.setattr("orders.payments.inbox.fold", lambda **_facts: "ignored")
    monkeypatch.setattr("orders.payments.reconcile.fold", lambda **_facts: "ignored")

    with pytest.raises(AssertionError):
        play("paid", Delivery())
    assert Payment.objects.get().state == "pending"
