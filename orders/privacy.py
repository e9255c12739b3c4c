"""The personal data on orders, of customers with an account and of guests."""

import datetime as dt
from collections.abc import Iterable

from django.db.models import F, QuerySet

from accounts.models import User
from common.registry import PersonalField, Row, erases, exports, personal
from orders.models import Document, Order, OrderEvent, OrderLine, Payment, Refund
from orders.selectors import all_orders_of, knows_buyer
from orders.services.erase import erase_buyer

KEPT = "guests' for RETENTION_MONTHS, customers' while the account exists"
BLANKED = "set to NULL"

personal(
    PersonalField("orders.Order", "name", "the counter asks for it when the order is collected", KEPT, BLANKED),
    PersonalField("orders.Order", "phone", "calls when something is wrong; finding the order", KEPT, BLANKED),
    PersonalField("orders.Order", "email", "emails about the order; finding the order", KEPT, BLANKED),
    PersonalField("orders.Order", "comment", "wishes for this order", KEPT, BLANKED),
    PersonalField("orders.Document", "buyer_name", "the invoice they asked for", KEPT, BLANKED),
    PersonalField("orders.Document", "buyer_lines", "the address on that invoice", KEPT, BLANKED),
    PersonalField("orders.Document", "buyer_vat", "the VAT number on that invoice", KEPT, BLANKED),
    PersonalField("orders.Document", "actor_label", "who asked for it", KEPT, "replaced by the role"),
    PersonalField("orders.OrderEvent", "actor_label", "who did what", KEPT, "replaced by the role"),
    PersonalField("orders.OrderEvent", "note", "why", KEPT, "blanked"),
    PersonalField("orders.PaymentEvent", "body", "what a gateway said about a payment", KEPT, "emptied"),
    PersonalField("orders.HandOver", "actor_label", "who handed the order over", KEPT, "replaced by the role"),
    PersonalField(
        "orders.CashDay",
        "actor_label",
        "who counted the till",
        "while the shop keeps its books",
        "replaced by the role",
    ),
    PersonalField("orders.RefundDocument", "actor_label", "who refunded money", KEPT, "replaced by the role"),
    PersonalField("orders.RefundDocument", "note", "why money was refunded", KEPT, "blanked"),
)


@exports("orders")
def orders(user_id: int) -> Iterable[Row]:
    """Orders of the account, and those made as a guest under its verified addresses."""
    return _orders(user_id).values(
        "number", "placed_at", "status", "fulfilment", "name", "phone", "email", "comment", "language", "currency",
        "goods_total", "discount_total", "delivery_total", "tax_total", "total", "payment_method", "promised_at",
        shop_code=F("shop__code"),
    )  # fmt: skip


@exports("order_lines")
def order_lines(user_id: int) -> Iterable[Row]:
    """What was ordered."""
    lines = OrderLine.objects.filter(order__in=_orders(user_id)).order_by("order", "position")
    return lines.values(
        "code", "name", "options", "unit", "quantity", "supplied_quantity", "unit_price", "amount", "discount",
        "tax_rate", "tax_amount", order_number=F("order__number"),
    )  # fmt: skip


@exports("order_events")
def order_events(user_id: int) -> Iterable[Row]:
    """What happened to the orders, without the names of those who work here."""
    events = OrderEvent.objects.filter(order__in=_orders(user_id)).order_by("pk")
    return events.values("at", "from_status", "to_status", "code", order_number=F("order__number"))


@exports("payments")
def payments(user_id: int) -> Iterable[Row]:
    """Payments of the orders."""
    rows = Payment.objects.filter(order__in=_orders(user_id)).order_by("pk")
    return rows.values("gateway", "amount", "currency", "state", "created_at", order_number=F("order__number"))


@exports("refunds")
def refunds(user_id: int) -> Iterable[Row]:
    """Money that went back, and why."""
    rows = Refund.objects.filter(payment__order__in=_orders(user_id)).order_by("pk")
    return rows.values("amount", "state", "reason", "created_at", "done_at", order_number=F("payment__order__number"))


@exports("documents")
def documents(user_id: int) -> Iterable[Row]:
    """Receipts, invoices and credit notes."""
    rows = Document.objects.filter(order__in=_orders(user_id)).order_by("pk")
    return rows.values(
        "name", "kind", "issued_at", "amount", "currency", "buyer_name", "buyer_lines", "buyer_vat",
        order_number=F("order__number"),
    )  # fmt: skip


def _orders(user_id: int) -> QuerySet[Order]:
    user = User.objects.filter(pk=user_id).first()
    return all_orders_of(user).order_by("pk") if user else Order.objects.none()


@erases(rank=2, left=knows_buyer)
def buyer(user_id: int, at: dt.datetime) -> Iterable[str]:
    """Orders stay as books, without anybody's name; not while one of them is under way."""
    return erase_buyer(user_id=user_id)
