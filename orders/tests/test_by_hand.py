"""Payments that need attention never expire, and a person can accept, refund, repeat or settle them."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from django.core import mail

from common.actors import GUEST, WORKER
from common.errors import DomainError
from common.models import OutboxMessage
from common.outbox.services import deliver_due
from orders.attention import seen_of
from orders.models import Order, OrderEvent, Refund
from orders.payments.balance import due, kept
from orders.payments.by_hand import (
    accept_payment,
    ask_gateway,
    close_payment,
    refund_by_hand,
)
from orders.services.cancel import cancel_order
from orders.services.expire import expire_orders
from orders.tests.factories import actor_of, make_order, make_person
from orders.tests.fake_bank import notice
from orders.tests.test_payments import say, start
from stock.models import Reservation

pytestmark = pytest.mark.django_db
HOLD = dt.timedelta(minutes=30)


@pytest.fixture
def owner(db):
    return actor_of(make_person("owner"))


@pytest.fixture
def park(at, bank):
    """Return a function that makes an order paid with a difference and returns it with its payment."""

    def make(**changes):
        order = make_order(at, online=True)
        payment = start(order, at)
        say(payment, notice(payment, "captured", **{"amount": "5.19", **changes}), at)
        return reload(order, payment)

    return make


def reload(order, payment):
    order.refresh_from_db()
    payment.refresh_from_db()
    return order, payment


def rows():
    return (
        list(Order.objects.order_by("id").values()),
        [list(order.payments.order_by("id").values()) for order in Order.objects.order_by("id")],
        list(Refund.objects.order_by("id").values()),
        OrderEvent.objects.count(),
    )


def decide(service, payment, at, actor, **extra):
    values = {"seen": seen_of(payment), "note": "", **extra}
    return service(payment_id=payment.pk, actor=actor, at=at, **values)


def deliver(at):
    OutboxMessage.objects.exclude(event__startswith="order.").exclude(event__startswith="payment.").delete()
    return deliver_due(at=at)


# Waiting


def test_an_order_whose_payment_needs_attention_does_not_expire(at, park):
    order, payment = park()

    assert expire_orders(at=at + dt.timedelta(days=2)) == 0

    order, payment = reload(order, payment)
    assert (order.status, order.expires_at, payment.state) == ("awaiting_payment", None, "parked")
    assert list(Reservation.objects.values_list("state", "expires_at")) == [("held", None)]
    reported = (payment.reported_state, payment.reported_amount, payment.reported_currency)
    assert reported == ("captured", Decimal("5.19"), "EUR")


def test_a_hold_set_before_the_payment_was_parked_does_not_expire_the_order_either(at, park):
    order, _ = park()
    Order.objects.update(expires_at=at)

    assert expire_orders(at=at + HOLD) == 0
    assert Order.objects.get(pk=order.pk).status == "awaiting_payment"
    Order.objects.update(expires_at=None)


def test_orders_that_need_attention_keep_no_other_from_expiring(at, park):
    park()
    Order.objects.update(expires_at=at)
    other = make_order(at, online=True)

    assert expire_orders(at=at + HOLD) == 1

    other.refresh_from_db()
    assert other.status == "cancelled"
    Order.objects.exclude(pk=other.pk).update(expires_at=None)


def test_a_payment_that_turns_out_right_needs_no_attention(at, park):
    order, payment = park()

    say(payment, notice(payment, "captured"), at)

    order, payment = reload(order, payment)
    assert (order.status, payment.state, payment.note) == ("placed", "captured", "amount_differs")


def test_the_buyer_is_told_once_that_the_payment_is_being_checked(at, park):
    order, payment = park()
    say(payment, notice(payment, "captured", amount="5.19"), at)

    deliver(at + dt.timedelta(minutes=5))

    assert [message.subject for message in mail.outbox] == [
        f"Order {order.number[:4]} {order.number[4:]}: We are checking your payment"
    ]
    assert "We will hold your order until this is done." in mail.outbox[0].body


# Accepting


def test_an_accepted_shortfall_is_waived_and_the_order_continues(at, park, owner):
    order, payment = park()

    decide(accept_payment, payment, at, owner, note="A cent, never mind")

    order, payment = reload(order, payment)
    assert (order.status, order.waived, due(order)) == ("placed", Decimal("0.01"), 0)
    assert (payment.state, payment.amount, payment.note) == ("captured", Decimal("5.19"), "")
    event = order.events.get(code="payment_accepted")
    assert (event.actor_id, event.note) == (owner.user_id, "A cent, never mind")
    assert event.params == {"amount": "5.19", "currency": "EUR"}
    assert OutboxMessage.objects.filter(event="order.paid").count() == 1


def test_an_accepted_excess_is_refunded(at, park, owner):
    order, payment = park(amount="6.00")

    decide(accept_payment, payment, at, owner)

    order, payment = reload(order, payment)
    assert (order.status, order.waived, kept(order)) == ("placed", 0, order.total)
    assert list(Refund.objects.values_list("amount", "reason")) == [(Decimal("0.80"), "paid_too_much")]


def test_an_accepted_payment_is_not_parked_again_by_later_notices(at, park, owner):
    order, payment = park(merchant="stranger", amount="5.20")
    decide(accept_payment, payment, at, owner)

    say(payment, notice(payment, "captured", merchant="stranger"), at)

    order, payment = reload(order, payment)
    assert (order.status, payment.state, payment.note, payment.accepted) == (
        "placed",
        "captured",
        "",
        "merchant_differs",
    )


@pytest.mark.violates("I35")
@pytest.mark.parametrize("case", ["not captured", "other currency", "cancelled"])
def test_accepting_an_unsuitable_payment_is_refused_and_changes_nothing(at, park, owner, case):
    changes = {"other currency": {"currency": "USD"}}.get(case, {})
    order, payment = park(**changes)
    if case == "not captured":
        payment.reported_state = "authorised"
        payment.save()
    if case == "cancelled":
        cancel_order(order_id=order.pk, reason="", actor=GUEST, at=at)
    before = rows()

    with pytest.raises(DomainError) as refused:
        decide(accept_payment, payment, at, owner)

    assert refused.value.code == "not_possible"
    assert rows() == before


# Refunding


def test_a_refund_by_hand_covers_what_the_bank_holds_and_the_order_can_be_paid_again(at, park, owner, bank):
    order, payment = park()
    later = at + dt.timedelta(hours=5)

    decide(refund_by_hand, payment, later, owner)
    deliver(later)

    order, payment = reload(order, payment)
    assert list(bank.refunds.values()) == [(str(payment.public_id), Decimal("5.19"))]
    assert (order.status, order.expires_at, due(order)) == ("awaiting_payment", later + HOLD, order.total)
    assert Reservation.objects.get().expires_at == later + HOLD
    assert start(order, later).amount == order.total


def test_money_in_another_currency_is_refunded_in_that_currency(at, park, owner, bank):
    order, payment = park(currency="USD", amount="5.20")

    decide(refund_by_hand, payment, at, owner)
    deliver(at)
    deliver(at + dt.timedelta(minutes=1))

    order, payment = reload(order, payment)
    assert (payment.state, payment.currency, kept(order)) == ("captured", "USD", 0)
    assert list(bank.refunds.values()) == [(str(payment.public_id), Decimal("5.20"))]
    assert any("$5.20" in message.body for message in mail.outbox)


def test_money_that_is_only_authorised_is_released(at, park, owner, bank):
    order, payment = park()
    say(payment, notice(payment, "authorised", amount="5.19"), at)
    order, payment = reload(order, payment)
    key = str(payment.public_id)
    bank.book[key] = replace(bank.book[key], state="authorised", amount=Decimal("5.19"))

    decide(refund_by_hand, payment, at, owner)
    deliver(at)

    order, payment = reload(order, payment)
    assert bank.book[key].state == "cancelled" and not bank.refunds
    assert order.expires_at == at + HOLD


def test_money_of_a_cancelled_order_is_refunded_by_hand(at, park, owner, bank):
    order, payment = park()
    cancel_order(order_id=order.pk, reason="", actor=GUEST, at=at)

    decide(refund_by_hand, payment, at, owner)
    deliver(at)

    order, payment = reload(order, payment)
    assert (order.status, order.expires_at, payment.state) == ("cancelled", None, "captured")
    assert list(Refund.objects.values_list("amount", "state")) == [(Decimal("5.19"), "done")]


# Settling outside


def test_a_payment_settled_outside_ends_the_wait_and_stays_settled(at, park, owner):
    order, payment = park()

    decide(close_payment, payment, at, owner, note="The bank says no money moved")
    say(payment, notice(payment, "captured", amount="5.19"), at)

    order, payment = reload(order, payment)
    assert (payment.state, order.expires_at) == ("settled", at + HOLD)
    assert order.events.get(code="payment_closed").note == "The bank says no money moved"
    assert expire_orders(at=at + HOLD) == 1


def test_a_settled_payment_is_parked_again_if_the_bank_reports_something_new(at, park, owner):
    order, payment = park(amount="0.01")
    decide(close_payment, payment, at, owner, note="Nothing to speak of")

    say(payment, notice(payment, "captured", amount="5.19"), at)

    order, payment = reload(order, payment)
    assert (payment.state, payment.reported_amount, order.expires_at) == ("parked", Decimal("5.19"), None)


def test_money_for_a_payment_settled_as_unpaid_is_not_forgotten(at, park, owner):
    order, payment = park()
    say(payment, notice(payment, "failed", amount="5.19"), at)
    order, payment = reload(order, payment)
    decide(close_payment, payment, at, owner, note="Nothing was paid")

    say(payment, notice(payment, "captured"), at)

    order, payment = reload(order, payment)
    assert (order.status, payment.state, payment.note) == ("awaiting_payment", "parked", "settled_before")


def test_a_question_about_a_captured_payment_is_closed_with_a_note(at, bank, owner):
    order = make_order(at, online=True)
    payment = start(order, at)
    say(payment, notice(payment, "captured"), at)
    say(payment, notice(payment, "captured", amount="0.01"), at)
    order, payment = reload(order, payment)

    decide(close_payment, payment, at, owner, note="A slip of the bank's")

    order, payment = reload(order, payment)
    assert (order.status, payment.state, payment.note) == ("placed", "captured", "")


@pytest.mark.parametrize("note", ["", "  "])
def test_settling_outside_needs_a_note(at, park, owner, note):
    _, payment = park()
    before = rows()

    with pytest.raises(DomainError) as refused:
        decide(close_payment, payment, at, owner, note=note)

    assert refused.value.code == "note_missing"
    assert rows() == before


# Rights and conflicts


@pytest.mark.parametrize("service", [accept_payment, refund_by_hand, close_payment])
@pytest.mark.parametrize("case", ["employee", "nobody", "machine", "second", "bank spoke"])
def test_a_decision_without_the_right_or_too_late_changes_nothing(at, park, owner, service, case):
    _, payment = park()
    actor = owner
    if case == "employee":
        actor = actor_of(make_person("employee"))
    elif case == "nobody":
        actor = GUEST
    elif case == "machine":
        actor = WORKER
    elif case == "second":
        decide(accept_payment, payment, at, owner)
    else:
        say(payment, notice(payment, "captured", amount="5.18"), at)
    before = rows()

    with pytest.raises(DomainError) as refused:
        decide(service, payment, at, actor, note="x")

    assert refused.value.code == ("already_dealt_with" if case in ("second", "bank spoke") else "not_allowed")
    assert rows() == before


def test_a_person_can_ask_the_bank_again(at, park, owner, bank):
    order, payment = park()
    key = str(payment.public_id)
    bank.book[key] = replace(bank.book[key], state="captured")

    assert ask_gateway(payment_id=payment.pk, actor=owner, at=at)

    assert reload(order, payment)[0].status == "placed"


def test_a_silent_bank_is_reported_in_words(at, park, owner, bank):
    _, payment = park()
    bank.is_down = True

    with pytest.raises(DomainError) as refused:
        ask_gateway(payment_id=payment.pk, actor=owner, at=at)

    assert refused.value.code == "gateway_unavailable"
