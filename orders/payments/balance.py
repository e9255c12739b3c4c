"""What was refunded of a payment, what the shop keeps of an order, and what is still due."""

from decimal import Decimal

from django.db.models import QuerySet, Sum

from common.money import ZERO
from common.quantity import sql_round
from orders.models import Order, Payment, Refund


def refunded(payment: Payment) -> Decimal:
    """Return what of a payment is back with the buyer or on its way."""
    return _sum(payment.refunds.covering())


def promised(payment: Payment) -> Decimal:
    """Return what of a payment is back with the buyer, on its way, or still owed to them."""
    return _sum(payment.refunds.promised())


def left(payment: Payment) -> Decimal:
    """Return what of a payment has not been promised back: the most a new refund may ask for."""
    return payment.amount - promised(payment)


def kept(order: Order) -> Decimal:
    """Return what the shop keeps of an order, in its currency: captured less what is promised back."""
    captured = order.payments.captured().filter(currency=order.currency)
    return sum((left(payment) for payment in captured), ZERO)


def due(order: Order) -> Decimal:
    """Return what is still to be paid of an order; nothing once it is paid, or beyond what was waived."""
    return still_due(order, kept(order))


def still_due(order: Order, amount: Decimal) -> Decimal:
    """Return what is still to be paid of an order of which the shop keeps `amount`: the rule, without a query."""
    return max(order.total - order.waived - amount, ZERO)


def _sum(refunds: QuerySet[Refund]) -> Decimal:
    return refunds.aggregate(sum=sql_round(Sum("amount"), 2))["sum"] or ZERO
