"""Asking a manager to cancel a paid order, and the manager's answer."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext

from common.actors import Actor
from common.errors import DomainError
from orders.attention import cancel_request, must_ask_to_cancel, seen_of_request
from orders.ledger import Remark, add_event, lock_order
from orders.models import Order, OrderEvent
from orders.payments.balance import kept
from orders.permissions import kind_of, require
from orders.services.cancel import cancel_order, check_cancellable
from orders.services.change_status import AlreadyChanged, refuse_stale

Code = OrderEvent.Code
RIGHT = "orders.refund"


class NothingToAsk(DomainError):
    """The person may cancel this order without asking."""

    code = "nothing_to_ask"


class AlreadyAsked(DomainError):
    """A manager has been asked already."""

    code = "already_asked"


class NotAsked(DomainError):
    """Nothing to answer: it was answered, or the order has ended."""

    code = "not_asked"


def ask_to_cancel(
    *, order_id: int, reason: str, actor: Actor, at: dt.datetime, expected_version: int | None = None
) -> Order:
    """Ask a manager to cancel an order that the actor may not refund. Nothing else changes.

    Raises AlreadyAsked, NothingToAsk, AlreadyChanged, StepRefused, NotYourStep, OrderGone.
    """
    with transaction.atomic():
        order = lock_order(order_id)
        refuse_stale(order, Order.Status.CANCELLED, expected_version)
        kind = kind_of(actor, order)
        check_cancellable(order, kind)
        if not must_ask_to_cancel(kind, kept(order)):
            raise NothingToAsk(gettext("You can cancel this order yourself."))
        if cancel_request(order, order.events.order_by("id")):
            raise AlreadyAsked(gettext("A manager has already been asked to cancel this order."))
        add_event(order=order, actor=actor, at=at, remark=Remark(Code.CANCEL_REQUESTED, note=reason))
    return order


def grant_cancel(*, order_id: int, seen: str, note: str, actor: Actor, at: dt.datetime) -> Order:
    """Cancel an order at a colleague's request, for their reason unless `note` gives another, and refund it.

    `seen` is the request as they saw it (`seen_of_request`). Raises NotAsked, NotAllowed, AlreadyChanged, OrderGone.
    """
    with transaction.atomic():
        order, request = _asked(order_id, seen, actor)
        return cancel_order(order_id=order.pk, reason=note.strip() or request.note, actor=actor, at=at)


def decline_cancel(*, order_id: int, seen: str, note: str, actor: Actor, at: dt.datetime) -> Order:
    """Decline a colleague's request to cancel an order. Raises NotAsked, NotAllowed, AlreadyChanged, OrderGone."""
    with transaction.atomic():
        order, _ = _asked(order_id, seen, actor)
        add_event(order=order, actor=actor, at=at, remark=Remark(Code.CANCEL_DECLINED, note=note.strip()))
    return order


def _asked(order_id: int, seen: str, actor: Actor) -> tuple[Order, OrderEvent]:
    require(actor, RIGHT)
    order = lock_order(order_id)
    request = cancel_request(order, order.events.order_by("id"))
    if request is None:
        raise NotAsked(gettext("This request is closed: it was answered, or the order has ended."))
    if seen != seen_of_request(order, request):
        raise AlreadyChanged(gettext("This order has changed since you opened the page. Look at it again."))
    return order, request
