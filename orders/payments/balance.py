"""What was refunded of a payment, what the shop keeps of an order, and what is still due."""

from collections.abc import Collection
from decimal import Decimal

from django.db.models import Sum

from common.money import ZERO
from common.quantity import sql_round
from orders.models import Order, Payment, Refund

State = Refund.State
# Money that is back with the buyer or on its way.
COVERING = (State.PENDING, State.DONE, State.OUTSIDE)
# Money the shop does not count on: a refund that failed is still owed.
PROMISED = (*COVERING, State.FAILED)


def refunded(payment: Payment) -> Decimal:
    """Return what of a payment is back with the buyer or on its way."""
    return _sum(payment, COVERING)


def promised(payment: Payment) -> Decimal:
    """Return what of a payment is back with the buyer, on its way, or still owed to them."""
    return _sum(payment, PROMISED)


def left(payment: Payment) -> Decimal:
    """Return what of a payment has not been promised back: the most a new refund may ask for."""
    return payment.amount - promised(payment)


def kept(order: Order) -> Decimal:
    """Return what the shop keeps of an order, in its currency: captured less what is promised back."""
    captured = order.payments.filter(state=Payment.State.CAPTURED, currency=order.currency)
    return sum((left(payment) for payment in captured), ZERO)


def due(order: Order) -> Decimal:
    """Return what is still to be paid of an order; nothing once it is paid, or beyond what was waived."""
    return still_due(order, kept(order))


def still_due(order: Order, amount: Decimal) -> Decimal:
    """Return what is still to be paid of an order of which the shop keeps `amount`: the rule, without a query."""
    return max(order.total - order.waived - amount, ZERO)


def _sum(payment: Payment, states: Collection[str]) -> Decimal:
    refunds = payment.refunds.filter(state__in=states)
    return refunds.aggregate(sum=sql_round(Sum("amount"), 2))["sum"] or ZERO
