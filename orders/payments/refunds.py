"""Refunds: a request is a row and an outbox message; the worker asks the gateway.

A refusal is not the end: the rest is requested again as soon as we learn why, and a refund that stays failed is listed
under "needs attention" until a person has repeated or settled it (orders.payments.by_hand).
"""

import datetime as dt
import uuid
from collections.abc import Iterable
from decimal import Decimal

from django.db import transaction

from common.actors import Actor
from common.money import ZERO, round_money
from common.outbox.services import enqueue
from orders.gateways.base import GatewayRefused, RefundFacts
from orders.gateways.registry import counter_codes
from orders.ledger import Remark, add_event, lock_order
from orders.models import Order, OrderEvent, Payment, Refund, RefundDocument
from orders.models.status import OPEN
from orders.payments.asking import WORKER, asking
from orders.payments.balance import due, left, promised, refunded

DIFFERS = "refund_differs"
State, Code = Refund.State, OrderEvent.Code
# A refund that the gateway makes by itself for such an order counts as agreed with the buyer, as one by a person does:
# it is not charged again.
AGREED_IN = (*OPEN, Order.Status.COMPLETED)


def refund_payment(
    *,
    payment: Payment,
    reason: str,
    at: dt.datetime,
    amount: Decimal | None = None,
    document: RefundDocument | None = None,
    paid_out: str = "",
) -> Refund | None:
    """Request a refund of a captured payment, or of `amount` of it, inside the caller's transaction.

    Money taken at the counter is refunded there, `paid_out` in "cash" or by "card" (the way it was taken if empty): it
    is done once recorded. Returns None if nothing is left.
    """
    most = left(payment)
    wanted = most if amount is None else min(amount, most)
    if payment.state != Payment.State.CAPTURED or wanted <= ZERO:
        return None
    refund = Refund(payment=payment, amount=wanted, reason=reason, document=document, created_at=at)
    if payment.gateway in counter_codes():
        refund.paid_out = paid_out or payment.taken
        refund.save()
        _done(refund, "", at)
        return refund
    refund.save()
    enqueue(event="payment.refund", key=f"payment.refund:{refund.key}", payload={"refund_id": refund.pk}, at=at)
    return refund


def waive_refunded(order: Order, due_before: Decimal) -> Decimal:
    """Lower the amount due of a locked order to `due_before` after a refund that was agreed; return what is waived."""
    waived = due(order) - due_before if order.status in AGREED_IN else ZERO
    if waived > ZERO:
        order.waived += waived
        order.save(update_fields=["waived"])
    return waived


def refund_rest(*, order: Order, reason: str, at: dt.datetime) -> Decimal:
    """Request a refund of all captured payments of a locked order; return how much, in the order's currency."""
    payments = order.payments.captured().order_by("id")
    made = [(one.currency, refund_payment(payment=one, reason=reason, at=at)) for one in payments]
    return sum((refund.amount for currency, refund in made if refund and currency == order.currency), ZERO)


def deliver_refund(*, refund_id: int, at: dt.datetime) -> None:
    """Ask the gateway for a refund and record its answer; called by the worker, repeatable by the refund's key.

    Raises GatewayUnavailable, so that the outbox tries again. A refusal makes the refund fail; if the gateway has
    meanwhile refunded something by itself, that takes its place and only the rest is requested.
    """
    refund = Refund.objects.select_related("payment", "document").get(pk=refund_id)
    if refund.state != State.PENDING:
        return
    payment = refund.payment
    try:
        with asking(payment.gateway, patience=WORKER, at=at) as gateway:
            ref = gateway.refund(str(payment.public_id), refund.amount, str(refund.key), payment.provider_ref)
    except GatewayRefused:
        _refused(refund, _fetch(payment, at), at)
        return
    with transaction.atomic():
        lock_order(payment.order_id)
        refund.refresh_from_db()
        _done(refund, ref, at)


def _refused(refund: Refund, facts: tuple[RefundFacts, ...], at: dt.datetime) -> None:
    with transaction.atomic():
        order = lock_order(refund.payment.order_id)
        # Replaced until the gateway has said what it refunded: only the rest is requested again.
        if not Refund.objects.filter(pk=refund.pk, state=State.PENDING).update(state=State.REPLACED):
            return
        payment = Payment.objects.get(pk=refund.payment_id)
        remark = Remark(Code.REFUND_REFUSED, {"amount": str(refund.amount), "currency": payment.currency})
        add_event(order=order, actor=_actor(payment), at=at, remark=remark)
        before = promised(payment)
        fold_refunds(order=order, payment=payment, facts=facts, at=at)
        made_meanwhile = promised(payment) - before
        refund.refresh_from_db()
        if refund.state == State.DONE:
            return
        if made_meanwhile <= ZERO:
            Refund.objects.filter(pk=refund.pk).update(state=State.FAILED)
        elif refund.amount > made_meanwhile:
            rest = refund.amount - made_meanwhile
            refund_payment(payment=payment, reason=refund.reason, at=at, amount=rest, document=refund.document)


