"""The timeline of an order for its buyer: the past steps, then those to come."""

import datetime as dt
from dataclasses import dataclass, replace

from django.utils.translation import gettext

from orders.models import Order, OrderEvent
from orders.presenters.wording import step_word
from orders.statuses import road
from stock.moments import say

Status = Order.Status


@dataclass(frozen=True)
class TimelineStep:
    """A line of the timeline. `state`: done, now or todo; `dated` is the time for paper, with its day."""

    label: str
    state: str
    time: str = ""
    dated: str = ""


def steps(order: Order, events: list[OrderEvent], at: dt.datetime) -> list[TimelineStep]:
    """Return the steps of an order with their times, for the screen and for paper."""
    return [
        replace(step, dated=dated.time)
        for step, dated in zip(_steps(order, events, at), _steps(order, events, None), strict=True)
    ]


def _steps(order: Order, events: list[OrderEvent], at: dt.datetime | None) -> list[TimelineStep]:
    reached: dict[str, dt.datetime] = {}
    for event in events:
        if event.is_step:
            reached[event.to_status] = event.at
    if order.status == Status.CANCELLED:
        first = [TimelineStep(step_word(order, Status.AWAITING_PAYMENT), "done", say(order.placed_at, order.shop, at))]
        return [*first, TimelineStep(_why_cancelled(order), "now", say(order.status_changed_at, order.shop, at))]
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
        found.append(TimelineStep(step_word(order, status), state, time))
    return found


def _why_cancelled(order: Order) -> str:
    if order.cancel_reason == Order.CancelReason.CUSTOMER:
        return gettext("Cancelled by you")
    return order.get_cancel_reason_display()
