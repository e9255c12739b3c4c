"""Submitting the checkout: first the order, then the gateway's page for an online payment."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from checkout.services.place_order import NewOrder, place_order
from common.actors import Actor
from common.busy import Busy, busy_when_locked
from orders.models import Order
from orders.payments.start import NotPayable, PaymentNotStarted, start_payment


@dataclass(frozen=True)
class Submitted:
    """The order, and the address to pay at; None if there is nothing to pay online right now."""

    order: Order
    redirect_url: str | None = None


def submit_checkout(*, new: NewOrder, return_url: Callable[[Order], str], actor: Actor, at: dt.datetime) -> Submitted:
    """Place the order and open its payment. The gateway is called after the order is committed.

    If the gateway does not answer, or the order is locked, the order waits for its payment and its page offers to pay
    again. Raises the refusals of place_order.
    """
    order = place_order(new=new, actor=actor, at=at)
    if not order.is_online or order.status != Order.Status.AWAITING_PAYMENT:
        return Submitted(order)
    try:
        with busy_when_locked():
            payment = start_payment(order_id=order.pk, return_url=return_url(order), actor=actor, at=at)
    except (PaymentNotStarted, NotPayable, Busy):
        return Submitted(order)
    return Submitted(order, payment.redirect_url)
