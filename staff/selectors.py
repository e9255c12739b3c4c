"""What the panel reads: an order this person may open, and which steps can be taken back."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from orders import numbers
from orders.models import Order, OrderEvent
from orders.selectors import set_due
from orders.statuses import OPEN, RECALL_WINDOW, UNDO_WINDOW, back_step
from staff.access import Desk

# An employee sees what is open and what ended within a day; a manager and the owner see everything.
AFTER_CLOSE = dt.timedelta(hours=24)
FOUND_AT_MOST = 20


@dataclass(frozen=True)
class Recall:
    """A step of the last hour that can be taken back; `is_fresh` ones are offered as "Undo" beside the board."""

    order: Order
    event: OrderEvent
    undo_until: dt.datetime
    is_fresh: bool


def visible_orders(desk: Desk, at: dt.datetime) -> QuerySet[Order]:
    """Return the orders this person may open: of their shops; past ones need a right, except for a day."""
    orders = Order.objects.filter(shop_id__in=desk.shop_ids).select_related("shop")
    if not desk.may("orders.view_past"):
        waiting = (*OPEN, Order.Status.AWAITING_PAYMENT)
        orders = orders.filter(Q(status__in=waiting) | Q(status_changed_at__gte=at - AFTER_CLOSE))
    return orders


def find_order(desk: Desk, number: str, at: dt.datetime) -> Order | None:
    """Return one order they may open, with its parts; a foreign number is a missing one."""
    code = numbers.normalise(number)
    if not numbers.is_number(code):
        return None
    order = visible_orders(desk, at).filter(number=code).prefetch_related("lines").first()
    return set_due([order])[0] if order else None


def find_by_phone(desk: Desk, phone: str, at: dt.datetime) -> list[Order]:
    """Return the newest orders under a full phone number (E.164)."""
    return list(visible_orders(desk, at).filter(phone=phone).order_by("-placed_at", "-id")[:FOUND_AT_MOST])


def find_by_secret(secret: str) -> Order | None:
    """Return the order a QR code stands for, of any shop: who holds the code may know where it waits."""
    order = Order.objects.select_related("shop").filter(collect_secret=secret).prefetch_related("lines").first()
    return set_due([order])[0] if order else None


def recalls(desk: Desk, at: dt.datetime) -> list[Recall]:
    """Return the steps of the last hour at this counter that still stand and can go back, newest first."""
    back = [status for status in Order.Status if (step := back_step(status)) and desk.role in step.who]
    orders = Order.objects.filter(
        shop_id__in=desk.here, status__in=back, status_changed_at__gte=at - RECALL_WINDOW
    ).select_related("shop")
    by_id = {order.pk: order for order in orders}
    steps: dict[int, OrderEvent] = {}
    for event in OrderEvent.objects.filter(order_id__in=by_id).exclude(code=OrderEvent.Code.UNDO).order_by("id"):
        if event.from_status != event.to_status and event.to_status == by_id[event.order_id].status:
            steps[event.order_id] = event
    found = [_recall(by_id[pk], event, desk, at) for pk, event in steps.items()]
    return sorted(found, key=lambda recall: (recall.event.at, recall.event.pk), reverse=True)


def _recall(order: Order, event: OrderEvent, desk: Desk, at: dt.datetime) -> Recall:
    until = event.at + UNDO_WINDOW
    return Recall(order, event, until, event.actor_id == desk.user.pk and at < until)
