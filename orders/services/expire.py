"""Ending overdue orders: online ones that were not paid and those that nobody collected."""

import datetime as dt
import logging
import random
import time

from django.db import transaction

from common.actors import WORKER
from orders import stations
from orders.gateways.base import GatewayUnavailable
from orders.ledger import Remark, add_event, lock_order
from orders.models import Order, OrderEvent, Payment
from orders.models.status import WITH_THE_SHOP
from orders.payments.reconcile import check_payment
from orders.selectors import shop_with_hours
from orders.services.cancel import Why, end_order
from orders.statuses import SYSTEM, may_cancel
from stock.hours import hold_until

logger = logging.getLogger(__name__)
# The worker's other tasks of the minute wait this long at most for the bank, and again for orders that fail.
SECONDS = 15.0


def expire_orders(*, at: dt.datetime, seconds: float = SECONDS) -> int:
    """Cancel every order whose `expires_at` has passed, each in its own transaction; return how many.

    An order with a parked payment does not end: its money may be at the bank. Nor does one that the shop is late with:
    it is held for longer, so that its buyer still has the time to collect it.

    The bank is asked once more before an order with an undecided payment ends. If it does not answer the order ends all
    the same, and late money is dealt with when it arrives. The orders are shuffled, so that some that fail every time
    never hold up the others; no further order is started after `seconds`.
    """
    due = list(Order.objects.overdue(at).values_list("pk", flat=True))
    random.shuffle(due)
    _ask_the_bank(due, at, seconds)
    ended, began = 0, time.monotonic()
    for order_id in due:
        if time.monotonic() - began >= seconds:
            break
        try:
            ended += _expire(order_id, at)
        except Exception:
            logger.exception("Could not expire order %s; the next sweep tries again", order_id)
    return ended


def _ask_the_bank(order_ids: list[int], at: dt.datetime, seconds: float) -> None:
    undecided = Payment.objects.undecided().filter(order_id__in=order_ids, order__status=Order.Status.AWAITING_PAYMENT)
    began, silent = time.monotonic(), set()
    for payment_id, gateway in list(undecided.order_by("id").values_list("pk", "gateway")):
        if time.monotonic() - began >= seconds:
            return
        if gateway in silent:
            continue
        try:
            check_payment(payment_id=payment_id, at=at)
        except GatewayUnavailable:
            logger.warning("%s does not answer; expired orders end without asking it", gateway)
            silent.add(gateway)
        except Exception:
            logger.exception("Could not take over payment %s; its order ends without it", payment_id)


def _expire(order_id: int, at: dt.datetime) -> bool:
    with transaction.atomic():
        order = lock_order(order_id)
        if order.expires_at is None or order.expires_at > at or not may_cancel(order, SYSTEM):
            return False
        if order.payments.parked().exists():
            return False
        if order.status in WITH_THE_SHOP:
            _keep(order, at)
            return False
        is_unpaid = order.status == Order.Status.AWAITING_PAYMENT
        code = OrderEvent.Code.NOT_PAID_IN_TIME if is_unpaid else OrderEvent.Code.NOT_COLLECTED_IN_TIME
        end_order(order=order, why=Why.EXPIRED, remark=Remark(code), actor=WORKER, at=at)
    return True


def _keep(order: Order, at: dt.datetime) -> None:
    until = hold_until(shop_with_hours(order), at)
    stations.set_end(order, until)
    remark = Remark(OrderEvent.Code.HOLD_EXTENDED, {"until": until.isoformat()})
    add_event(order=order, actor=WORKER, at=at, remark=remark)
