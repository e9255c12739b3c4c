"""Rules for matters that need a person: the possible decisions and who takes them. No query, no write."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from accounts.roles import ROLES, roles_with
from common.money import ZERO
from orders.models import Order, OrderEvent, Payment
from orders.models.status import FINAL, OPEN
from orders.payments.reasons import PARKED

State, Code = Payment.State, OrderEvent.Code


def seen_of(payment: Payment) -> str:
    """Return a person's view of a payment as one word, which comes back with their decision."""
    amount = "" if payment.reported_amount is None else str(payment.reported_amount)
    facts = (payment.state, payment.note, payment.reported_state, amount, payment.reported_currency)
    return ":".join(facts)


def is_open(payment: Payment) -> bool:
    """Return whether a payment waits for a person: parked, or captured with a doubt that came later."""
    return payment.state == State.PARKED or (payment.state == State.CAPTURED and payment.note in PARKED)


def has_money(payment: Payment) -> bool:
    """Return whether the gateway says that it captured money for this parked payment."""
    return payment.reported_state == State.CAPTURED and (payment.reported_amount or ZERO) > ZERO


def may_accept(order: Order, payment: Payment) -> bool:
    """Return whether the money captured by the gateway can pay an order that waits for a payment."""
    return (
        payment.state == State.PARKED
        and has_money(payment)
        and payment.reported_currency == order.currency
        and order.status == Order.Status.AWAITING_PAYMENT
    )


def may_refund(order: Order, payment: Payment) -> bool:
    """Return whether the gateway holds money of this payment that it can be asked to refund or release."""
    if payment.state == State.PARKED:
        return has_money(payment) or payment.reported_state == State.AUTHORISED
    return payment.state == State.CAPTURED


def chargeable(order: Order, events: Iterable[OrderEvent]) -> Decimal:
    """Return the amount of an open order that the gateway refunded and the counter does not ask for.

    A person may decide that it was not agreed. A shortfall waived by a person is not included.
    """
    if order.status not in OPEN:
        return ZERO
    rows = list(events)
    waived = _sum_of(rows, Code.REFUNDED_AT_GATEWAY, "waived") - _sum_of(rows, Code.CHARGED_AGAIN, "amount")
    return min(waived, order.waived)


def seen_of_refund(order: Order, events: Sequence[OrderEvent]) -> str:
    """Return a person's view of the gateway's own refund as one word: the amount, and whether it was agreed."""
    decisions = (Code.REFUNDED_AT_GATEWAY, Code.CHARGED_AGAIN, Code.REFUND_AGREED)
    last = next((event.code for event in reversed(events) if event.code in decisions), "")
    agreed = ":agreed" if last == Code.REFUND_AGREED else ""
    return f"{chargeable(order, events)}{agreed}"


def seen_of_request(order: Order, request: OrderEvent) -> str:
    """Return a person's view of a request to cancel as one word: the request and the version of the order."""
    return f"{request.pk}:{order.version}"


def must_ask_to_cancel(kind: str, amount: Decimal) -> bool:
    """Return whether cancelling is a manager's: it would refund `amount`, and staff of this kind may not refund."""
    return amount > ZERO and kind in ROLES and kind not in roles_with("orders.refund")


def cancel_request(order: Order, events: Iterable[OrderEvent]) -> OrderEvent | None:
    """Return the request to cancel this order that is still unanswered; `events` are the order's, oldest first."""
    if order.status in FINAL:
        return None
    asked = [event for event in events if event.code in (Code.CANCEL_REQUESTED, Code.CANCEL_DECLINED)]
    return asked[-1] if asked and asked[-1].code == Code.CANCEL_REQUESTED else None


def _sum_of(events: Iterable[OrderEvent], code: str, name: str) -> Decimal:
    return sum((Decimal(event.params.get(name, "0")) for event in events if event.code == code), ZERO)
