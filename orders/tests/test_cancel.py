"""Cancelling."""

import datetime as dt

import pytest

from common.actors import GUEST
from common.models import OutboxMessage
from common.outbox.services import deliver_due
from orders.models import Order, Payment, Refund
from orders.payments.inbox import receive_and_process
from orders.payments.start import start_payment
from orders.services.cancel import cancel_order
from orders.services.change_status import AlreadyChanged, NotYourStep, StepRefused, change_status
from orders.services.hand_over import hand_over
from orders.tests.factories import actor_of, make_order, make_person, take_to
from orders.tests.fake_bank import notice
from stock.models import Reservation, StockLevel

pytestmark = pytest.mark.django_db
LATER = dt.timedelta(minutes=30)


def pay(order, at):
    payment = start_payment(order_id=order.pk, return_url="http://shop.example/", actor=GUEST, at=at)
    body = notice(payment, "captured")
    receive_and_process(
        gateway="demo_bank", event_id=body["id"], kind=body["type"], payment_public_id=str(payment.public_id),
        body=body, at=at,
    )  # fmt: skip
    return Payment.objects.get(pk=payment.pk)


def test_a_guest_cancels_a_new_order_and_the_stock_is_released(at):
    order = make_order(at)

    cancel_order(order_id=order.pk, reason="changed my mind", actor=GUEST, at=at)

    order.refresh_from_db()
    assert (order.status, order.cancel_reason, order.expires_at) == ("cancelled", "customer", None)
    assert order.events.last().note == "changed my mind"
    assert (StockLevel.objects.get().reserved, Reservation.objects.get().state) == (0, "released")
    assert OutboxMessage.objects.filter(event="order.cancelled").count() == 1


def test_a_guest_cannot_cancel_what_is_being_prepared(at):
    order = make_order(at)
    change_status(order_id=order.pk, to="preparing", actor=actor_of(make_person("employee")), at=at)

    with pytest.raises(NotYourStep):
        cancel_order(order_id=order.pk, reason="", actor=GUEST, at=at)

    assert StockLevel.objects.get().reserved == 2


def test_staff_cancel_a_ready_order(at):
    order = make_order(at)
    anna = actor_of(make_person("employee"))
    take_to(order, "ready", at, anna)

    cancel_order(order_id=order.pk, reason="out of flour", actor=anna, at=at)

    assert Order.objects.get().cancel_reason == "shop"


def test_another_customer_cannot_cancel(at):
    order = make_order(at, user=make_person())

    with pytest.raises(NotYourStep):
        cancel_order(order_id=order.pk, reason="", actor=actor_of(make_person()), at=at)


def test_a_second_cancellation_is_told_it_is_done(at):
    order = make_order(at)
    cancel_order(order_id=order.pk, reason="", actor=GUEST, at=at)

    with pytest.raises(AlreadyChanged):
        cancel_order(order_id=order.pk, reason="", actor=GUEST, at=at)


def test_cancelling_a_paid_order_refunds_it_once(at, bank):
    order = make_order(at, online=True)
    payment = pay(order, at)

    cancel_order(order_id=order.pk, reason="", actor=GUEST, at=at)
    deliver_due(at=at)
    deliver_due(at=at + LATER)

    refund = Refund.objects.get()
    assert (refund.state, refund.amount, refund.payment) == ("done", order.total, payment)
    assert bank.refunds == {str(refund.key): (str(payment.public_id), order.total)}
    assert OutboxMessage.objects.filter(event="order.refunded").count() == 1


def test_a_silent_bank_is_asked_for_the_refund_again_later(at, bank):
    order = make_order(at, online=True)
    pay(order, at)
    cancel_order(order_id=order.pk, reason="", actor=GUEST, at=at)
    bank.is_down = True
    deliver_due(at=at)
    assert Refund.objects.get().state == "pending"

    bank.is_down = False
    deliver_due(at=at + LATER)

    assert Refund.objects.get().state == "done"
    assert len(bank.refunds) == 1


def test_a_completed_order_cannot_be_cancelled(at):
    order = make_order(at)
    anna = actor_of(make_person("employee"))
    take_to(order, "ready", at, anna)
    hand_over(order_id=order.pk, nonce="n", taken="cash", actor=anna, at=at, shop_ids=[order.shop_id])

    with pytest.raises(StepRefused):
        cancel_order(order_id=order.pk, reason="", actor=anna, at=at)
