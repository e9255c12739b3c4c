"""Orders for people at work: the ones they may see, and the steps they may undo. For the panel and other faces."""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from accounts.roles import roles_with
from common.actors import Actor
from orders import numbers
from orders.models import Order, OrderEvent
from orders.selectors import set_due
from orders.statuses import RECALL_WINDOW, UNDO_WINDOW, back_step, undo_ends

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
    """Return the latest steps in these shops that this person may undo now, newest first: two queries."""
    recent = Order.objects.open().filter(shop_id__in=shop_ids, status_changed_at__gte=at - RECALL_WINDOW)
    orders = {order.pk: order for order in recent.select_related("shop") if back_step(order.status)}
    steps = _last_steps(orders, OrderEvent.objects.filter(order_id__in=orders).order_by("id"))
    found = []
    for order_id, event in steps.items():
        is_own, until = event.is_by(actor), event.at + UNDO_WINDOW
        ends = undo_ends(orders[order_id], role, is_own=is_own)
        if ends is not None and at <= ends:
            found.append(Recall(orders[order_id], event, until, is_own and at < until))
    return sorted(found, key=lambda recall: (recall.event.at, recall.event.pk), reverse=True)


def _last_steps(orders: dict[int, Order], events: Iterable[OrderEvent]) -> dict[int, OrderEvent]:
    """Return by order the step, other than an undo, that brought it to its status."""
    steps = {}
    for event in events:
        is_undo = event.code == OrderEvent.Code.UNDO
        if event.is_step and not is_undo and event.to_status == orders[event.order_id].status:
            steps[event.order_id] = event
    return steps
