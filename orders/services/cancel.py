"""Cancelling: releases the goods, refunds the money, tells the buyer."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext

from common.actors import Actor
from common.errors import DomainError
from common.money import format_money
from common.outbox.services import enqueue
from orders import stations
from orders.attention import must_ask_to_cancel
from orders.ledger import Remark, lock_order, mail_key, move
from orders.models import Order
from orders.payments.balance import kept
from orders.payments.refunds import refund_rest
from orders.permissions import kind_of
from orders.services.change_status import NotYourStep, StepRefused, refuse_stale
from orders.services.credit import credit_rest
from orders.statuses import CUSTOMER, step_to

Why = Order.CancelReason


class NeedsManager(DomainError):
    """Cancelling would refund money, and the person's role may not refund."""

    code = "needs_manager"


def cancel_order(
    *, order_id: int, reason: str, actor: Actor, at: dt.datetime, expected_version: int | None = None
) -> Order:
    """Cancel an order that is not completed. `reason` is kept in its history.

    Releases its goods, requests a refund of every captured payment and emails the buyer, both through the outbox.
    Staff who may not refund cannot cancel a paid order (cancel_requests.ask_to_cancel). Raises AlreadyChanged,
    StepRefused, NotYourStep, NeedsManager, OrderGone.
    """
    with transaction.atomic():
        order = lock_order(order_id)
        refuse_stale(order, Order.Status.CANCELLED, expected_version)
        kind = kind_of(actor, order)
        check_cancellable(order, kind)
        amount = kept(order)
        if must_ask_to_cancel(kind, amount):
            raise NeedsManager(
                gettext("This order is paid. Cancelling it would refund %(amount)s: ask a manager.")
                % {"amount": format_money(amount, order.currency)}
            )
        why = Why.CUSTOMER if kind == CUSTOMER else Why.SHOP
        end_order(order=order, why=why, remark=Remark(note=reason), actor=actor, at=at)
    return order


def check_cancellable(order: Order, kind: str) -> None:
    """Raise StepRefused or NotYourStep unless the table of statuses lets `kind` cancel a locked order."""
    step = step_to(order, Order.Status.CANCELLED)
    if step is None:
        raise StepRefused(gettext("This order can no longer be cancelled."))
    if kind not in step.who:
        raise NotYourStep(gettext("We are already preparing this order. Please call the shop to cancel it."))


def end_order(*, order: Order, why: str, remark: Remark, actor: Actor, at: dt.datetime) -> None:
    """Cancel a locked order inside the caller's transaction: stock, refunds, step, email."""
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
    refunded = refund_rest(order=order, reason="order_cancelled", at=at)
    enqueue(
        event="order.cancelled",
        key=mail_key("order.cancelled", order),
        payload={"order_id": order.pk, "version": order.version},
        at=at,
    )
    credit_rest(order=order, amount=refunded, actor=actor, at=at)
