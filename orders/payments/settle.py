"""Folding a gateway's facts into the payment and its order, with the same result for any order of arrival.

States only climb (see RANK): a late "failed" after "captured" changes nothing, a "captured" after
"failed" does. A refund implies the capture before it. A payment counts as paid only after its amount, currency,
order and merchant were compared with our request.
"""

import datetime as dt
from decimal import Decimal

from django.db import transaction

from common.actors import Actor
from common.errors import DomainError
from common.outbox.services import enqueue
from orders import stations
from orders.gateways.base import PaymentFacts
from orders.ledger import SILENT, Remark, add_event, mail_key, move
from orders.models import Order, OrderEvent, Payment
from orders.payments.balance import kept
from orders.payments.refunds import fold_refunds, refund_payment
from orders.selectors import shop_with_hours
from stock.hours import promise_at

State, Code = Payment.State, OrderEvent.Code
RANK = {
    State.PENDING: 0,
    State.AUTHORISED: 1,
    State.CANCELLED: 2,
    State.FAILED: 3,
    State.PARKED: 4,
    State.CAPTURED: 5,
    State.SETTLED: 6,
}
REPORTED = ("reported_state", "reported_amount", "reported_currency")
# The outcomes of facts that were known.
NOTHING_NEW, STILL_SETTLED = "nothing new", "settled by hand; nothing new"
UNCHANGED = (NOTHING_NEW, STILL_SETTLED)
# When a captured payment is asked about again.
ASKED_AGAIN = dt.timedelta(days=1)
# "Payment failed" is worth an email only if the buyer has not succeeded at a second attempt meanwhile.
MAIL_DELAY = dt.timedelta(minutes=1)


def fold(*, order: Order, payment: Payment, facts: PaymentFacts, at: dt.datetime) -> str:
    """Fold facts into a payment of a locked order, in the caller's transaction; return the outcome."""
    actor = Actor(payment.gateway)
    problem = find_difference(order, payment, facts)
    if payment.state == State.SETTLED:
        if not _is_news(payment, facts):
            return STILL_SETTLED
        problem = problem or "settled_before"
    if problem and problem != payment.accepted:
        return _park(order, payment, facts, problem, actor, at)
    if not payment.provider_ref and facts.ref:
        payment.provider_ref = facts.ref
        payment.save(update_fields=["provider_ref"])
    outcome = NOTHING_NEW
    if RANK[State(facts.state)] > RANK[State(payment.state)]:
        # The note of a parked payment outlives its capture, as if it had come after it.
        payment.note = payment.note if payment.state == State.PARKED else facts.reason
        payment.state = facts.state
        is_captured = facts.state == State.CAPTURED
        payment.captured_at, payment.ask_at = (at, at + ASKED_AGAIN) if is_captured else (None, payment.ask_at)
        payment.save(update_fields=["state", "note", "captured_at", "ask_at"])
        outcome = str(facts.state)
        if facts.state == State.CAPTURED:
            outcome = _captured(order, payment, actor, at)
        elif facts.state == State.FAILED:
            _failed(order, payment, actor, at)
        elif facts.state == State.AUTHORISED:
            _take_soon(payment, at)
    if facts.refunds and payment.state == State.CAPTURED:
        is_new = fold_refunds(order=order, payment=payment, facts=facts.refunds, at=at)
        outcome = "refunds taken over" if is_new and outcome == NOTHING_NEW else outcome
    return outcome


def find_difference(order: Order, payment: Payment, facts: PaymentFacts) -> str:
    """Return the code of the first difference between the gateway's payment and our request, empty if none."""
    if facts.problem:
        return facts.problem
    if facts.key != str(payment.public_id) or (payment.provider_ref and facts.ref not in ("", payment.provider_ref)):
        return "payment_differs"
    if facts.order_number != order.number:
        return "order_differs"
    if facts.currency != payment.currency:
        return "currency_differs"
    is_all = facts.amount == payment.amount == facts.taken
    return "" if is_all else "amount_differs"


