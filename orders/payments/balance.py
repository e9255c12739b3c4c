"""Balances: the refunds of a payment, the money kept of an order, and the amount still due."""

from decimal import Decimal

from django.db.models import QuerySet, Sum

from common.money import ZERO
from common.quantity import sql_round
from orders.models import Order, Payment, Refund


def refunded(payment: Payment) -> Decimal:
    """Return the refunds of a payment that the buyer has or that are on their way."""
    return _sum(payment.refunds.covering())


def promised(payment: Payment) -> Decimal:
    """Return the refunds of a payment that the buyer has, that are on their way, or that are still owed."""
    return _sum(payment.refunds.promised())


def left(payment: Payment) -> Decimal:
    """Return the part of a payment that is not promised back: the most a new refund may ask for."""
    return payment.amount - promised(payment)


def kept(order: Order) -> Decimal:
    """Return the money the shop keeps of an order, in its currency: captured less promised refunds."""
    captured = order.payments.captured().filter(currency=order.currency)
    return sum((left(payment) for payment in captured), ZERO)


def due(order: Order) -> Decimal:
    """Return the amount still to be paid of an order, zero once it is paid or the rest is waived."""
    return still_due(order, kept(order))


def still_due(order: Order, amount: Decimal) -> Decimal:
    """Return the amount still to be paid of an order of which the shop keeps `amount`. No query."""
    return max(order.total - order.waived - amount, ZERO)


def _sum(refunds: QuerySet[Refund]) -> Decimal:
    return refunds.aggregate(sum=sql_round(Sum("amount"), 2))["sum"] or ZERO
