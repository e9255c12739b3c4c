"""Asking the gateway about payments it has been silent on: lost notices, captures left open, sessions ended."""

import datetime as dt
import logging

from django.db import DatabaseError, transaction

from orders.gateways.base import GatewayRefused, GatewayUnavailable, PaymentUnknown
from orders.gateways.registry import UnknownGateway
from orders.ledger import lock_order
from orders.models import Payment
from orders.payments.asking import WORKER, Patience, asking
from orders.payments.settle import fold

logger = logging.getLogger(__name__)

QUIET = dt.timedelta(minutes=1)
LOOK_BACK = dt.timedelta(days=3)
NEVER_OPENED = dt.timedelta(minutes=10)
OPEN = (Payment.State.PENDING, Payment.State.AUTHORISED, Payment.State.PARKED)


def reconcile(*, at: dt.datetime, limit: int | None = None) -> int:
    """Fetch open payments of the last three days that are older than a minute; return how many changed.

    Stops at the first gateway that does not answer; a second run right after changes nothing. With `limit` so
    many are asked about, drawn anew each time: those that stay open for days keep no other waiting.
    """
    payments = Payment.objects.filter(
        state__in=OPEN, created_at__gt=at - LOOK_BACK, created_at__lte=at - QUIET
    ).exclude(gateway="on_collection")
    changed = 0
    for payment_id in list(payments.order_by("?").values_list("pk", flat=True)[:limit]):
        try:
            changed += check_payment(payment_id=payment_id, at=at)
        except GatewayUnavailable:
            logger.warning("The gateway does not answer; reconciliation goes on with the next tick")
            break
        except DatabaseError:
            logger.exception("Could not take over payment %s; the next tick tries again", payment_id)
    return changed


def check_payment(*, payment_id: int, at: dt.datetime, patience: Patience = WORKER) -> bool:
    """Ask the gateway about one payment, capture what is only authorised, fold the answer in.

    Returns whether the payment changed. Also staff's "check payment". Raises GatewayUnavailable.
    """
    payment = Payment.objects.get(pk=payment_id)
    key = str(payment.public_id)
    try:
        with asking(payment.gateway, patience=patience, at=at) as gateway:
            facts = gateway.fetch(key)
            if facts.state == Payment.State.AUTHORISED and payment.state != Payment.State.PARKED:
                facts = gateway.capture(key)
    except PaymentUnknown:
        return _never_opened(payment, at)
    except (GatewayRefused, UnknownGateway):
        return False
    with transaction.atomic():
        order = lock_order(payment.order_id)
        payment = Payment.objects.get(pk=payment_id)
        before = payment.state
        fold(order=order, payment=payment, facts=facts, at=at)
        return payment.state != before


def _never_opened(payment: Payment, at: dt.datetime) -> bool:
    """Close a payment the gateway has never heard of, once it cannot be on its way any more."""
    if payment.provider_ref or payment.created_at > at - NEVER_OPENED:
        return False
    with transaction.atomic():
        lock_order(payment.order_id)
        pending = Payment.objects.filter(pk=payment.pk, state=Payment.State.PENDING, provider_ref="")
        return bool(pending.update(state=Payment.State.CANCELLED, note="never_opened"))
