"""Folding what a gateway says into the payment and its order: the same end for any order of arrival.

States only climb (see RANK): a late "failed" after "captured" changes nothing, a "captured" after
"failed" does. A refund implies the capture before it. Nothing is called paid before amount, currency,
order and merchant are compared with what we asked for.
"""

import datetime as dt

from django.db import transaction

from common.actors import Actor
from common.outbox.services import enqueue
from orders.gateways.base import PaymentFacts
from orders.ledger import SILENT, Remark, add_event, mail_key, move
from orders.models import Order, OrderEvent, Payment
from orders.payments.refunds import fold_refunds, kept, refund_payment
from stock.hours import promise_at
from stock.models import Shop
from stock.selectors import shop_by_code
from stock.services import reserve

State, Code = Payment.State, OrderEvent.Code
RANK = {
    State.PENDING: 0,
    State.AUTHORISED: 1,
    State.CANCELLED: 2,
    State.FAILED: 3,
    State.PARKED: 4,
    State.CAPTURED: 5,
}
# "Payment failed" is worth a mail only if the buyer did not succeed at the second try meanwhile.
FAILED_MAIL_DELAY = dt.timedelta(minutes=1)


def fold(*, order: Order, payment: Payment, facts: PaymentFacts, at: dt.datetime) -> str:
    """Take facts over into a payment of a locked order, in the caller's transaction; return what happened."""
    actor = Actor(payment.gateway)
    problem = find_difference(order, payment, facts)
    if problem:
        return _park(order, payment, problem, actor, at)
    if not payment.provider_ref and facts.ref:
        payment.provider_ref = facts.ref
        payment.save(update_fields=["provider_ref"])
    outcome = "nothing new"
    if RANK[State(facts.state)] > RANK[State(payment.state)]:
        # The note of a parked payment outlives its capture, as it would have come after it.
        payment.note = payment.note if payment.state == State.PARKED else facts.reason
        payment.state = facts.state
        payment.captured_at = at if facts.state == State.CAPTURED else None
        payment.save(update_fields=["state", "note", "captured_at"])
        outcome = str(facts.state)
        if facts.state == State.CAPTURED:
            outcome = _captured(order, payment, actor, at)
        elif facts.state == State.FAILED:
            _failed(order, payment, actor, at)
    if facts.refunds and payment.state == State.CAPTURED:
        fold_refunds(order=order, payment=payment, facts=facts.refunds, at=at)
        outcome = "refunds taken over" if outcome == "nothing new" else outcome
    return outcome


def find_difference(order: Order, payment: Payment, facts: PaymentFacts) -> str:
    """Return the code of the first thing in which the gateway's payment is not the one we asked for."""
    if facts.problem:
        return facts.problem
    if facts.key != str(payment.public_id) or (payment.provider_ref and facts.ref != payment.provider_ref):
        return "payment_differs"
    if facts.order_number != order.number:
        return "order_differs"
    if facts.currency != payment.currency:
        return "currency_differs"
    return "" if facts.amount == payment.amount else "amount_differs"


def _park(order: Order, payment: Payment, problem: str, actor: Actor, at: dt.datetime) -> str:
    """Keep the money's case for a person; a payment already captured stays so, the note tells of the doubt."""
    if payment.note != problem:
        add_event(order=order, actor=actor, at=at, remark=Remark(Code.PAYMENT_PARKED, {"problem": problem}))
    if RANK[State(payment.state)] < RANK[State.PARKED]:
        payment.state = State.PARKED
    payment.note = problem
    payment.save(update_fields=["state", "note"])
    return f"parked: {problem}"


def _failed(order: Order, payment: Payment, actor: Actor, at: dt.datetime) -> None:
    add_event(order=order, actor=actor, at=at, remark=Remark(Code.PAYMENT_FAILED))
    enqueue(
        event="order.payment_failed",
        key=f"order.payment_failed:{payment.public_id}",
        payload={"payment_id": payment.pk},
        at=at,
        delay=FAILED_MAIL_DELAY,
    )


def _captured(order: Order, payment: Payment, actor: Actor, at: dt.datetime) -> str:
    if kept(order) > order.total:
        return _give_back(order, payment, "paid_twice", actor, at)
    if order.status == Order.Status.AWAITING_PAYMENT:
        reserve.set_expiry(reference=order.number, expires_at=None)
        _place(order, actor, at)
        return "paid"
    if order.status == Order.Status.CANCELLED:
        if order.cancel_reason == Order.CancelReason.EXPIRED and _reserve_again(order, at):
            _place(order, actor, at, Remark(Code.PAID_LATE))
            return "paid late, reserved again"
        return _give_back(order, payment, "paid_late", actor, at)
    add_event(order=order, actor=actor, at=at, remark=Remark(Code.PAID_ONLINE))
    return "paid"


def _place(order: Order, actor: Actor, at: dt.datetime, remark: Remark = SILENT) -> None:
    """Confirm the order; the promise moves on when paying took so long that it cannot be kept."""
    promised = promise_at(_shop(order), at)
    move(
        order=order,
        to=Order.Status.PLACED,
        actor=actor,
        at=at,
        remark=remark,
        promised_at=max(order.promised_at, promised) if promised else order.promised_at,
        expires_at=None,
        cancel_reason="",
    )
    enqueue(
        event="order.paid",
        key=mail_key("order.paid", order),
        payload={"order_id": order.pk, "version": order.version},
        at=at,
    )


def _reserve_again(order: Order, at: dt.datetime) -> bool:
    """Try to reserve all lines of an order that expired; False when goods or opening hours are gone."""
    lines = list(order.lines.order_by("sku_id"))
    if promise_at(_shop(order), at) is None or any(line.sku_id is None for line in lines):
        return False
    wanted: dict = {}
    for line in lines:
        wanted[line.sku_id] = wanted.get(line.sku_id, 0) + line.quantity
    try:
        with transaction.atomic():
            reserve.reserve(shop_id=order.shop_id, wanted=wanted, reference=order.number, expires_at=None, at=at)
    except reserve.OutOfStock:
        return False
    return True


def _give_back(order: Order, payment: Payment, reason: str, actor: Actor, at: dt.datetime) -> str:
    payment.note = reason
    payment.save(update_fields=["note"])
    add_event(order=order, actor=actor, at=at, remark=Remark(Code.REFUND_STARTED, {"reason": reason}))
    refund_payment(payment=payment, reason=reason, at=at)
    return f"given back: {reason}"


def _shop(order: Order) -> Shop:
    """Return the order's shop with its hours loaded, or the bare shop when it is no longer open to customers."""
    return shop_by_code(order.shop.code) or order.shop
