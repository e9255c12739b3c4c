"""Starting a payment: a row first, then the gateway outside any transaction, then its answer."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext

from common.actors import Actor
from common.errors import DomainError
from orders.gateways.base import GatewayRefused, GatewayUnavailable, StartRequest
from orders.gateways.registry import UnknownGateway
from orders.ledger import lock_order
from orders.models import Order, Payment
from orders.payments.asking import WEB, asking
from orders.payments.balance import due


class NotPayable(DomainError):
    """The order does not wait for an online payment."""

    code = "not_payable"


class PaymentNotStarted(DomainError):
    """The gateway did not open a payment; the order keeps its hold and can be paid again."""

    code = "gateway_unavailable"


def start_payment(
    *,
    order_id: int,
    return_url: str,
    actor: Actor,  # noqa: ARG001 - anybody with the link may pay; no payer is recorded
    at: dt.datetime,
) -> Payment:
    """Open a payment for an order that waits for one; send the buyer to the `redirect_url` of the result.

    A payment that is still open is used again, so that a double click leads to one page. Never called inside a
    transaction. Raises NotPayable (paid, approved or being checked, cancelled, expired, on collection),
    PaymentNotStarted, OrderGone.
    """
    order, payment = _open_payment(order_id, at)
    if payment.redirect_url:
        return payment
    request = StartRequest(
        key=str(payment.public_id),
        order_number=order.number,
        amount=payment.amount,
        currency=payment.currency,
        return_url=return_url,
        language=order.language,
        expires_at=order.expires_at,
    )
    try:
        with asking(payment.gateway, patience=WEB, at=at) as gateway:
            started = gateway.create(request)
    except (GatewayUnavailable, UnknownGateway) as error:
        raise _not_started() from error
    except GatewayRefused as error:
        Payment.objects.filter(pk=payment.pk, state=Payment.State.PENDING).update(
            state=Payment.State.CANCELLED, note="refused_by_gateway"
        )
        raise _not_started() from error
    Payment.objects.filter(pk=payment.pk).update(provider_ref=started.ref, redirect_url=started.redirect_url)
    payment.provider_ref, payment.redirect_url = started.ref, started.redirect_url
    return payment


def _open_payment(order_id: int, at: dt.datetime) -> tuple[Order, Payment]:
    with transaction.atomic():
        order = lock_order(order_id)
        amount = due(order)
        is_open = order.status == Order.Status.AWAITING_PAYMENT and (order.expires_at is None or order.expires_at > at)
        if not is_open or not amount:
            raise NotPayable(gettext("This order is no longer waiting for a payment."))
        if order.payments.under_way().exists():
            raise NotPayable(gettext("We already have a payment for this order and are checking it."))
        payment = (
            order.payments.filter(gateway=order.payment_method, state=Payment.State.PENDING, amount=amount)
            .order_by("-id")
            .first()
        )
        if payment is None:
            payment = Payment.objects.create(
                order=order,
                gateway=order.payment_method,
                amount=amount,
                currency=order.currency,
                created_at=at,
            )
    return order, payment


def _not_started() -> PaymentNotStarted:
    return PaymentNotStarted(
        gettext("The bank is not answering right now. Your order is kept; please try again in a minute.")
    )
