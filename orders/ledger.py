"""The two moves every service makes: lock the order, write a step with its event."""

import datetime as dt

from django.conf import settings
from django.utils.translation import gettext

from common.actors import Actor
from common.errors import DomainError
from orders.models import Order, OrderEvent


class OrderGone(DomainError):
    """There is no such order."""

    code = "unknown_order"


def lock_order(order_id: int) -> Order:
    """Return the order locked until the caller's transaction ends, with its shop.

    The order is locked after the cart and before any stock. Raises OrderGone.
    """
    orders = Order.objects.select_related("shop")
    if not settings.TEST_LOCKS_OFF:
        orders = orders.select_for_update(of=("self",))
    order = orders.filter(pk=order_id).first()
    if order is None:
        raise OrderGone(gettext("There is no such order."))
    return order


def move(*, order: Order, to: str, actor: Actor, at: dt.datetime, note: str = "") -> OrderEvent:
    """Write the step of a locked order and its event. The caller has asked the table whether it exists."""
    event = add_event(order=order, to=to, actor=actor, at=at, note=note)
    order.status = to
    order.status_changed_at = event.at
    order.version += 1
    order.save(update_fields=["status", "status_changed_at", "version", "expires_at", "promised_at", "cancel_reason"])
    return event


def add_event(*, order: Order, actor: Actor, at: dt.datetime, note: str, to: str | None = None) -> OrderEvent:
    """Write a line of history of a locked order; without `to` it is a note and the status stays.

    Who waited for the lock read his clock before the one who held it, and machines' clocks differ: the time
    written is never before that of the line above.
    """
    last = order.events.order_by("-id").values_list("at", flat=True).first()
    return OrderEvent.objects.create(
        order=order,
        from_status=order.status,
        to_status=to or order.status,
        actor_id=actor.user_id,
        actor_label=actor.label,
        note=note[:255],
        at=max(at, last or at),
    )


def mail_key(event: str, order: Order) -> str:
    """Return the outbox key of a mail about the status the order has now: stable, and new after an undo."""
    return f"{event}:{order.number}:{order.version}"
