"""The open orders of shops for the board: everything about them that may change, in one statement."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import OuterRef, Prefetch, prefetch_related_objects

from common.money import ZERO
from common.nested_rows import NestedRows, Row, moment_of, rows_of
from orders.models import Order, OrderEvent, OrderLine, Payment, Refund
from orders.payments.balance import still_due
from orders.statuses import RECALL_WINDOW

_EVENT = ("id", "from_status", "to_status", "code", "actor_id", "actor_label", "at")


@dataclass(frozen=True)
class OpenOrders:
    """Orders by promised time, each with its shop and `due`, and the history of those whose last step is recent.

    Lines are not among it: they never change (see `load_lines`).
    """

    orders: list[Order]
    events: dict[int, list[OrderEvent]]


def read_open_orders(shop_ids: Collection[int], at: dt.datetime) -> OpenOrders:
    """Return the open orders of these shops; `due` is the amount still to pay, in the order's currency."""
    found = Order.objects.open().filter(shop_id__in=shop_ids).select_related("shop").order_by("promised_at", "id")
    orders, events = [], {}
    for order in found.annotate(**_nested(at)):
        paid, back, rows = (vars(order).pop(name) for name in ("paid_rows", "back_rows", "event_rows"))
        order.due = still_due(order, _sum(paid) - _sum(back))
        orders.append(order)
        if rows:
            made = [OrderEvent(**{**row, "at": moment_of(row["at"])}, order=order) for row in rows]
            events[order.pk] = sorted(made, key=lambda event: event.pk)
    return OpenOrders(orders, events)


def load_lines(orders: Collection[Order]) -> None:
    """Load the lines of orders, in their order: one query."""
    prefetch_related_objects(list(orders), Prefetch("lines", OrderLine.objects.order_by("position")))


def _nested(at: dt.datetime) -> dict[str, NestedRows]:
    mine = {"state": Payment.State.CAPTURED, "order": OuterRef("pk"), "currency": OuterRef("currency")}
    back = Refund.objects.promised().filter(**{f"payment__{name}": value for name, value in mine.items()})
    recent = OrderEvent.objects.filter(order=OuterRef("pk"), order__status_changed_at__gte=at - RECALL_WINDOW)
    return {
        "paid_rows": NestedRows(Payment.objects.filter(**mine), "id", "amount"),
        "back_rows": NestedRows(back, "id", "amount"),
        "event_rows": NestedRows(recent, *_EVENT),
    }


def _sum(rows: list[Row] | None) -> Decimal:
    return sum((Decimal(row["amount"]) for row in rows_of(rows)), ZERO)
