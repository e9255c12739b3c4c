"""Orders, their history, payments, refunds, hand-overs and documents; the cash book; settings."""

from orders.models.cash_day import CashDay
from orders.models.document import Document, DocumentSeries
from orders.models.event import OrderEvent
from orders.models.order import HandOver, Order, OrderLine
from orders.models.outage import GatewayOutage
from orders.models.payment import Payment, PaymentEvent, Refund
from orders.models.refund_document import RefundDocument, RefundDocumentLine
from orders.models.seller import SellerSettings
from orders.models.settings import OrderSettings

__all__ = [
    "CashDay",
    "Document",
    "DocumentSeries",
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
    "SellerSettings",
]
