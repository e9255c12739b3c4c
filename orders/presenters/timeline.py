"""The path of an order as its buyer sees it: what happened, then what is still to come."""

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext

from orders.models import Order, OrderEvent
from orders.statuses import DELIVERY, road
from stock.moments import say

Status = Order.Status


@dataclass(frozen=True)
class Step:
    """A line of the timeline. `state`: done, now or todo."""

    label: str
    state: str
    time: str = ""


def steps(order: Order, events: list[OrderEvent], at: dt.datetime) -> list[Step]:
    """Return the steps of an order with their times."""
    reached: dict[str, dt.datetime] = {}
    for event in events:
        if event.from_status != event.to_status:
            reached[event.to_status] = event.at
    if order.status == Status.CANCELLED:
        first = [Step(gettext("Ordered"), "done", say(order.placed_at, order.shop, at))]
        return [*first, Step(_why_cancelled(order), "now", say(order.status_changed_at, order.shop, at))]
    path = road(order)
    position = path.index(order.status)
    found = []
    for index, status in enumerate(path):
        is_last = index == len(path) - 1
        state = "done" if index < position or (is_last and index == position) else "todo"
        state = "now" if index == position and not is_last else state
        time = say(reached[status], order.shop, at) if status in reached and index <= position else ""
        if status == Status.READY and state == "todo" and order.status != Status.AWAITING_PAYMENT:
            time = gettext("by %(time)s") % {"time": say(order.promised_at, order.shop, at)}
        found.append(Step(_label(order, status), state, time))
    return found


def _why_cancelled(order: Order) -> str:
    if order.cancel_reason == Order.CancelReason.CUSTOMER:
        return gettext("Cancelled by you")
    return order.get_cancel_reason_display()


def _label(order: Order, status: str) -> str:
    is_delivery = order.fulfilment == DELIVERY
    labels: dict[str, str] = {
        Status.AWAITING_PAYMENT: gettext("Ordered"),
        Status.PLACED: gettext("Paid") if order.is_online else gettext("Ordered"),
        Status.PREPARING: gettext("Being prepared"),
        Status.READY: gettext("Ready") if is_delivery else gettext("Ready to collect"),
        Status.IN_TRANSIT: gettext("On its way"),
        Status.COMPLETED: gettext("Delivered") if is_delivery else gettext("Collected"),
    }
    return labels[status]
