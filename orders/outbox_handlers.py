"""Handlers of the outbox messages of orders. Messages may come twice; a handler first checks that they still hold."""

import datetime as dt
from contextlib import suppress

from django.utils import translation
from django.utils.translation import gettext

from common.actors import WORKER
from common.outbox.models import OutboxMessage
from common.outbox.services import Lane, handles
from orders.models import Order, Payment, Refund
from orders.notifications import payment_failed_extra, refund_extra, send_order_mail
from orders.payments.reconcile import check_payment, void_payment
from orders.payments.refunds import deliver_refund
from orders.services.documents import NothingPaid, issue_receipt

Status, State = Order.Status, Payment.State


def _order(message: OutboxMessage) -> Order:
    return Order.objects.select_related("shop").get(pk=message.payload["order_id"])


@handles("order.received", lane=Lane.MAIL)
def order_received(message: OutboxMessage, at: dt.datetime) -> None:
    """Confirm an order, unless it was paid, declined or parked meanwhile: another email tells that."""
    order = _order(message)
    if order.status != Status.CANCELLED and (not order.is_online or _waits_untold(order)):
        send_order_mail(event="received", order=order, key=message.key, at=at)


def _waits_untold(order: Order) -> bool:
    """Return whether an order waits for its payment and no other email has said so."""
    last = order.payments.order_by("-id").first()
    is_told = last is not None and last.state in (State.FAILED, State.PARKED)
    return order.status == Status.AWAITING_PAYMENT and not is_told


@handles("order.paid", lane=Lane.MAIL)
def order_paid(message: OutboxMessage, at: dt.datetime) -> None:
    """Confirm the payment and with it the order, and issue the receipt that the email links to."""
    order = _order(message)
    if order.status != Status.CANCELLED:
        # All of it may have been refunded at the bank meanwhile.
        with suppress(NothingPaid):
            issue_receipt(order_id=order.pk, actor=WORKER, at=at)
        send_order_mail(event="paid", order=order, key=message.key, at=at)


@handles("order.ready", lane=Lane.MAIL)
def order_ready(message: OutboxMessage, at: dt.datetime) -> None:
    """Call the buyer, unless the order is no longer as ready as it was."""
    order = _order(message)
    if order.status == Status.READY and order.version == message.payload["version"]:
        send_order_mail(event="ready", order=order, key=message.key, at=at)


@handles("order.cancelled", lane=Lane.MAIL)
def order_cancelled(message: OutboxMessage, at: dt.datetime) -> None:
    """Say that the order was cancelled, unless a late payment has revived it."""
    order = _order(message)
    if order.status == Status.CANCELLED and order.version == message.payload["version"]:
        send_order_mail(event="cancelled", order=order, key=message.key, at=at)


@handles("order.payment_failed", lane=Lane.MAIL)
def order_payment_failed(message: OutboxMessage, at: dt.datetime) -> None:
    """Invite the buyer to pay again, unless they are paying or have paid."""
    payment = Payment.objects.select_related("order__shop").get(pk=message.payload["payment_id"])
    order = payment.order
    is_last = not order.payments.filter(pk__gt=payment.pk).exists()
    has_failed = payment.state in (State.FAILED, State.SETTLED, State.CAPTURED)
    if order.status == Status.AWAITING_PAYMENT and has_failed and is_last:
        with translation.override(order.language):
            extra = payment_failed_extra(payment)
        send_order_mail(event="payment_failed", order=order, key=message.key, at=at, extra=extra)


@handles("order.payment_checked", lane=Lane.MAIL)
def order_payment_checked(message: OutboxMessage, at: dt.datetime) -> None:
    """Say that the payment is being checked, if it still is."""
    payment = Payment.objects.select_related("order__shop").get(pk=message.payload["payment_id"])
    if payment.state == State.PARKED:
        with translation.override(payment.order.language):
            extra = {"title": gettext("We are checking your payment")}
        send_order_mail(event="payment_checked", order=payment.order, key=message.key, at=at, extra=extra)


@handles("order.refunded", lane=Lane.MAIL)
def order_refunded(message: OutboxMessage, at: dt.datetime) -> None:
    """Say how much money is on its way back, and why."""
    refund = Refund.objects.select_related("payment__order__shop").get(pk=message.payload["refund_id"])
    order = refund.payment.order
    with translation.override(order.language):
        extra = refund_extra(order, refund)
    send_order_mail(event="refunded", order=order, key=message.key, at=at, extra=extra)


@handles("payment.capture", lane=Lane.BANK)
def payment_capture(message: OutboxMessage, at: dt.datetime) -> None:
    """Have the gateway capture money that is still only authorised, or release what no order waits for any more."""
    if Payment.objects.filter(pk=message.payload["payment_id"], state=State.AUTHORISED).exists():
        check_payment(payment_id=message.payload["payment_id"], at=at)


@handles("payment.void", lane=Lane.BANK)
def payment_void(message: OutboxMessage, at: dt.datetime) -> None:
    """Have the gateway release authorised money that is not needed."""
    void_payment(payment_id=message.payload["payment_id"], at=at)


@handles("payment.refund", lane=Lane.BANK)
def payment_refund(message: OutboxMessage, at: dt.datetime) -> None:
    """Ask the gateway for a refund."""
    deliver_refund(refund_id=message.payload["refund_id"], at=at)
