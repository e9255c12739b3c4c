"""Taking an order one step forward, and undoing the step."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext

from common.actors import Actor
from common.errors import DomainError
from common.outbox.services import enqueue, withdraw
from orders import stations
from orders.ledger import Remark, lock_order, mail_key, move
from orders.models import Order, OrderEvent
from orders.permissions import kind_of
from orders.selectors import shop_with_hours
from orders.statuses import COLLECTION, UNDO_WINDOW, back_step, step_to, undo_ends
from stock.hours import hold_until

MAIL_DELAY = UNDO_WINDOW
# Emails about a step, by status and fulfilment.
MAILS: dict[tuple[str, str], str] = {(Order.Status.READY, COLLECTION): "order.ready"}


class AlreadyChanged(DomainError):
    """Somebody else changed the order first. extra: status, by, when (UTC)."""

    code = "already_changed"


class StepRefused(DomainError):
    """The table has no such step from where the order is now."""

    code = "step_refused"


class NotYourStep(DomainError):
    """The step exists, but not for this person."""

    code = "not_allowed"


class TooLateToUndo(DomainError):
    """There is nothing to undo, or it is too late."""

    code = "too_late"


def change_status(
    *, order_id: int, to: str, actor: Actor, at: dt.datetime, expected_version: int | None = None
) -> Order:
    """Take a forward step; its email leaves ten seconds later, so that `undo` can withdraw it.

    `expected_version` is the version the person saw. Raises AlreadyChanged, StepRefused, NotYourStep, OrderGone.
    """
    with transaction.atomic():
        order = lock_order(order_id)
        refuse_stale(order, to, expected_version)
        step = step_to(order, to)
        if step is None or step.by_service or step.is_undo:
            raise StepRefused(
                gettext("An order that is “%(now)s” cannot become “%(then)s”.")
                % {"now": order.get_status_display(), "then": _label(to)}
            )
        if kind_of(actor, order) not in step.who:
            raise NotYourStep(gettext("Your role may not do this."))
        if to == Order.Status.READY and order.fulfilment == COLLECTION:
            _hold_for_collection(order, at)
        move(order=order, to=to, actor=actor, at=at)
        event = MAILS.get((order.status, order.fulfilment))
        if event:
            enqueue(event=event, key=mail_key(event, order), payload=_payload(order), at=at, delay=MAIL_DELAY)
    return order


def _hold_for_collection(order: Order, at: dt.datetime) -> None:
    """Give the buyer the shop's full time to collect an order that is ready late; a paid one is held anyway."""
    if order.expires_at is not None:
        until = hold_until(shop_with_hours(order), max(at, order.promised_at))
        stations.set_end(order, max(order.expires_at, until))


def undo(*, order_id: int, actor: Actor, at: dt.datetime, expected_version: int | None = None) -> Order:
    """Undo the last step of an order, as long as `undo_ends` allows.

    The email about the step is withdrawn if it has not left. Raises TooLateToUndo, NotYourStep,
    AlreadyChanged, OrderGone.
    """
    with transaction.atomic():
        order = lock_order(order_id)
        refuse_stale(order, None, expected_version)
        step = back_step(order.status)
        if step is None:
            raise TooLateToUndo(gettext("There is nothing to undo on this order."))
        kind = kind_of(actor, order)
        if kind not in step.who:
            raise NotYourStep(gettext("Your role may not do this."))
        ends = undo_ends(order, kind, is_own=last_step(order).is_by(actor))
        if ends is None or at > ends:
            raise TooLateToUndo(gettext("It is too late to undo this."))
        event = MAILS.get((order.status, order.fulfilment))
        if event:
            withdraw(key=mail_key(event, order))
        move(order=order, to=step.target, actor=actor, at=at, remark=Remark(OrderEvent.Code.UNDO))
    return order


def refuse_stale(order: Order, to: str | None, expected_version: int | None) -> None:
    """Raise AlreadyChanged if the order has changed since the person saw it, or already is where they want it."""
    if order.status != to and expected_version in (None, order.version):
        return
    event = last_step(order)
    raise AlreadyChanged(
        gettext("This order is already “%(status)s”.") % {"status": order.get_status_display()},
        extra={"status": order.status, "by": event.actor_label, "when": event.at},
    )


def last_step(order: Order) -> OrderEvent:
    """Return the event that brought the order to its current status."""
    return (
        OrderEvent.objects.filter(order=order, to_status=order.status)
        .exclude(from_status=order.status)
        .order_by("-id")[:1]
        .get()
    )


def _payload(order: Order) -> dict[str, object]:
    return {"order_id": order.pk, "version": order.version}


def _label(status: str) -> str:
    return str(Order.Status(status).label) if status in Order.Status.values else status
