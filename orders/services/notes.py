"""Lines in an order's history that change nothing else."""

import datetime as dt

from django.db import transaction

from common.actors import WORKER
from orders.ledger import Remark, add_event, lock_order
from orders.models import OrderEvent


def note_refused_mail(*, order_id: int, at: dt.datetime) -> None:
    """Note that the buyer's address refused an email, so that staff can call them. Raises OrderGone."""
    with transaction.atomic():
        add_event(order=lock_order(order_id), actor=WORKER, at=at, remark=Remark(OrderEvent.Code.MAIL_REFUSED))
