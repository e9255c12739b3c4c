"""Decisions of people about money: accept it, refund it, repeat a refund, settle it outside the gateway.

Each service locks the order, refuses if somebody else was first or the gateway has since reported something new, and
writes the decision into the order's history.
"""

import datetime as dt
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext

from common.actors import Actor
from common.errors import DomainError
from common.money import ZERO
from common.outbox.services import enqueue
from orders import stations
from orders.attention import chargeable, has_money, is_open, may_accept, may_refund, seen_of, seen_of_refund
from orders.gateways.base import GatewayUnavailable
from orders.ledger import Remark, add_event, lock_order
from orders.models import Order, OrderEvent, Payment, Refund
from orders.payments.asking import WEB
from orders.payments.balance import due, kept, left, refunded
from orders.payments.reconcile import check_payment
from orders.payments.refunds import refund_payment
from orders.payments.settle import place_paid
from orders.permissions import require

State, Code = Payment.State, OrderEvent.Code
RIGHT = "orders.refund"
# Differences that disappear when the payment takes over the amount and currency that the gateway reported.
TAKEN_OVER = ("amount_differs", "currency_differs")


class AlreadyDealtWith(DomainError):
    """Somebody else was first, or the gateway has reported something new since the page was rendered."""

    code = "already_dealt_with"


class NotPossible(DomainError):
    """The decision does not fit the money as it stands."""

    code = "not_possible"


class NoteMissing(DomainError):
    """A matter settled outside the gateway needs a note that says how."""

    code = "note_missing"


class BankSilent(DomainError):
    """The gateway does not answer right now."""

    code = "gateway_unavailable"


def accept_payment(*, payment_id: int, seen: str, note: str, actor: Actor, at: dt.datetime) -> Payment:
    """Accept the captured amount as agreed: the order is paid, a shortfall is waived, an excess refunded.

    `seen` is the payment as the person saw it (attention.seen_of). Raises AlreadyDealtWith, NotPossible, NotAllowed.
    """
    with transaction.atomic():
        order, payment = _parked(payment_id, seen, actor)
        if not may_accept(order, payment):
            raise NotPossible(gettext("This payment cannot be accepted for this order. Refund it instead."))
        _take_over(payment, at)
        shortfall = due(order)
        order.waived += shortfall
        order.save(update_fields=["waived"])
        add_event(order=order, actor=actor, at=at, remark=_remark(Code.PAYMENT_ACCEPTED, payment, note))
        place_paid(order, actor, at)
        refund_payment(payment=payment, reason="paid_too_much", at=at, amount=kept(order) - order.total)
    return payment


def refund_by_hand(*, payment_id: int, seen: str, note: str, actor: Actor, at: dt.datetime) -> Payment:
    """Refund a payment that no order keeps. An order that waited for it can be paid again.

    Raises AlreadyDealtWith, NotPossible, NotAllowed.
    """
    with transaction.atomic():
        order, payment = _waiting(payment_id, seen, actor)
        if not may_refund(order, payment):
            raise NotPossible(gettext("This payment has nothing to refund."))
        is_parked = payment.state == State.PARKED
        if is_parked and not has_money(payment):
            _let_go(order, payment, note, actor, at)
            return payment
        if is_parked:
            _take_over(payment, at)
        amount = left(payment) if is_parked or order.status == Order.Status.CANCELLED else _excess(order)
        if amount <= ZERO:
            raise NotPossible(gettext("This payment has nothing to refund."))
        refund_payment(payment=payment, reason="not_accepted" if is_parked else "paid_too_much", at=at, amount=amount)
        add_event(order=order, actor=actor, at=at, remark=_remark(Code.PAYMENT_RETURNED, payment, note, amount))
        _offer_again(order, payment, at)
    return payment


