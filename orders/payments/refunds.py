"""Giving money back: the request is a row and an outbox message, the gateway is asked by the worker."""

import datetime as dt
import uuid
from collections.abc import Iterable
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum

from common.actors import Actor
from common.money import ZERO, round_money
from common.outbox.services import enqueue
from common.quantity import sql_round
from orders.gateways.base import GatewayRefused, RefundFacts
from orders.ledger import Remark, add_event, lock_order
from orders.models import Order, OrderEvent, Payment, Refund
from orders.payments.asking import WORKER, asking

DIFFERS = "refund_differs"
COUNTED = (Refund.State.PENDING, Refund.State.DONE)


def refunded(payment: Payment) -> Decimal:
    """Return what was given back of a payment or is on its way back."""
    given = payment.refunds.filter(state__in=COUNTED)
    return given.aggregate(sum=sql_round(Sum("amount"), 2))["sum"] or ZERO


def kept(order: Order) -> Decimal:
    """Return what the shop has and keeps of an order: captured less refunded."""
    captured = order.payments.filter(state=Payment.State.CAPTURED)
    return sum((payment.amount - refunded(payment) for payment in captured), ZERO)


def refund_payment(*, payment: Payment, reason: str, at: dt.datetime) -> Refund | None:
    """Ask for what is left of a captured payment, inside the caller's transaction; None if nothing is left."""
    left = payment.amount - refunded(payment)
    if payment.state != Payment.State.CAPTURED or left <= ZERO:
        return None
    refund = Refund.objects.create(payment=payment, amount=left, reason=reason, created_at=at)
    enqueue(event="payment.refund", key=f"payment.refund:{refund.key}", payload={"refund_id": refund.pk}, at=at)
    return refund


def refund_rest(*, order: Order, reason: str, at: dt.datetime) -> None:
    """Ask for everything captured on a locked order back."""
    for payment in order.payments.filter(state=Payment.State.CAPTURED).order_by("id"):
        refund_payment(payment=payment, reason=reason, at=at)


def deliver_refund(*, refund_id: int, at: dt.datetime) -> None:
    """Ask the gateway, then note the answer; called by the worker, repeatable by the refund's key.

    Raises GatewayUnavailable, so that the outbox tries again. A refusal is final: the refund fails, and what the
    gateway gave back by itself meanwhile takes its place; whatever is missing then waits for a person.
    """
    refund = Refund.objects.select_related("payment").get(pk=refund_id)
    if refund.state != Refund.State.PENDING:
        return
    payment = refund.payment
    try:
        with asking(payment.gateway, patience=WORKER, at=at) as gateway:
            ref = gateway.refund(str(payment.public_id), refund.amount, str(refund.key))
    except GatewayRefused:
        facts = _fetch(payment, at)
        with transaction.atomic():
            order = lock_order(payment.order_id)
            Refund.objects.filter(pk=refund.pk, state=Refund.State.PENDING).update(state=Refund.State.FAILED)
            add_event(order=order, actor=_actor(payment), at=at, remark=Remark(OrderEvent.Code.REFUND_REFUSED))
            fold_refunds(order=order, payment=Payment.objects.get(pk=payment.pk), facts=facts, at=at)
        return
    with transaction.atomic():
        lock_order(payment.order_id)
        refund.refresh_from_db()
        _done(refund, ref, at)


def fold_refunds(*, order: Order, payment: Payment, facts: Iterable[RefundFacts], at: dt.datetime) -> None:
    """Take over what the gateway says it gave back of a captured payment of a locked order.

    A refund we asked for is done; one made at the gateway is written down and noted for staff.
    """
    differs = False
    for fact in facts:
        key = _key(fact)
        refund = Refund.objects.filter(key=key).first()
        if not _is_credible(fact, refund, payment):
            differs = True
            continue
        if refund is None:
            refund = Refund.objects.create(
                payment=payment, key=key, amount=fact.amount, reason="made_at_gateway", created_at=at
            )
            remark = Remark(OrderEvent.Code.REFUNDED_AT_GATEWAY)
            add_event(order=order, actor=_actor(payment), at=at, remark=remark)
        _done(refund, fact.ref, at)
    if differs or payment.note == DIFFERS:
        payment.note = DIFFERS if differs else ""
        payment.save(update_fields=["note"])


def _fetch(payment: Payment, at: dt.datetime) -> tuple[RefundFacts, ...]:
    """Return the refunds of a payment in the gateway's book; none when it does not know the payment."""
    try:
        with asking(payment.gateway, patience=WORKER, at=at) as gateway:
            return gateway.fetch(str(payment.public_id)).refunds
    except GatewayRefused:
        return ()


def _is_credible(fact: RefundFacts, refund: Refund | None, payment: Payment) -> bool:
    """Return whether this can be given back of this payment: a refund we know, or a new one it has room for."""
    if refund is not None:
        return refund.payment_id == payment.pk and refund.amount == fact.amount
    is_money = fact.amount > ZERO and fact.amount == round_money(fact.amount, payment.currency)
    return is_money and refunded(payment) + fact.amount <= payment.amount


def _done(refund: Refund, ref: str, at: dt.datetime) -> None:
    if refund.state == Refund.State.DONE:
        return
    refund.state, refund.provider_ref, refund.done_at = Refund.State.DONE, ref, at
    refund.save(update_fields=["state", "provider_ref", "done_at"])
    enqueue(event="order.refunded", key=f"order.refunded:{refund.key}", payload={"refund_id": refund.pk}, at=at)


def _key(fact: RefundFacts) -> uuid.UUID:
    try:
        return uuid.UUID(fact.key)
    except ValueError:
        return uuid.uuid5(uuid.NAMESPACE_OID, fact.ref)


def _actor(payment: Payment) -> Actor:
    return Actor(payment.gateway)
