"""Cancelling: stock is given back, money is given back, the buyer is told."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext

from common.actors import Actor
from common.outbox.services import enqueue
from orders import stations
from orders.ledger import Remark, lock_order, mail_key, move
from orders.models import Order
from orders.payments.refunds import refund_rest
from orders.permissions import kind_of
from orders.services.change_status import NotYourStep, StepRefused, refuse_stale
from orders.statuses import CUSTOMER, edge

Why = Order.CancelReason


def cancel_order(
    *, order_id: int, reason: str, actor: Actor, at: dt.datetime, expected_version: int | None = None
) -> Order:
    """Cancel an order that is not completed. `reason` is kept in its history.

    Releases the stock; asks the gateway, through the outbox, for every captured amount back; mails the
    buyer. Raises AlreadyChanged, StepRefused, NotYourStep, OrderGone.
    """
    with transaction.atomic():
        order = lock_order(order_id)
        refuse_stale(order, Order.Status.CANCELLED, expected_version)
        step = edge(order.status, Order.Status.CANCELLED)
        if step is None:
            raise StepRefused(gettext("This order can no longer be cancelled."))
        kind = kind_of(actor, order)
        if kind not in step.who:
            raise NotYourStep(gettext("This order is being prepared. Please call the shop to cancel it."))
        why = Why.CUSTOMER if kind == CUSTOMER else Why.SHOP
        end_order(order=order, why=why, remark=Remark(note=reason), actor=actor, at=at)
    return order


def end_order(*, order: Order, why: str, remark: Remark, actor: Actor, at: dt.datetime) -> None:
    """Cancel a locked order inside the caller's transaction: stock, refunds, step, mail."""
    stations.release(order, at=at, is_expired=why == Why.EXPIRED)
    move(
        order=order,
        to=Order.Status.CANCELLED,
        actor=actor,
        at=at,
        remark=remark,
        expires_at=None,
        cancel_reason=why,
    )
    refund_rest(order=order, reason="order_cancelled", at=at)
    enqueue(
        event="order.cancelled",
        key=mail_key("order.cancelled", order),
        payload={"order_id": order.pk, "version": order.version},
        at=at,
    )
