"""Orders, their history, payments and hand-overs."""

from orders.models.event import OrderEvent
from orders.models.order import HandOver, Order, OrderLine
from orders.models.outage import GatewayOutage
from orders.models.payment import Payment, PaymentEvent, Refund

__all__ = ["GatewayOutage", "HandOver", "Order", "OrderEvent", "OrderLine", "Payment", "PaymentEvent", "Refund"]
