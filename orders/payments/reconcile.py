"""Reconciliation: asking gateways about payments without news, for lost notices, open captures and ended sessions."""

import datetime as dt
import logging
import time

from django.db import transaction
from django.db.models import F, Q

from orders.gateways.base import Gateway, GatewayRefused, GatewayUnavailable, PaymentFacts, PaymentUnknown
from orders.gateways.registry import UnknownGateway
from orders.ledger import lock_order
from orders.models import Order, Payment
from orders.payments.asking import WORKER, Patience, asking
from orders.payments.balance import due
from orders.payments.settle import UNCHANGED, find_difference, fold

logger = logging.getLogger(__name__)

QUIET = dt.timedelta(minutes=1)
# The pause before asking again is a twentieth of a payment's age: a minute at first, hours after days.
PAUSE_OF_AGE = 20
LONGEST_PAUSE = dt.timedelta(days=1)
# Captured money is asked about for so long, for refunds made at the gateway whose notice was lost; the pause is half of
# a payment's age, a day at least.
CAPTURED_FOR = dt.timedelta(days=120)
NEVER_OPENED = dt.timedelta(minutes=10)
# The worker's other tasks of the minute wait no longer than this for a slow gateway.
SECONDS = 15.0


def reconcile(*, at: dt.datetime, limit: int | None = None, seconds: float = SECONDS, everything: bool = False) -> int:
    """Ask about the payments that are due, undecided ones first, longest wait first; return how many changed.

    An undecided payment is asked about again however old it is, a captured one less and less often (CAPTURED_FOR).
    `everything`: ask about every payment there is. A gateway that does not answer is left alone until the next run. No
    further payment is started after `seconds`.
    """
    payments = list(Payment.objects.online().order_by("id")) if everything else _due(at, limit)
    changed, began, silent = 0, time.monotonic(), set()
    for payment in payments:
        if time.monotonic() - began >= seconds:
            break
        if payment.gateway in silent:
            continue
        Payment.objects.filter(pk=payment.pk).update(ask_at=at + _pause(payment, at))
        try:
            changed += check_payment(payment_id=payment.pk, at=at)
        except GatewayUnavailable:
            logger.warning("%s does not answer; reconciliation goes on with the next tick", payment.gateway)
            silent.add(payment.gateway)
        except Exception:
            logger.exception("Could not take over payment %s; it is asked about again later", payment.pk)
    return changed


def _due(at: dt.datetime, limit: int | None) -> list[Payment]:
    # A date further away than any pause was set by a clock that ran ahead.
    is_due = Q(ask_at=None) | Q(ask_at__lte=at) | Q(ask_at__gt=at + 2 * LONGEST_PAUSE)
    undecided = Payment.objects.undecided().filter(is_due, created_at__lte=at - QUIET)
    captured = Payment.objects.captured().filter(ask_at__lte=at, created_at__gt=at - CAPTURED_FOR)
    in_turn = F("ask_at").asc(nulls_first=True)
    return [one for rows in (undecided, captured) for one in rows.online().order_by(in_turn, "id")[:limit]]


def _pause(payment: Payment, at: dt.datetime) -> dt.timedelta:
    age = at - payment.created_at
    if payment.state == Payment.State.CAPTURED:
        return max(LONGEST_PAUSE, age / 2)
    return min(max(QUIET, age / PAUSE_OF_AGE), LONGEST_PAUSE)


def check_payment(*, payment_id: int, at: dt.datetime, patience: Patience = WORKER) -> bool:
    """Ask the gateway about one payment, fold the answer in; return whether the payment changed.

    Authorised money is captured if the order waits for it, and released otherwise. Also behind staff's "ask the bank
    again". Raises GatewayUnavailable.
    """
    payment = Payment.objects.select_related("order").get(pk=payment_id)
    try:
        with asking(payment.gateway, patience=patience, at=at) as gateway:
            facts = _take_or_let_go(gateway, payment, gateway.fetch(str(payment.public_id), payment.provider_ref))
    except PaymentUnknown:
        return _never_opened(payment, at)
    except (GatewayRefused, UnknownGateway):
        return False
    return _fold_in(payment, facts, at)


def void_payment(*, payment_id: int, at: dt.datetime) -> bool:
    """Release authorised money that is not needed, then fold the answer in.

    After a refusal (the money was captured meanwhile) ask the gateway for the current state. Raises
    GatewayUnavailable.
    """
    payment = Payment.objects.get(pk=payment_id)
    try:
        with asking(payment.gateway, patience=WORKER, at=at) as gateway:
            facts = gateway.void(str(payment.public_id), payment.provider_ref)
    except GatewayRefused:
        return check_payment(payment_id=payment_id, at=at)
    return _fold_in(payment, facts, at)


def _take_or_let_go(gateway: Gateway, payment: Payment, facts: PaymentFacts) -> PaymentFacts:
    """Capture or void an authorised payment; one that differs or is parked is left for a person."""
    is_ours = facts.state == Payment.State.AUTHORISED and payment.state != Payment.State.PARKED
    if not is_ours or find_difference(payment.order, payment, facts):
        return facts
    is_wanted = payment.order.status == Order.Status.AWAITING_PAYMENT and due(payment.order) > 0
    return (gateway.capture if is_wanted else gateway.void)(facts.key, facts.ref)


def _fold_in(payment: Payment, facts: PaymentFacts, at: dt.datetime) -> bool:
    with transaction.atomic():
        order = lock_order(payment.order_id)
        payment = Payment.objects.get(pk=payment.pk)
        return fold(order=order, payment=payment, facts=facts, at=at) not in UNCHANGED


def _never_opened(payment: Payment, at: dt.datetime) -> bool:
    """Close a payment unknown to the gateway, once its request can no longer be on the way."""
    if payment.provider_ref or payment.created_at > at - NEVER_OPENED:
        return False
    with transaction.atomic():
        lock_order(payment.order_id)
        pending = Payment.objects.filter(pk=payment.pk, state=Payment.State.PENDING, provider_ref="")
        return bool(pending.update(state=Payment.State.CANCELLED, note="never_opened"))