def _let_go(order: Order, payment: Payment, note: str, actor: Actor, at: dt.datetime) -> None:
    """Have the gateway release money that is only authorised."""
    payment.state = State.SETTLED
    payment.save(update_fields=["state"])
    enqueue(event="payment.void", key=f"payment.void:{payment.public_id}", payload={"payment_id": payment.pk}, at=at)
    remark = _remark(Code.PAYMENT_RETURNED, payment, note, payment.reported_amount)
    add_event(order=order, actor=actor, at=at, remark=remark)
    _offer_again(order, payment, at)


def close_payment(*, payment_id: int, seen: str, note: str, actor: Actor, at: dt.datetime) -> Payment:
    """Take a payment off the list as settled outside the gateway, or as one that moved no money.

    Raises NoteMissing, AlreadyDealtWith, NotAllowed.
    """
    _require_note(note)
    with transaction.atomic():
        order, payment = _waiting(payment_id, seen, actor)
        if not is_open(payment):
            raise AlreadyDealtWith(gettext("This payment has already been dealt with."))
        if payment.state == State.CAPTURED:
            payment.accepted, payment.note = payment.note, ""
        else:
            payment.state = State.SETTLED
        payment.save(update_fields=["state", "note", "accepted"])
        add_event(order=order, actor=actor, at=at, remark=_remark(Code.PAYMENT_CLOSED, payment, note))
        _offer_again(order, payment, at)
    return payment


def ask_gateway(*, payment_id: int, actor: Actor, at: dt.datetime) -> bool:
    """Ask the gateway about a payment again; return whether the payment changed. Raises BankSilent, NotAllowed."""
    require(actor, RIGHT)
    try:
        return check_payment(payment_id=payment_id, at=at, patience=WEB)
    except GatewayUnavailable as error:
        raise BankSilent(gettext("The bank is not answering right now. Try again in a minute.")) from error


def repeat_refund(*, refund_id: int, actor: Actor, at: dt.datetime) -> Refund | None:
    """Request a failed refund again, at most for the rest of the payment; None if nothing is left.

    Raises AlreadyDealtWith, NotAllowed.
    """
    with transaction.atomic():
        order, refund = _failed(refund_id, actor)
        payment = refund.payment
        refund.state = Refund.State.REPLACED
        refund.save(update_fields=["state"])
        again = refund_payment(
            payment=payment, reason=refund.reason, at=at, amount=refund.amount, document=refund.document
        )
        amount = again.amount if again else ZERO
        add_event(order=order, actor=actor, at=at, remark=_remark(Code.REFUND_REPEATED, payment, "", amount))
    return again


def close_refund(*, refund_id: int, note: str, actor: Actor, at: dt.datetime) -> Refund:
    """Mark a failed refund as paid to the buyer outside the gateway, in cash or by transfer.

    Raises NoteMissing, AlreadyDealtWith, NotAllowed.
    """
    _require_note(note)
    with transaction.atomic():
        order, refund = _failed(refund_id, actor)
        refund.amount = min(refund.amount, refund.payment.amount - refunded(refund.payment))
        refund.state, refund.done_at = Refund.State.OUTSIDE, at
        refund.save(update_fields=["amount", "state", "done_at"])
        remark = _remark(Code.REFUND_CLOSED, refund.payment, note, refund.amount)
        add_event(order=order, actor=actor, at=at, remark=remark)
    return refund


def charge_again(*, order_id: int, seen: str, note: str, actor: Actor, at: dt.datetime) -> Order:
    """Charge again, at the counter, money that the gateway refunded without agreement. `seen` is `seen_of_refund`.

    Raises AlreadyDealtWith, NotPossible, NotAllowed, OrderGone.
    """
    with transaction.atomic():
        order, amount = _refunded_there(order_id, seen, actor)
        order.waived -= amount
        order.save(update_fields=["waived"])
        _note_about(order, Code.CHARGED_AGAIN, amount, note, actor, at)
    return order


def agree_to_refund(*, order_id: int, seen: str, note: str, actor: Actor, at: dt.datetime) -> Order:
    """Confirm that the gateway's refund of an open order was agreed. `seen` is `seen_of_refund`.

    Raises NoteMissing, AlreadyDealtWith, NotPossible, NotAllowed, OrderGone.
    """
    _require_note(note)
    with transaction.atomic():
        order, amount = _refunded_there(order_id, seen, actor)
        _note_about(order, Code.REFUND_AGREED, amount, note, actor, at)
    return order


