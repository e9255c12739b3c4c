"""The standing of an order's money: one rule over the order, its payments and their refunds. No words, no query."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from common.money import ZERO
from orders.models import Order, Payment, Refund
from orders.models.payment import COVERING, PROMISED
from orders.payments.balance import still_due

Status, State, Back = Order.Status, Payment.State, Refund.State


class Standing(StrEnum):
    """The standings of an order's money; exactly one holds at any moment."""

    # An order that waits for an online payment.
    UNPAID = "unpaid"
    WAITING = "waiting"
    APPROVED = "approved"
    FAILED = "failed"
    UNFINISHED = "unfinished"
    # Waiting or ended, with a payment that a person has to look at.
    CHECKING = "checking"
    # An open or completed order.
    PAID = "paid"
    PART_REFUNDED = "part_refunded"
    PART_PAID = "part_paid"
    AT_COUNTER = "at_counter"
    FREE = "free"
    # A cancelled order.
    NOTHING_CHARGED = "nothing_charged"
    MAY_STILL_COME = "may_still_come"
    REFUND_COMING = "refund_coming"
    REFUND_CHECKED = "refund_checked"
    REFUNDED = "refunded"
    SETTLED = "settled"


@dataclass(frozen=True)
class Money:
    """The standing with its figures in `currency`. `reason` is the code of the last failure."""

    standing: Standing
    currency: str
    paid: Decimal = ZERO
    refunded: Decimal = ZERO
    due: Decimal = ZERO
    can_pay: bool = False
    reason: str = ""

    @property
    def is_settled(self) -> bool:
        """Return whether the order is paid, and the shop keeps money of it: what a receipt confirms."""
        return self.standing in (Standing.PAID, Standing.PART_REFUNDED) and self.paid > self.refunded


LAST_ATTEMPT = {
    State.PENDING: Standing.WAITING,
    State.AUTHORISED: Standing.APPROVED,
    State.FAILED: Standing.FAILED,
}


def stand(order: Order, payments: Sequence[Payment], at: dt.datetime) -> Money:
    """Return the standing of an order's money; `payments` are oldest first, each with its refunds loaded."""
    if order.status == Status.CANCELLED:
        return _of_cancelled(order, payments)
    if order.status == Status.AWAITING_PAYMENT:
        return _of_waiting(order, payments, at)
    paid, kept, due = _figures(order, payments)
    return Money(_of_going_on(paid, kept, due), order.currency, paid, paid - min(kept, paid), due)


def _figures(order: Order, payments: Sequence[Payment]) -> tuple[Decimal, Decimal, Decimal]:
    """Return the paid amount (without an excess), the kept and the due one."""
    paid = sum((payment.amount for payment in _captured(order, payments)), ZERO)
    kept = kept_of(order, payments)
    return min(paid, order.total), kept, still_due(order, kept)


def kept_of(order: Order, payments: Sequence[Payment]) -> Decimal:
    """Return the money the shop keeps of an order, as `balance.kept`, from payments with loaded refunds."""
    return sum((payment.amount - back(payment, PROMISED) for payment in _captured(order, payments)), ZERO)


def kept_payments(order: Order, payments: Sequence[Payment]) -> list[Payment]:
    """Return the captured payments, with loaded refunds, of which the shop keeps something."""
    return [payment for payment in _captured(order, payments) if payment.amount > back(payment, PROMISED)]


def _captured(order: Order, payments: Sequence[Payment]) -> list[Payment]:
    return [payment for payment in payments if payment.state == State.CAPTURED and payment.currency == order.currency]


def back(payment: Payment, states: Sequence[str]) -> Decimal:
    """Return the sum of a payment's loaded refunds in one of these states."""
    return sum((refund.amount for refund in payment.refunds.all() if refund.state in states), ZERO)


def _of_cancelled(order: Order, payments: Sequence[Payment]) -> Money:
    captured = [payment for payment in payments if payment.state == State.CAPTURED]
    currency = captured[0].currency if captured else order.currency
    alike = [payment for payment in captured if payment.currency == currency]
    refunded = sum((back(payment, COVERING) for payment in alike), ZERO)
    return Money(_standing_of_cancelled(payments, captured), currency, refunded=refunded)


def _standing_of_cancelled(payments: Sequence[Payment], captured: Sequence[Payment]) -> Standing:
    states = {payment.state for payment in payments}
    if State.PARKED in states:
        return Standing.CHECKING
    if any(back(payment, COVERING) < payment.amount for payment in captured):
        return Standing.REFUND_CHECKED
    if any(back(payment, (Back.PENDING,)) for payment in captured):
        return Standing.REFUND_COMING
    if captured:
        return Standing.REFUNDED
    if states & {State.PENDING, State.AUTHORISED}:
        return Standing.MAY_STILL_COME
    return Standing.SETTLED if State.SETTLED in states else Standing.NOTHING_CHARGED


def _of_waiting(order: Order, payments: Sequence[Payment], at: dt.datetime) -> Money:
    due = _figures(order, payments)[2]
    if any(payment.state == State.PARKED for payment in payments):
        return Money(Standing.CHECKING, order.currency, due=due)
    last = payments[-1] if payments else None
    standing = LAST_ATTEMPT.get(State(last.state), Standing.UNFINISHED) if last else Standing.UNPAID
    is_held = order.expires_at is None or order.expires_at > at
    return Money(
        standing,
        order.currency,
        due=due,
        can_pay=is_held and standing != Standing.APPROVED,
        reason=last.note if last and standing == Standing.FAILED else "",
    )


def _of_going_on(paid: Decimal, kept: Decimal, due: Decimal) -> Standing:
    if due > ZERO:
        return Standing.PART_PAID if kept > ZERO else Standing.AT_COUNTER
    if paid == ZERO:
        return Standing.FREE
    return Standing.PART_REFUNDED if kept < paid else Standing.PAID
