"""A bank that does not recognise the shop: nothing is taken for an answer, and everything continues later."""

import datetime as dt

import pytest

from common.actors import GUEST
from common.outbox.services import deliver_due
from orders.models import Order, Payment, Refund
from orders.payments.inbox import browser_returned, process
from orders.payments.reconcile import check_payment, reconcile
from orders.payments.start import PaymentNotStarted, start_payment
from orders.services.cancel import cancel_order
from orders.services.expire import expire_orders
from orders.tests.bank_server import SECRET, submit
from orders.tests.factories import make_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def forget(real_bank, settings):
    """Return a function that gives the shop a wrong secret, or the right one again."""

    def turn(*, strangers: bool) -> None:
        settings.DEMO_BANK_SECRET = "rotated on one side only" if strangers else SECRET

    return turn


@pytest.fixture
def paying(at, forget):
    """Return the payment of an order whose buyer is at the bank; the bank's page expires by the real clock."""
    order = make_order(at, online=True, hold=dt.timedelta(days=10_000))
    return start_payment(order_id=order.pk, return_url="http://shop.example/", actor=GUEST, at=at)


def state(payment):
    return Payment.objects.values_list("state", "note", "order__status").get(pk=payment.pk)


def test_a_refund_waits_for_the_right_secret(at, paying, real_bank, forget):
    submit(real_bank, paying, outcome="silent")
    check_payment(payment_id=paying.pk, at=at)
    cancel_order(order_id=paying.order_id, reason="", actor=GUEST, at=at)
    forget(strangers=True)

    for hours in range(1, 11):
        deliver_due(at=at + dt.timedelta(hours=hours))

    assert [*Refund.objects.values_list("state", flat=True)] == ["pending"]
    forget(strangers=False)
    deliver_due(at=at + dt.timedelta(hours=12))
    assert [*Refund.objects.values_list("state", flat=True)] == ["done"]


def test_a_payment_cannot_be_started_but_is_not_abandoned(at, forget):
    order = make_order(at, online=True)
    forget(strangers=True)

    with pytest.raises(PaymentNotStarted):
        start_payment(order_id=order.pk, return_url="http://shop.example/", actor=GUEST, at=at)

    assert state(Payment.objects.get()) == ("pending", "", "awaiting_payment")
    forget(strangers=False)
    again = start_payment(order_id=order.pk, return_url="http://shop.example/", actor=GUEST, at=at)
    assert (Payment.objects.count(), again.provider_ref[:4]) == (1, "pay_")


def test_a_returning_buyers_payment_is_processed_later(at, paying, real_bank, forget):
    submit(real_bank, paying, outcome="silent")
    forget(strangers=True)
    browser_returned(order_id=paying.order_id, at=at)
    assert process(at=at + dt.timedelta(seconds=30)) == 0
    assert state(paying) == ("pending", "", "awaiting_payment")

    forget(strangers=False)
    assert process(at=at + dt.timedelta(seconds=60)) == 1

    assert state(paying) == ("captured", "", "placed")


def test_reconciling_closes_no_payment(at, real_bank, forget):
    order = make_order(at, online=True)
    forget(strangers=True)
    with pytest.raises(PaymentNotStarted):
        start_payment(order_id=order.pk, return_url="http://shop.example/", actor=GUEST, at=at)

    assert reconcile(at=at + dt.timedelta(minutes=11)) == 0
    assert state(Payment.objects.get()) == ("pending", "", "awaiting_payment")

    forget(strangers=False)
    assert reconcile(at=at + dt.timedelta(minutes=12)) == 1
    assert state(Payment.objects.get()) == ("cancelled", "never_opened", "awaiting_payment")


def test_an_order_that_expires_meanwhile_is_paid_once_the_bank_can_be_asked(at, paying, real_bank, forget):
    submit(real_bank, paying, outcome="silent")
    Order.objects.update(expires_at=at + dt.timedelta(minutes=30))
    forget(strangers=True)
    assert expire_orders(at=at + dt.timedelta(minutes=31)) == 1
    assert state(paying) == ("pending", "", "cancelled")

    forget(strangers=False)
    assert reconcile(at=at + dt.timedelta(minutes=32)) == 1

    assert state(paying) == ("captured", "", "placed")