def _park(order: Order, payment: Payment, facts: PaymentFacts, problem: str, actor: Actor, at: dt.datetime) -> str:
    """Keep the case for a person; a payment already captured stays captured, its note says what is in doubt.

    An order that waits for this payment is held until the person has decided.
    """
    if payment.note != problem:
        add_event(order=order, actor=actor, at=at, remark=Remark(Code.PAYMENT_PARKED, {"problem": problem}))
    if payment.state != State.CAPTURED:
        payment.state = State.PARKED
        _wait_for_a_person(order, payment, at)
    payment.note = problem
    payment.reported_state, payment.reported_amount, payment.reported_currency = _reported(facts)
    payment.save(update_fields=["state", "note", *REPORTED])
    return f"parked: {problem}"


def _is_news(payment: Payment, facts: PaymentFacts) -> bool:
    """Return whether the gateway captured money unknown to the person who settled the payment."""
    known = (payment.reported_state, payment.reported_amount, payment.reported_currency)
    return facts.state == State.CAPTURED and _reported(facts) != known


def _reported(facts: PaymentFacts) -> tuple[str, Decimal, str]:
    return facts.state, facts.taken, facts.currency


def _wait_for_a_person(order: Order, payment: Payment, at: dt.datetime) -> None:
    """Hold an order without an end while its payment is being checked, and tell the buyer."""
    if order.status == Order.Status.AWAITING_PAYMENT and order.expires_at is not None:
        stations.set_end(order, None)
    enqueue(
        event="order.payment_checked",
        key=f"order.payment_checked:{payment.public_id}",
        payload={"payment_id": payment.pk},
        at=at,
        delay=MAIL_DELAY,
    )


def _take_soon(payment: Payment, at: dt.datetime) -> None:
    """Have authorised money captured, or released if nobody wants it any more."""
    enqueue(
        event="payment.capture",
        key=f"payment.capture:{payment.public_id}",
        payload={"payment_id": payment.pk},
        at=at,
    )


def _failed(order: Order, payment: Payment, actor: Actor, at: dt.datetime) -> None:
    add_event(order=order, actor=actor, at=at, remark=Remark(Code.PAYMENT_FAILED))
    enqueue(
        event="order.payment_failed",
        key=f"order.payment_failed:{payment.public_id}",
        payload={"payment_id": payment.pk},
        at=at,
        delay=MAIL_DELAY,
    )


def _captured(order: Order, payment: Payment, actor: Actor, at: dt.datetime) -> str:
    if kept(order) > order.total - order.waived:
        return _return(order, payment, "paid_twice", actor, at)
    if order.status == Order.Status.AWAITING_PAYMENT:
        place_paid(order, actor, at)
        return "paid"
    if order.status == Order.Status.CANCELLED:
        if order.cancel_reason != Order.CancelReason.EXPIRED:
            return _return(order, payment, "paid_after_cancelling", actor, at)
        if not _reserve_again(order, at):
            return _return(order, payment, "paid_late", actor, at)
        place_paid(order, actor, at, Remark(Code.PAID_LATE))
        return "paid late, reserved again"
    add_event(order=order, actor=actor, at=at, remark=Remark(Code.PAID_ONLINE))
    return "paid"


def place_paid(order: Order, actor: Actor, at: dt.datetime, remark: Remark = SILENT) -> None:
    """Place a paid order and hold it without an end; promise a later time if paying took too long."""
    promised = promise_at(shop_with_hours(order), at)
    stations.set_end(order, None)
    move(
        order=order,
        to=Order.Status.PLACED,
        actor=actor,
        at=at,
        remark=remark,
        promised_at=max(order.promised_at, promised) if promised else order.promised_at,
        cancel_reason="",
    )
    enqueue(
        event="order.paid",
        key=mail_key("order.paid", order),
        payload={"order_id": order.pk, "version": order.version},
        at=at,
    )


def _reserve_again(order: Order, at: dt.datetime) -> bool:
    """Try to claim again the goods of an expired order; False if goods or opening hours are gone."""
    if promise_at(shop_with_hours(order), at) is None:
        return False
    try:
        with transaction.atomic():
            stations.reclaim(order, at=at)
    except DomainError:
        return False
    return True


def _return(order: Order, payment: Payment, reason: str, actor: Actor, at: dt.datetime) -> str:
    payment.note = reason
    payment.save(update_fields=["note"])
    add_event(order=order, actor=actor, at=at, remark=Remark(Code.REFUND_STARTED, {"reason": reason}))
    refund_payment(payment=payment, reason=reason, at=at)
    return f"refunded: {reason}"
