"""Orders for people at work: the ones they may see, and the steps they may undo. For the panel and other faces."""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from accounts.roles import roles_with
from common.actors import Actor
from orders import numbers
from orders.board import OpenOrders, read_open_orders
from orders.models import Order, OrderEvent
from orders.selectors import set_due
from orders.statuses import UNDO_WINDOW, back_step, undo_ends

# Without the right to past orders, staff see unfinished ones, and ended ones for a day.
AFTER_CLOSE = dt.timedelta(hours=24)
FOUND_AT_MOST = 20


@dataclass(frozen=True)
class Recall:
    """A step that can be undone. `is_fresh`: the person's own step, not older than `undo_until`."""

    order: Order
    event: OrderEvent
    undo_until: dt.datetime
    is_fresh: bool


def visible_orders(*, role: str, shop_ids: Collection[int], at: dt.datetime) -> QuerySet[Order]:
    """Return the orders visible to staff with this role in these shops."""
    orders = Order.objects.filter(shop_id__in=shop_ids).select_related("shop")
    if role in roles_with("orders.view_past"):
        return orders
    return orders.unfinished() | orders.filter(status_changed_at__gte=at - AFTER_CLOSE)


def find_order(visible: QuerySet[Order], number: str) -> Order | None:
    """Return a visible order by its number, with its parts; an invisible order is like a missing one."""
    code = numbers.normalise(number)
    if not numbers.is_number(code):
        return None
    return _whole(visible.filter(number=code))


def find_by_phone(visible: QuerySet[Order], phone: str) -> list[Order]:
    """Return the newest visible orders with this full phone number (E.164)."""
    return list(visible.filter(phone=phone).order_by("-placed_at", "-id")[:FOUND_AT_MOST])


def find_by_secret(secret: str) -> Order | None:
    """Return the order of a QR code, of any shop: a holder of the code may know where the order waits."""
    return _whole(Order.objects.select_related("shop").filter(collect_secret=secret))


def _whole(orders: QuerySet[Order]) -> Order | None:
    order = orders.prefetch_related("lines").first()
    return set_due([order])[0] if order else None


def recalls(*, role: str, actor: Actor, shop_ids: Collection[int], at: dt.datetime) -> list[Recall]:
    """Return the latest steps in these shops that this person may undo now, newest first: one query."""
    return recalls_among(read_open_orders(shop_ids, at), role=role, actor=actor, at=at)


def recalls_among(found: OpenOrders, *, role: str, actor: Actor, at: dt.datetime) -> list[Recall]:
    """Return the same of orders that are read already."""
    possible = []
    for order in found.orders:
        event = _last_step(order, found.events.get(order.pk, []))
        if event is None or back_step(order.status) is None:
            continue
        is_own, until = event.is_by(actor), event.at + UNDO_WINDOW
        ends = undo_ends(order, role, is_own=is_own)
        if ends is not None and at <= ends:
            possible.append(Recall(order, event, until, is_own and at < until))
    return sorted(possible, key=lambda recall: (recall.event.at, recall.event.pk), reverse=True)


def _last_step(order: Order, events: Iterable[OrderEvent]) -> OrderEvent | None:
    """Return the step, other than an undo, that brought an order to its status last."""
    steps = [event for event in events if event.is_step and event.code != OrderEvent.Code.UNDO]
    return next((event for event in reversed(steps) if event.to_status == order.status), None)