def fold_refunds(*, order: Order, payment: Payment, facts: Iterable[RefundFacts], at: dt.datetime) -> bool:
    """Take over the refunds that the gateway reports for a captured payment of a locked order; return if any is new.

    A refund we requested is done. One made at the gateway is recorded and noted for staff. It takes the place of
    refunds refused there before; beyond that it counts as agreed with the buyer and lowers the amount due, instead of
    being charged again at the counter.
    """
    differs, is_new = False, False
    for fact in facts:
        refund = Refund.objects.filter(key=_key(fact)).first()
        if fact.has_failed:
            is_new |= _came_back(order, payment, refund, fact, at)
            continue
        if not _is_credible(fact, refund, payment):
            differs = True
            continue
        if refund is None:
            refund = _made_at_gateway(order, payment, fact, at)
        is_new |= _done(refund, fact.ref, at)
    if refunded(payment) >= payment.amount:
        payment.refunds.failed().update(state=State.REPLACED)
    if differs or payment.note == DIFFERS:
        payment.note = DIFFERS if differs else ""
        payment.save(update_fields=["note"])
    return is_new


def _came_back(order: Order, payment: Payment, refund: Refund | None, fact: RefundFacts, at: dt.datetime) -> bool:
    """Let a refund fail that the gateway had taken on: its money did not reach the buyer and is still owed."""
    if refund is None or refund.payment_id != payment.pk or refund.state not in (State.PENDING, State.DONE):
        return False
    refund.state, refund.provider_ref, refund.done_at = State.FAILED, fact.ref, None
    refund.save(update_fields=["state", "provider_ref", "done_at"])
    params = {"amount": str(refund.amount), "currency": payment.currency}
    add_event(order=order, actor=_actor(payment), at=at, remark=Remark(Code.REFUND_REFUSED, params))
    return True


def _made_at_gateway(order: Order, payment: Payment, fact: RefundFacts, at: dt.datetime) -> Refund:
    due_before = due(order)
    refund = Refund.objects.create(
        payment=payment, key=_key(fact), amount=fact.amount, reason="made_at_gateway", created_at=at
    )
    _replace_failed(payment, fact.amount)
    waived = waive_refunded(order, due_before)
    params = {"amount": str(fact.amount), "currency": payment.currency, "waived": str(waived)}
    add_event(order=order, actor=_actor(payment), at=at, remark=Remark(Code.REFUNDED_AT_GATEWAY, params))
    return refund


def _replace_failed(payment: Payment, amount: Decimal) -> None:
    """Let `amount`, refunded by the gateway itself, stand for refunds it refused before; the rest stays failed."""
    for failed in payment.refunds.failed().select_related("document").order_by("id"):
        rest = failed.amount - amount
        Refund.objects.filter(pk=failed.pk).update(state=State.REPLACED)
        if rest > ZERO:
            Refund.objects.create(
                payment=payment,
                document=failed.document,
                amount=rest,
                reason=failed.reason,
                state=State.FAILED,
                created_at=failed.created_at,
            )
        amount -= failed.amount
        if amount <= ZERO:
            return


def _fetch(payment: Payment, at: dt.datetime) -> tuple[RefundFacts, ...]:
    """Return the gateway's refunds of a payment, an empty tuple if it does not know the payment."""
    try:
        with asking(payment.gateway, patience=WORKER, at=at) as gateway:
            return gateway.fetch(str(payment.public_id), payment.provider_ref).refunds
    except GatewayRefused:
        return ()


def _is_credible(fact: RefundFacts, refund: Refund | None, payment: Payment) -> bool:
    """Return whether this can be a refund of this payment: a known one, or a new one within its amount."""
    if refund is not None:
        return refund.payment_id == payment.pk and refund.amount == fact.amount
    is_money = fact.amount > ZERO and fact.amount == round_money(fact.amount, payment.currency)
    return is_money and refunded(payment) + fact.amount <= payment.amount


def _done(refund: Refund, ref: str, at: dt.datetime) -> bool:
    """Record that a refund is done; return whether that is new."""
    # One that failed at the gateway does not succeed later: this was read before.
    if refund.state == State.DONE or (refund.state == State.FAILED and refund.provider_ref == ref):
        return False
    refund.state, refund.provider_ref, refund.done_at = Refund.State.DONE, ref, at
    refund.save(update_fields=["state", "provider_ref", "done_at"])
    enqueue(event="order.refunded", key=f"order.refunded:{refund.key}", payload={"refund_id": refund.pk}, at=at)
    return True


def _key(fact: RefundFacts) -> uuid.UUID:
    try:
        return uuid.UUID(fact.key)
    except ValueError:
        return uuid.uuid5(uuid.NAMESPACE_OID, fact.ref)


def _actor(payment: Payment) -> Actor:
    return Actor(payment.gateway)