def _refunded_there(order_id: int, seen: str, actor: Actor) -> tuple[Order, Decimal]:
    """Return an order, locked, and the gateway's refund of it, if the person may decide and saw its current state."""
    require(actor, RIGHT)
    order = lock_order(order_id)
    events = list(order.events.order_by("id"))
    amount = chargeable(order, events)
    if seen != seen_of_refund(order, events):
        raise AlreadyDealtWith(gettext("This order has changed since you opened the page. Look at it again."))
    if amount <= ZERO:
        raise NotPossible(gettext("There is no refund by the bank to charge again."))
    return order, amount


def _note_about(order: Order, code: str, amount: Decimal, note: str, actor: Actor, at: dt.datetime) -> None:
    params = {"amount": str(amount), "currency": order.currency}
    add_event(order=order, actor=actor, at=at, remark=Remark(code, params, note.strip()))


def _waiting(payment_id: int, seen: str, actor: Actor) -> tuple[Order, Payment]:
    """Return an order, locked, and its payment, if the person may decide and saw its current state."""
    require(actor, RIGHT)
    order = lock_order(Payment.objects.values_list("order_id", flat=True).get(pk=payment_id))
    payment = order.payments.get(pk=payment_id)
    if seen != seen_of(payment):
        raise AlreadyDealtWith(gettext("This payment has changed since you opened the page. Look at it again."))
    return order, payment


def _parked(payment_id: int, seen: str, actor: Actor) -> tuple[Order, Payment]:
    order, payment = _waiting(payment_id, seen, actor)
    if payment.state != State.PARKED:
        raise AlreadyDealtWith(gettext("This payment has already been dealt with."))
    return order, payment


def _failed(refund_id: int, actor: Actor) -> tuple[Order, Refund]:
    require(actor, RIGHT)
    order = lock_order(Refund.objects.values_list("payment__order_id", flat=True).get(pk=refund_id))
    refund = Refund.objects.select_related("payment", "document").get(pk=refund_id)
    if refund.state != Refund.State.FAILED:
        raise AlreadyDealtWith(gettext("This refund has already been dealt with."))
    return order, refund


def _take_over(payment: Payment, at: dt.datetime) -> None:
    """Take over the captured amount and currency, so that later notices agree with the payment."""
    if payment.reported_amount is None:
        raise NotPossible(gettext("The bank has not reported how much it captured."))
    payment.accepted = "" if payment.note in TAKEN_OVER else payment.note
    payment.amount, payment.currency = payment.reported_amount, payment.reported_currency
    payment.state, payment.note, payment.captured_at = State.CAPTURED, "", at
    payment.save(update_fields=["amount", "currency", "state", "note", "accepted", "captured_at"])


def _offer_again(order: Order, payment: Payment, at: dt.datetime) -> None:
    """Hold an order that waited for this payment anew, and invite the buyer to pay again."""
    if order.status != Order.Status.AWAITING_PAYMENT or order.expires_at is not None:
        return
    if order.payments.parked().exists():
        return
    stations.set_end(order, at + dt.timedelta(minutes=order.shop.hold_minutes))
    enqueue(
        event="order.payment_failed",
        key=f"order.payment_failed:{payment.public_id}:by_hand",
        payload={"payment_id": payment.pk},
        at=at,
    )


def _excess(order: Order) -> Decimal:
    return max(kept(order) - order.total, ZERO)


def _require_note(note: str) -> None:
    if not note.strip():
        raise NoteMissing(gettext("Say how it was settled."))


def _remark(code: str, payment: Payment, note: str, amount: Decimal | None = None) -> Remark:
    params = {"amount": str(payment.amount if amount is None else amount), "currency": payment.currency}
    return Remark(code, params, note.strip())
