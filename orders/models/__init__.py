"""Orders, their history, payments, refunds and hand-overs; the cash book."""

from orders.models.cash_day import CashDay
from orders.models.event import OrderEvent
from orders.models.order import HandOver, Order, OrderLine
from orders.models.outage import GatewayOutage
from orders.models.payment import Payment, PaymentEvent, Refund
from orders.models.refund_document import RefundDocument, RefundDocumentLine
from orders.models.settings import OrderSettings

__all__ = [
    "CashDay",
    "GatewayOutage",
    "HandOver",
    "Order",
    "OrderEvent",
    "OrderLine",
    "OrderSettings",
    "Payment",
    "PaymentEvent",
    "Refund",
    "RefundDocument",
    "RefundDocumentLine",
]
