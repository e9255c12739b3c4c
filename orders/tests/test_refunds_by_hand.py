"""Refused refunds are repeated or settled by a person; if the bank was first, the rest is refunded at once."""

from decimal import Decimal

import pytest

from common.actors import GUEST
from common.errors import DomainError
from common.models import OutboxMessage
from common.outbox.services import deliver_due
from orders.attention import seen_of
from orders.attention_list import attention_in
from orders.gateways.base import GatewayRefused, RefundFacts
from orders.models import Payment, Refund
from orders.payments.balance import due, kept
from orders.payments.by_hand import accept_payment, close_refund, repeat_refund
from orders.services.cancel import cancel_order
from orders.tests.factories import actor_of, make_order, make_person
from orders.tests.fake_bank import notice
from orders.tests.test_by_hand import deliver, owner, reload, rows
from orders.tests.test_payments import say, start

pytestmark = pytest.mark.django_db
__all__ = ["owner"]


def refuse_refunds(bank, monkeypatch):
    def refuse(*_):
        raise GatewayRefused("no")

    monkeypatch.setattr(bank, "refund", refuse)


# Refunds that were refused


@pytest.fixture
def refused(at, bank, monkeypatch):
    """Return a refund of a cancelled order that the bank has refused."""
    order = make_order(at, online=True)
    payment = start(order, at)
    say(payment, notice(payment, "captured"), at)
    cancel_order(order_id=order.pk, reason="", actor=GUEST, at=at)
    with monkeypatch.context() as patch:
        refuse_refunds(bank, patch)
        deliver(at)
    return Refund.objects.get(state="failed")


def test_a_refused_refund_is_repeated(at, refused, owner, bank):
    repeat_refund(refund_id=refused.pk, actor=owner, at=at)
    deliver(at)

    amount = refused.payment.amount
    assert list(Refund.objects.order_by("id").values_list("state", "amount")) == [
        ("replaced", amount),
        ("done", amount),
    ]
    assert refused.payment.order.events.get(code="refund_repeated").actor_id == owner.user_id


def test_a_refused_refund_is_settled_outside_with_a_note(at, refused, owner):
    close_refund(refund_id=refused.pk, note="Paid out in cash", actor=owner, at=at)

    refused.refresh_from_db()
    assert (refused.state, refused.done_at) == ("outside", at)
    assert refused.payment.order.events.get(code="refund_closed").note == "Paid out in cash"


@pytest.mark.violates("I34")
@pytest.mark.parametrize("case", ["employee", "no note"])
def test_a_refused_refund_stays_in_the_list_if_the_person_may_not_decide(at, refused, owner, case):
    actor = actor_of(make_person("employee")) if case == "employee" else owner
    before = rows()

    with pytest.raises(DomainError):
        close_refund(refund_id=refused.pk, note="" if case == "no note" else "x", actor=actor, at=at)
    if case == "employee":
        with pytest.raises(DomainError):
            repeat_refund(refund_id=refused.pk, actor=actor, at=at)

    assert rows() == before


def test_a_refund_is_repeated_once(at, refused, owner):
    repeat_refund(refund_id=refused.pk, actor=owner, at=at)
    before = rows()

    for decision in (
        lambda: repeat_refund(refund_id=refused.pk, actor=owner, at=at),
        lambda: close_refund(refund_id=refused.pk, note="x", actor=owner, at=at),
    ):
        with pytest.raises(DomainError) as late:
            decision()
        assert late.value.code == "already_dealt_with"

    assert rows() == before


@pytest.mark.parametrize("given", ["0.01", "3.20"])
@pytest.mark.violates("I22b")  # other messages are deleted
def test_after_a_refusal_the_rest_is_requested_at_once(at, bank, monkeypatch, given):
    order = make_order(at, online=True)
    payment = start(order, at)
    say(payment, notice(payment, "captured"), at)
    bank.book[str(payment.public_id)] = bank.read_facts(
        notice(payment, "captured", refunds=(RefundFacts("ref_own", "", Decimal(given)),))
    )
    cancel_order(order_id=order.pk, reason="", actor=GUEST, at=at)
    with monkeypatch.context() as patch:
        refuse_refunds(bank, patch)
        OutboxMessage.objects.exclude(event="payment.refund").delete()
        deliver_due(at=at, limit=1)

    deliver(at)

    rest = order.total - Decimal(given)
    found = sorted(Refund.objects.values_list("state", "amount"))
    assert found == sorted([("done", Decimal(given)), ("done", rest), ("replaced", order.total)])


# Goodwill


