"""A browser that returns from the bank: one thread asks once, however often the page is loaded."""

import datetime as dt
from dataclasses import replace

import pytest

from orders.gateways.base import GatewayUnavailable
from orders.models import PaymentEvent
from orders.payments import inbox
from orders.payments.inbox import browser_returned, process
from orders.tests.factories import make_order
from orders.tests.test_payments import end_state, start

pytestmark = pytest.mark.django_db


@pytest.fixture
def paying(at, bank):
    payment = start(make_order(at, online=True), at)
    bank.calls.clear()
    return payment


def seconds(number):
    return dt.timedelta(seconds=number)


def pay(bank, payment):
    key = str(payment.public_id)
    bank.book[key] = replace(bank.book[key], state="captured")


def test_only_one_request_at_a_time_asks_the_bank(at, bank, paying, monkeypatch):
    answer = bank.fetch

    def fetch(key, ref):
        if len(bank.calls) < 3:
            for later in (0, 1, 6, 19):
                browser_returned(order_id=paying.order_id, at=at + seconds(later))
                process(at=at + seconds(later))
        return answer(key, ref)

    monkeypatch.setattr(bank, "fetch", fetch)

    browser_returned(order_id=paying.order_id, at=at)

    assert bank.calls == ["fetch"]
    assert [*PaymentEvent.objects.values_list("attempts", "outcome")] == [(0, "nothing new")]


def test_after_a_timeout_reloads_leave_it_to_the_worker(at, bank, paying):
    bank.is_down = True
    browser_returned(order_id=paying.order_id, at=at)
    for later in range(1, 120):
        browser_returned(order_id=paying.order_id, at=at + seconds(later))
    assert (bank.calls, PaymentEvent.objects.count()) == (["fetch"], 1)

    bank.is_down = False
    pay(bank, paying)
    assert process(at=at + seconds(120)) == 1

    assert end_state(paying.order, paying)[:2] == ("placed", "captured")


def test_the_worker_waits_longer_after_each_timeout(at, bank, paying):
    bank.is_down = True
    browser_returned(order_id=paying.order_id, at=at)

    asked = []
    for later in range(1, 190):
        bank.calls.clear()
        process(at=at + seconds(later))
        asked += [later] * len(bank.calls)

    assert asked == [2, 6, 14, 30, 62, 122, 182]


def test_another_worker_takes_over_from_one_that_died_while_asking(at, bank, paying):
    inbox.receive(
        gateway="demo_bank", event_id="return:x", kind="return", payment_public_id=str(paying.public_id), body={}, at=at
    )
    PaymentEvent.objects.update(due_at=at + inbox.CLAIM)
    pay(bank, paying)

    assert process(at=at + inbox.CLAIM - seconds(1)) == 0
    assert process(at=at + inbox.CLAIM) == 1

    assert end_state(paying.order, paying)[:2] == ("placed", "captured")


def test_the_bank_is_asked_again_when_a_buyer_reloads_later(at, bank, paying):
    browser_returned(order_id=paying.order_id, at=at)
    pay(bank, paying)

    browser_returned(order_id=paying.order_id, at=at + seconds(inbox.RETURN_SECONDS))

    assert bank.calls == ["fetch", "fetch"]
    assert end_state(paying.order, paying)[:2] == ("placed", "captured")


def test_a_return_waits_for_the_worker_if_this_process_may_not_ask(at, bank, paying, monkeypatch):
    def refuse(*_, **__):
        raise GatewayUnavailable("busy")

    with monkeypatch.context() as patch:
        patch.setattr(inbox, "asking", refuse)
        browser_returned(order_id=paying.order_id, at=at)
    pay(bank, paying)

    assert process(at=at + seconds(2)) == 1
    assert bank.calls == ["fetch"]


def test_a_return_dated_by_a_fast_clock_is_processed_now(at, bank, paying):
    inbox.receive(
        gateway="demo_bank", event_id="return:x", kind="return", payment_public_id=str(paying.public_id), body={}, at=at
    )
    PaymentEvent.objects.update(due_at=at + dt.timedelta(days=30))
    pay(bank, paying)

    assert process(at=at) == 1
