"""Payments: every order of arrival ends in the same state, and nothing counts as paid unless it was compared."""

import datetime as dt
import itertools
import uuid
from decimal import Decimal

import pytest

from common.actors import GUEST
from common.models import OutboxMessage
from common.outbox.services import deliver_due
from orders.gateways.base import RefundFacts
from orders.models import Order, Payment, PaymentEvent, Refund
from orders.payments.inbox import receive_and_process
from orders.payments.start import NotPayable, PaymentNotStarted, start_payment
from orders.services.cancel import cancel_order
from orders.services.expire import expire_orders
from orders.tests.factories import make_order, make_shop, make_sku
from orders.tests.fake_bank import notice
from stock.models import Reservation, StockLevel

pytestmark = pytest.mark.django_db
LATER = dt.timedelta(minutes=30)


def start(order, at):
    return start_payment(order_id=order.pk, return_url="http://shop.example/back", actor=GUEST, at=at)


def say(payment, body, at):
    return receive_and_process(
        gateway="demo_bank", event_id=body["id"], kind=body["type"], payment_public_id=str(payment.public_id),
        body=body, at=at,
    )  # fmt: skip


def end_state(order, payment):
    order.refresh_from_db()
    payment.refresh_from_db()
    refunds = sorted(payment.refunds.values_list("state", "amount"))
    return order.status, payment.state, payment.note, refunds


# Starting


def test_starting_creates_one_payment_and_leads_to_the_bank(at, bank):
    order = make_order(at, online=True)

    first, second = start(order, at), start(order, at)

    assert first.pk == second.pk and first.redirect_url.startswith("http://bank.example/pay/")
    assert (first.amount, first.currency, bank.calls) == (order.total, "EUR", ["create"])


def test_the_order_is_kept_while_the_bank_is_down_and_the_next_attempt_uses_the_same_key(at, bank):
    order = make_order(at, online=True)
    bank.is_down = True
    with pytest.raises(PaymentNotStarted):
        start(order, at)
    bank.is_down = False

    start(order, at)

    assert Payment.objects.count() == 1
    assert len(bank.book) == 1


def test_after_a_failure_the_order_can_be_paid_with_a_new_payment(at, bank):
    order = make_order(at, online=True)
    failed = start(order, at)
    say(failed, notice(failed, "failed"), at)

    again = start(order, at)
    say(again, notice(again, "captured"), at)

    assert again.pk != failed.pk
    assert end_state(order, failed)[:3] == ("placed", "failed", "insufficient_funds")


@pytest.mark.parametrize("case", ["on collection", "paid", "approved", "parked", "cancelled", "hold over"])
def test_an_order_not_awaiting_payment_cannot_be_paid(at, bank, case):
    order = make_order(at, online=case != "on collection")
    moment = at
    if case == "paid":
        say(payment := start(order, at), notice(payment, "captured"), at)
    elif case == "approved":
        say(payment := start(order, at), notice(payment, "authorised"), at)
    elif case == "parked":
        say(payment := start(order, at), notice(payment, "captured", amount="0.01"), at)
    elif case == "cancelled":
        cancel_order(order_id=order.pk, reason="", actor=GUEST, at=at)
    elif case == "hold over":
        moment = at + LATER

    with pytest.raises(NotPayable):
        start(order, moment)


# Arrival


KINDS = ["pending", "authorised", "captured", "failed", "refunded"]


@pytest.mark.parametrize("arrival", list(itertools.permutations(KINDS)), ids="-".join)
def test_every_order_of_arrival_ends_in_the_same_state(at, bank, arrival):
    order = make_order(at, online=True)
    payment = start(order, at)
    refund = RefundFacts("ref_1", str(uuid.uuid4()), Decimal("1.00"))
    bodies = {
        kind: notice(payment, "captured", refunds=(refund,)) if kind == "refunded" else notice(payment, kind)
        for kind in KINDS
    }

    for kind in arrival:
        say(payment, bodies[kind], at)
        say(payment, bodies[kind], at)

    assert end_state(order, payment) == ("placed", "captured", "", [("done", Decimal("1.00"))])
    assert Reservation.objects.get().expires_at is None
    assert OutboxMessage.objects.filter(event="order.paid").count() == 1
    assert PaymentEvent.objects.filter(processed_at=None).count() == 0


