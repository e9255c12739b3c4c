"""The two operations of every service: lock an order, write a step with its event."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.conf import settings
from django.utils.translation import gettext

from common.actors import Actor
from common.errors import DomainError
from orders.models import Order, OrderEvent


@dataclass(frozen=True)
class Remark:
    """The reason of an event: `code` (OrderEvent.Code) and `params` for machines, `note` as a person wrote it."""

    code: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    note: str = ""


SILENT = Remark()


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


def move(
    *, order: Order, to: str, actor: Actor, at: dt.datetime, remark: Remark = SILENT, **columns: object
) -> OrderEvent:
    """Write a step of a locked order with its event and the `columns` that change with the status.

    The caller has checked the step against the table of statuses.
    """
    event = add_event(order=order, to=to, actor=actor, at=at, remark=remark)
    changes = {**columns, "status": to, "status_changed_at": event.at, "version": order.version + 1}
    for name, value in changes.items():
        setattr(order, name, value)
    order.save(update_fields=list(changes))
    return event


def add_event(*, order: Order, actor: Actor, at: dt.datetime, remark: Remark, to: str | None = None) -> OrderEvent:
    """Write a line of history of a locked order; without `to` the status stays.

    A service that waited for the lock read its clock earlier than the one that held it, and machines' clocks
    differ: the time is never earlier than that of the line before.
    """
    last = order.events.order_by("-id").values_list("at", flat=True).first()
    return OrderEvent.objects.create(
        order=order,
        from_status=order.status,
        to_status=to or order.status,
        actor_id=actor.user_id,
        actor_label=actor.label,
        code=remark.code,
        params=dict(remark.params),
        note=remark.note[:255],
        at=max(at, last or at),
    )


def mail_key(event: str, order: Order) -> str:
    """Return the outbox key of an email about the order's current status: stable, but new after an undo."""
    return f"{event}:{order.number}:{order.version}"
