"""Learning about payments: a returning browser, waiting notices, lost notices."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import OperationalError

from common.actors import GUEST
from orders.gateways.base import RefundFacts
from orders.models import Order, Payment, PaymentEvent
from orders.payments import inbox
from orders.payments import reconcile as reconciling
from orders.payments.inbox import browser_returned, process, receive
from orders.payments.reconcile import check_payment, reconcile
from orders.payments.settle import fold
from orders.payments.start import PaymentNotStarted
from orders.services import expire as expiring
from orders.services.cancel import cancel_order, end_order
from orders.services.expire import expire_orders
from orders.tests.factories import make_order
from orders.tests.fake_bank import notice
from orders.tests.test_payments import end_state, say, start

pytestmark = pytest.mark.django_db


# Captured money


def test_a_refund_made_there_whose_notice_was_lost_is_found_a_day_later(at, bank):
    order = make_order(at, online=True)
    payment = start(order, at)
    say(payment, notice(payment, "captured"), at)
    key = str(payment.public_id)
    bank.book[key] = replace(bank.book[key], state="captured", refunds=(RefundFacts("re_1", "", Decimal("1.00")),))

    assert reconcile(at=at + dt.timedelta(hours=23)) == 0
    assert reconcile(at=at + dt.timedelta(hours=25)) == 1

    assert end_state(order, payment) == ("placed", "captured", "", [("done", Decimal("1.00"))])


def test_captured_money_is_asked_about_less_and_less_often(at, bank):
    payment = start(make_order(at, online=True), at)
    say(payment, notice(payment, "captured"), at)
    bank.book[str(payment.public_id)] = replace(bank.book[str(payment.public_id)], state="captured")
    bank.calls.clear()

    for hours in range(24 * 200):
        reconcile(at=at + dt.timedelta(hours=hours))

    assert 8 <= len(bank.calls) <= 16


def test_everything_is_made_as_the_gateway_says_and_the_second_time_nothing_changes(at, bank):
    payments = [start(make_order(at, online=True), at) for _ in range(3)]
    for payment, state in zip(payments, ("captured", "cancelled", "pending"), strict=True):
        key = str(payment.public_id)
        bank.book[key] = replace(bank.book[key], state=state)
    say(payments[0], notice(payments[0], "captured"), at)
    key = str(payments[0].public_id)
    bank.book[key] = replace(bank.book[key], refunds=(RefundFacts("re_1", "", Decimal("1.00")),))

    assert [reconcile(at=at, everything=True) for _ in range(2)] == [2, 0]

    assert [payment.refunds.count() for payment in payments] == [1, 0, 0]
    assert [Payment.objects.get(pk=payment.pk).state for payment in payments] == ["captured", "cancelled", "pending"]


# The browser returns


def test_a_returning_browser_proves_nothing(at, bank):
    order = make_order(at, online=True)
    payment = start(order, at)

    browser_returned(order_id=order.pk, at=at)

    assert end_state(order, payment)[:2] == ("awaiting_payment", "pending")
    assert PaymentEvent.objects.get().event_id.startswith(f"return:{payment.public_id}:")


def test_a_returning_browser_makes_the_shop_learn_of_the_payment_at_once(at, bank):
    order = make_order(at, online=True)
    payment = start(order, at)
    key = str(payment.public_id)
    bank.book[key] = replace(bank.book[key], state="captured")

    browser_returned(order_id=order.pk, at=at)

    assert end_state(order, payment)[:2] == ("placed", "captured")


def test_a_silent_bank_is_asked_by_the_worker_and_then_left_to_reconciliation(at, bank):
    order = make_order(at, online=True)
    payment = start(order, at)
    bank.is_down = True
    browser_returned(order_id=order.pk, at=at)
    assert process(at=at + dt.timedelta(minutes=1)) == 0
    assert process(at=at + dt.timedelta(minutes=4)) == 0

    event = PaymentEvent.objects.get()

    assert (event.attempts, event.outcome) == (3, "no answer; left to the reconciliation")
    assert end_state(order, payment)[:2] == ("awaiting_payment", "pending")


def test_reloading_the_return_page_does_not_fill_the_inbox(at, bank):
    order = make_order(at, online=True)
    start(order, at)

    for _ in range(20):
        browser_returned(order_id=order.pk, at=at)

    assert PaymentEvent.objects.count() == 1


def test_a_browser_that_returns_to_an_order_without_online_payment_changes_nothing(at):
    browser_returned(order_id=make_order(at).pk, at=at)

    assert PaymentEvent.objects.count() == 0


def test_a_stored_notice_is_processed_by_the_worker(at, bank):
    order = make_order(at, online=True)
    payment = start(order, at)
    body = notice(payment, "captured")
    receive(
        gateway="demo_bank", event_id=body["id"], kind="x", payment_public_id=str(payment.public_id), body=body, at=at
    )

    assert (process(at=at), process(at=at)) == (1, 0)
    assert end_state(order, payment)[:2] == ("placed", "captured")


def test_a_notice_that_cannot_be_processed_stops_no_other(at, bank, monkeypatch):
    payments = [start(make_order(at, online=True), at) for _ in range(2)]
    for payment in payments:
        body = notice(payment, "captured")
        receive(
            gateway="demo_bank", event_id=body["id"], kind="x", payment_public_id=str(payment.public_id), body=body,
            at=at,
        )  # fmt: skip
    poison = payments[0].pk
    monkeypatch.setattr(
        inbox, "fold", lambda *, payment, **rest: 1 / 0 if payment.pk == poison else fold(payment=payment, **rest)
    )

    assert [process(at=at, limit=1) for _ in range(3)] == [0, 1, 0]

    assert list(PaymentEvent.objects.order_by("id").values_list("attempts", "outcome")) == [(2, ""), (0, "paid")]


# Reconciliation


def test_lost_notices_are_recovered_by_asking_and_a_second_run_changes_nothing(at, bank):
    order = make_order(at, online=True)
    payment = start(order, at)
    key = str(payment.public_id)
    bank.book[key] = replace(bank.book[key], state="captured")

    moment = at + dt.timedelta(minutes=2)

    assert (reconcile(at=moment), reconcile(at=moment)) == (1, 0)
    assert end_state(order, payment)[:2] == ("placed", "captured")


def test_an_authorised_payment_is_captured(at, bank):
    order = make_order(at, online=True)
    payment = start(order, at)
    key = str(payment.public_id)
    bank.book[key] = replace(bank.book[key], state="authorised")

    assert check_payment(payment_id=payment.pk, at=at)

    assert end_state(order, payment)[:2] == ("placed", "captured")


def test_a_payment_unknown_to_the_bank_is_closed_after_ten_minutes(at, bank):
    order = make_order(at, online=True)
    bank.is_down = True
    with pytest.raises(PaymentNotStarted):
        start(order, at)
    bank.is_down = False

    assert reconcile(at=at + dt.timedelta(minutes=9)) == 0
    assert reconcile(at=at + dt.timedelta(minutes=11)) == 1

    assert (Payment.objects.get().state, Payment.objects.get().note) == ("cancelled", "never_opened")


def test_reconciliation_stops_at_a_silent_bank(at, bank):
    for _ in range(3):
        start(make_order(at, online=True), at)
    bank.is_down, bank.calls = True, []

    assert reconcile(at=at + dt.timedelta(minutes=2)) == 0

    assert bank.calls == ["fetch"]


@pytest.fixture
def broken(monkeypatch):
    """Return a set; answers about the payments in it cannot be processed."""
    keys = set()

    def refuse(*, payment, **rest):
        if payment.pk in keys:
            raise OperationalError("canceling statement due to lock timeout")
        return fold(payment=payment, **rest)

    monkeypatch.setattr(reconciling, "fold", refuse)
    return keys


def test_a_payment_that_cannot_be_processed_stops_no_other(at, bank, broken):
    payments = [start(make_order(at, online=True), at) for _ in range(3)]
    for payment in payments:
        key = str(payment.public_id)
        bank.book[key] = replace(bank.book[key], state="captured")
    broken.add(payments[1].pk)

    assert reconcile(at=at + dt.timedelta(minutes=2)) == 2

    assert sorted(Payment.objects.values_list("state", flat=True)) == ["captured", "captured", "pending"]


def test_a_payment_that_cannot_be_processed_keeps_no_order_from_expiring(at, bank, broken):
    broken.update(start(make_order(at, online=True), at).pk for _ in range(2))

    assert expire_orders(at=at + dt.timedelta(minutes=30)) == 2


def test_many_payments_that_stay_open_keep_no_other_waiting(at, bank):
    for _ in range(4):
        start(make_order(at, online=True), at)
    last = start(make_order(at, online=True), at)
    key = str(last.public_id)
    bank.book[key] = replace(bank.book[key], state="captured")
    moment = at + dt.timedelta(minutes=2)

    assert [reconcile(at=moment, limit=2) for _ in range(3)] == [0, 0, 1]


def test_a_payment_is_asked_about_less_and_less_often_but_indefinitely(at, bank):
    payment = start(make_order(at, online=True, hold=dt.timedelta(days=400)), at)
    key = str(payment.public_id)
    asked = []
    for age in (dt.timedelta(hours=1), dt.timedelta(hours=1, minutes=2), dt.timedelta(hours=1, minutes=3)):
        bank.calls = []
        reconcile(at=at + age)
        asked.append(len(bank.calls))
    bank.book[key] = replace(bank.book[key], state="failed")

    assert asked == [1, 0, 1]
    assert reconcile(at=at + dt.timedelta(days=30)) == 1


def test_a_slow_bank_holds_the_worker_for_a_limited_time(at, bank):
    for _ in range(3):
        start(make_order(at, online=True), at)
    bank.calls = []

    assert reconcile(at=at + dt.timedelta(minutes=2), seconds=0) == 0
    assert bank.calls == []


@pytest.mark.parametrize("status", ["cancelled", "paid otherwise"])
def test_authorised_money_is_released_if_no_order_waits_for_it(at, bank, status):
    order = make_order(at, online=True)
    payment = start(order, at)
    key = str(payment.public_id)
    if status == "cancelled":
        bank.book[key] = replace(bank.book[key], state="authorised")
        cancel_order(order_id=order.pk, reason="", actor=GUEST, at=at)
    else:
        say(payment, notice(payment, "failed"), at)
        second = start(order, at)
        say(second, notice(second, "captured"), at)
        Payment.objects.filter(pk=payment.pk).update(state="authorised")
        bank.book[key] = replace(bank.book[key], state="authorised")
    bank.calls = []

    reconcile(at=at + dt.timedelta(minutes=2))

    assert "capture" not in bank.calls and bank.book[key].state == "cancelled"
    assert end_state(order, payment)[1:] == ("cancelled", "", [])


def test_authorised_money_with_a_difference_is_neither_captured_nor_released(at, bank):
    order = make_order(at, online=True)
    payment = start(order, at)
    key = str(payment.public_id)
    bank.book[key] = replace(bank.book[key], state="authorised", amount=order.total + 1)

    reconcile(at=at + dt.timedelta(minutes=2))

    assert bank.book[key].state == "authorised"
    assert end_state(order, payment)[1:3] == ("parked", "amount_differs")


def test_an_order_that_cannot_be_ended_stops_no_other(at, monkeypatch):
    broken, other = make_order(at, online=True), make_order(at, online=True)

    def end(*, order, **rest):
        if order.pk == broken.pk:
            raise ValueError("something nobody thought of")
        return end_order(order=order, **rest)

    monkeypatch.setattr(expiring, "end_order", end)

    assert expire_orders(at=at + dt.timedelta(minutes=30)) == 1

    assert list(Order.objects.order_by("id").values_list("status", flat=True)) == ["awaiting_payment", "cancelled"]
    assert other.pk > broken.pk


def test_a_turn_dated_by_a_fast_clock_is_due_now(at, bank):
    payment = start(make_order(at, online=True, hold=dt.timedelta(days=400)), at)
    key = str(payment.public_id)
    reconcile(at=at + dt.timedelta(days=30))
    bank.book[key] = replace(bank.book[key], state="failed")

    assert reconcile(at=at + dt.timedelta(minutes=2)) == 1