def test_a_refund_by_the_bank_itself_is_not_charged_at_the_counter(at, bank):
    order = make_order(at, online=True)
    payment = start(order, at)
    say(payment, notice(payment, "captured"), at)

    say(payment, notice(payment, "captured", refunds=(RefundFacts("ref_own", "", Decimal("2.00")),)), at)

    order, payment = reload(order, payment)
    assert (due(order), order.waived, kept(order)) == (0, Decimal("2.00"), Decimal("3.20"))
    assert order.events.last().params == {"amount": "2.00", "currency": "EUR", "waived": "2.00"}


def test_money_that_arrives_after_the_buyer_cancelled_is_refunded_for_that_reason(at, bank):
    order = make_order(at, online=True)
    payment = start(order, at)
    cancel_order(order_id=order.pk, reason="", actor=GUEST, at=at)

    say(payment, notice(payment, "captured"), at)

    assert Refund.objects.get().reason == "paid_after_cancelling"


# Refunds that the bank first refused and then made by itself


@pytest.fixture
def too_much(at, bank, owner, monkeypatch):
    """Return an open order and its payment: 7.20 accepted for 5.20, with the refund of 2.00 refused."""
    order = make_order(at, online=True)
    payment = start(order, at)
    say(payment, notice(payment, "captured", amount="7.20"), at)
    payment.refresh_from_db()
    accept_payment(payment_id=payment.pk, seen=seen_of(payment), note="", actor=owner, at=at)
    with monkeypatch.context() as patch:
        refuse_refunds(bank, patch)
        deliver(at)
    assert Refund.objects.get().state == "failed"
    return reload(order, payment)


def own_refund(payment, at, *amounts):
    facts = tuple(RefundFacts(f"ref_{n}", "", Decimal(amount)) for n, amount in enumerate(amounts))
    say(payment, notice(payment, "captured", amount=str(payment.amount), refunds=facts), at)


def test_a_refund_refused_and_then_made_is_neither_waived_nor_owed(at, too_much):
    order, payment = too_much

    own_refund(payment, at, "2.00")

    order, payment = reload(order, payment)
    assert (kept(order), due(order), order.waived) == (Decimal("5.20"), 0, 0)
    assert sorted(payment.refunds.values_list("state", "amount")) == [
        ("done", Decimal("2.00")),
        ("replaced", Decimal("2.00")),
    ]


@pytest.mark.violates("I34")
def test_a_partial_refund_after_a_refusal_leaves_the_rest_owed(at, too_much, owner):
    order, payment = too_much

    own_refund(payment, at, "0.50")

    order.refresh_from_db()
    assert (kept(order), due(order), order.waived) == (Decimal("5.20"), 0, 0)
    rest = payment.refunds.get(state="failed")
    assert rest.amount == Decimal("1.50")


def test_only_the_excess_over_a_refused_refund_is_waived(at, too_much):
    order, payment = too_much

    own_refund(payment, at, "3.00")

    order.refresh_from_db()
    assert (kept(order), due(order), order.waived) == (Decimal("4.20"), 0, Decimal("1.00"))
    assert not payment.refunds.filter(state="failed").exists()


def test_a_refusal_because_the_bank_was_first_waives_nothing(at, bank, owner, monkeypatch):
    order = make_order(at, online=True)
    payment = start(order, at)
    say(payment, notice(payment, "captured", amount="7.20"), at)
    payment.refresh_from_db()
    accept_payment(payment_id=payment.pk, seen=seen_of(payment), note="", actor=owner, at=at)
    own = (RefundFacts("ref_own", "", Decimal("2.00")),)
    bank.book[str(payment.public_id)] = bank.read_facts(notice(payment, "captured", amount="7.20", refunds=own))
    with monkeypatch.context() as patch:
        refuse_refunds(bank, patch)
        deliver(at)

    order, payment = reload(order, payment)
    assert (kept(order), due(order), order.waived) == (Decimal("5.20"), 0, 0)
    assert not payment.refunds.filter(state__in=["failed", "pending"]).exists()


def test_a_second_payment_refunded_by_the_bank_waives_nothing(at, bank, monkeypatch):
    order = make_order(at, online=True)
    first = start(order, at)
    say(first, notice(first, "captured"), at)
    second = Payment.objects.create(
        order=order, gateway="demo_bank", amount=order.total, currency="EUR", state="pending", created_at=at
    )
    say(second, notice(second, "captured"), at)
    with monkeypatch.context() as patch:
        refuse_refunds(bank, patch)
        deliver(at)
    assert second.refunds.get().state == "failed"

    own_refund(second, at, "5.20")

    order.refresh_from_db()
    assert (kept(order), due(order), order.waived) == (order.total, 0, 0)
    assert not attention_in([order.shop_id], is_owner=False, at=at).given_away