@pytest.mark.parametrize("arrival", list(itertools.permutations(["wrong", "captured", "failed"])), ids="-".join)
def test_a_doubtful_notice_leaves_the_same_note_in_any_order_of_arrival(at, bank, arrival):
    order = make_order(at, online=True)
    payment = start(order, at)

    for kind in arrival:
        body = notice(payment, "captured", amount="0.01") if kind == "wrong" else notice(payment, kind)
        say(payment, body, at)

    assert end_state(order, payment) == ("placed", "captured", "amount_differs", [])


def test_fifty_copies_have_one_effect(at, bank):
    order = make_order(at, online=True)
    payment = start(order, at)
    body = notice(payment, "captured")

    for _ in range(50):
        say(payment, body, at)

    assert (PaymentEvent.objects.count(), order.events.filter(to_status="placed").count()) == (1, 1)
    assert OutboxMessage.objects.filter(event="order.paid").count() == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"amount": "5.19"}, "amount_differs"),
        ({"amount": "5.21"}, "amount_differs"),
        ({"captured": "5.19"}, "amount_differs"),
        ({"currency": "USD"}, "currency_differs"),
        ({"reference": "ZZZZ0000"}, "order_differs"),
        ({"merchant": "somebody"}, "merchant_differs"),
        ({"id": "pay_other"}, "payment_differs"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_a_payment_that_differs_from_the_request_is_parked_and_not_paid(at, bank, change, reason):
    order = make_order(at, online=True)
    payment = start(order, at)

    event = say(payment, notice(payment, "captured", **change), at)

    assert end_state(order, payment) == ("awaiting_payment", "parked", reason, [])
    event.refresh_from_db()
    assert event.outcome == f"parked: {reason}"
    assert order.events.last().params == {"problem": reason}


def test_a_notice_about_an_unknown_payment_is_kept_with_a_reason(at, bank):
    order = make_order(at, online=True)
    payment = start(order, at)
    body = notice(payment, "captured", key=str(uuid.uuid4()))

    event = receive_and_process(
        gateway="demo_bank", event_id="evt_x", kind="x", payment_public_id="rubbish", body=body, at=at
    )

    event.refresh_from_db()
    assert (event.outcome, event.payment) == ("refused: unknown payment", None)
    assert end_state(order, payment)[:2] == ("awaiting_payment", "pending")


@pytest.mark.parametrize("rubbish", [{}, {"payment": 5}, {"payment": {"state": "captured", "amount": 5.2}}])
def test_an_unreadable_notice_is_kept_with_a_reason(at, bank, rubbish):
    order = make_order(at, online=True)
    payment = start(order, at)

    event = say(payment, {"id": "evt_x", "type": "x", **rubbish}, at)

    event.refresh_from_db()
    assert event.outcome == "refused: unreadable"
    assert end_state(order, payment)[:2] == ("awaiting_payment", "pending")


# Late and twice


def test_money_after_the_hold_reserves_the_stock_again(at, bank):
    order = make_order(at, online=True)
    payment = start(order, at)
    bank.is_down = True
    expire_orders(at=at + LATER)

    say(payment, notice(payment, "captured"), at + LATER + dt.timedelta(seconds=5))

    assert end_state(order, payment) == ("placed", "captured", "", [])
    assert (order.cancel_reason, order.expires_at) == ("", None)
    assert order.promised_at >= at + LATER
    assert (StockLevel.objects.get().reserved, Reservation.objects.filter(state="held").count()) == (2, 1)


def test_money_after_the_hold_is_refunded_if_the_stock_is_gone(at, bank):
    shop, sku = make_shop(), make_sku()
    order = make_order(at, online=True, shop=shop, sku=sku, stock="2")
    payment = start(order, at)
    bank.is_down = True
    expire_orders(at=at + LATER)
    make_order(at + LATER, shop=shop, sku=sku, stock=None, quantity="1")

    say(payment, notice(payment, "captured"), at + LATER)
    bank.is_down = False
    deliver_due(at=at + LATER)

    assert end_state(order, payment) == ("cancelled", "captured", "paid_late", [("done", order.total)])
    assert len(bank.refunds) == 1
    assert OutboxMessage.objects.filter(event="order.refunded").count() == 1
    assert StockLevel.objects.get().reserved == 1


def test_money_for_an_order_cancelled_by_a_person_is_refunded(at, bank):
    order = make_order(at, online=True)
    payment = start(order, at)
    cancel_order(order_id=order.pk, reason="", actor=GUEST, at=at)

    say(payment, notice(payment, "captured"), at)

    assert end_state(order, payment)[:3] == ("cancelled", "captured", "paid_after_cancelling")
    assert Refund.objects.get().amount == order.total


def test_a_second_successful_payment_is_refunded(at, bank):
    order = make_order(at, online=True)
    first = start(order, at)
    say(first, notice(first, "failed"), at)
    second = start(order, at)

    say(second, notice(second, "captured"), at)
    say(first, notice(first, "captured"), at)

    assert end_state(order, second) == ("placed", "captured", "", [])
    assert end_state(order, first) == ("placed", "captured", "paid_twice", [("pending", order.total)])


def test_a_refund_beyond_what_was_paid_is_not_believed(at, bank):
    order = make_order(at, online=True)
    payment = start(order, at)
    say(payment, notice(payment, "captured"), at)

    say(payment, notice(payment, "captured", refunds=(RefundFacts("r", str(uuid.uuid4()), Decimal("99")),)), at)

    assert end_state(order, payment) == ("placed", "captured", "refund_differs", [])


@pytest.mark.parametrize("told", ["of another payment", "below the smallest unit"])
def test_an_impossible_refund_is_not_believed(at, bank, told):
    one, other = make_order(at, online=True), make_order(at, online=True)
    payment, other_payment = start(one, at), start(other, at)
    say(payment, notice(payment, "captured"), at)
    say(other_payment, notice(other_payment, "captured"), at)
    cancel_order(order_id=other.pk, reason="", actor=GUEST, at=at)
    refund = Refund.objects.get()
    fact = RefundFacts("r", str(refund.key), refund.amount)
    if told == "below the smallest unit":
        fact = RefundFacts("r", str(uuid.uuid4()), Decimal("0.001"))

    event = say(payment, notice(payment, "captured", refunds=(fact,)), at)

    event.refresh_from_db()
    assert event.processed_at == at
    assert end_state(one, payment) == ("placed", "captured", "refund_differs", [])


def test_our_own_refund_reported_by_the_bank_is_the_same_refund(at, bank):
    order = make_order(at, online=True)
    payment = start(order, at)
    say(payment, notice(payment, "captured"), at)
    cancel_order(order_id=order.pk, reason="", actor=GUEST, at=at)
    refund = Refund.objects.get()

    say(payment, notice(payment, "captured", refunds=(RefundFacts("r", str(refund.key), refund.amount),)), at)
    deliver_due(at=at)

    assert end_state(order, payment) == ("cancelled", "captured", "", [("done", order.total)])
    assert bank.refunds == {}


def test_a_payment_counts_for_its_own_order_only(at, bank):
    one, other = make_order(at, online=True), make_order(at, online=True)
    payment, other_payment = start(one, at), start(other, at)

    say(payment, notice(other_payment, "captured"), at)

    assert end_state(one, payment)[:2] == ("awaiting_payment", "parked")
    assert Order.objects.get(pk=other.pk).status == "awaiting_payment"
