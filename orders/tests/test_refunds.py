"""Refunds: ours, the bank's own, and both at once."""

import uuid

import pytest

from common.actors import GUEST
from common.outbox.services import deliver_due
from common.registry import invariants
from orders.gateways.base import GatewayRefused, GatewayUnavailable, RefundFacts
from orders.models import Order, Refund
from orders.payments.inbox import receive_and_process
from orders.payments.refunds import deliver_refund
from orders.payments.start import start_payment
from orders.services.cancel import cancel_order
from orders.tests.factories import make_order
from orders.tests.fake_bank import notice

pytestmark = pytest.mark.django_db


def say(payment, at, refunds=()):
    body = notice(payment, "captured", refunds=refunds)
    return receive_and_process(
        gateway="demo_bank", event_id=body["id"], kind=body["type"], payment_public_id=str(payment.public_id),
        body=body, at=at,
    )  # fmt: skip


@pytest.fixture
def cancelled(at, bank):
    """Return the payment of a cancelled order whose refund is still pending."""
    order = make_order(at, online=True)
    payment = start_payment(order_id=order.pk, return_url="http://shop.example/", actor=GUEST, at=at)
    say(payment, at)
    cancel_order(order_id=order.pk, reason="", actor=GUEST, at=at)
    return payment


@pytest.fixture
def given_back_there(cancelled, bank, monkeypatch, at):
    """Let the bank refund everything by itself and report it, so that it refuses our refund."""
    bank.is_down = True
    fact = RefundFacts("ref_own", str(uuid.uuid4()), cancelled.amount)
    say(cancelled, at, refunds=(fact,))
    body = notice(cancelled, "captured", refunds=(fact,))
    bank.book[str(cancelled.public_id)] = bank.read_facts(body)
    bank.is_down = False

    def refuse(*_):
        raise GatewayRefused("nothing is left")

    monkeypatch.setattr(bank, "refund", refuse)
    return fact


def states(payment):
    return sorted(payment.refunds.values_list("state", "amount"))


def broken(at):
    return {check.id for check in invariants() if check.id in ("I10", "I11", "I34") and [*check.find(at)]}


def test_a_refund_made_at_the_bank_replaces_ours(cancelled, given_back_there, at):
    cancelled.refresh_from_db()
    assert (cancelled.note, states(cancelled)) == ("refund_differs", [("pending", cancelled.amount)])

    deliver_due(at=at)

    cancelled.refresh_from_db()
    assert states(cancelled) == [("done", cancelled.amount), ("replaced", cancelled.amount)]
    assert Refund.objects.get(state="done").provider_ref == "ref_own"
    assert cancelled.note == ""
    assert broken(at) == set()


def test_a_bank_that_refused_without_a_reason_is_asked_again(cancelled, given_back_there, bank, monkeypatch, at):
    with monkeypatch.context() as patch:
        patch.setattr(bank, "fetch", lambda key: (_ for _ in ()).throw(GatewayUnavailable("down")))
        with pytest.raises(GatewayUnavailable):
            deliver_refund(refund_id=Refund.objects.get().pk, at=at)
    assert states(cancelled) == [("pending", cancelled.amount)]

    deliver_refund(refund_id=Refund.objects.get().pk, at=at)

    assert states(cancelled) == [("done", cancelled.amount), ("replaced", cancelled.amount)]


@pytest.mark.violates
def test_a_refused_refund_without_a_replacement_needs_attention(cancelled, bank, monkeypatch, at):
    def refuse(*_):
        raise GatewayRefused("no")

    monkeypatch.setattr(bank, "refund", refuse)

    deliver_due(at=at)

    assert states(cancelled) == [("failed", cancelled.amount)]
    assert Order.objects.get().events.order_by("-id").first().code == "refund_refused"
    assert broken(at) == {"I34"}
