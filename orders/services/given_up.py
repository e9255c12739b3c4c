"""Decisions of people about messages that the worker has given up: retry or close them."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext

from accounts.services import audit
from common.actors import Actor
from common.outbox.models import OutboxMessage
from common.outbox.services import restart_parked
from orders.ledger import Remark, add_event, lock_order
from orders.models import OrderEvent, Refund
from orders.payments.by_hand import RIGHT, AlreadyDealtWith, NoteMissing
from orders.permissions import require


def retry_message(*, message_id: int, actor: Actor, at: dt.datetime) -> None:
    """Let the worker try a message again from the start. Raises AlreadyDealtWith, NotAllowed."""
    require(actor, RIGHT)
    with transaction.atomic():
        if not restart_parked(at=at, ids=[message_id]):
            raise _gone()
        audit.record(action="outbox.retry", target=f"outbox:{message_id}", actor=actor, at=at)


def close_message(*, message_id: int, note: str, actor: Actor, at: dt.datetime) -> None:
    """Close a message with a note on how it was settled; a refund it requested counts as made by hand.

    Raises NoteMissing, AlreadyDealtWith, NotAllowed.
    """
    require(actor, RIGHT)
    if not note.strip():
        raise NoteMissing(gettext("Say how it was settled."))
    with transaction.atomic():
        message = OutboxMessage.objects.filter(pk=message_id, parked_at__isnull=False, done_at=None).first()
        if message is None:
            raise _gone()
        if message.event == "payment.refund":
            _refunded_by_hand(message.payload["refund_id"], note, actor, at)
        OutboxMessage.objects.filter(pk=message_id).update(parked_at=None, done_at=at)
        audit.record(action="outbox.close", target=f"outbox:{message_id}", note=message.event, actor=actor, at=at)


def _refunded_by_hand(refund_id: int, note: str, actor: Actor, at: dt.datetime) -> None:
    refund = Refund.objects.select_related("payment").get(pk=refund_id)
    order = lock_order(refund.payment.order_id)
    changed = Refund.objects.filter(pk=refund_id, state=Refund.State.PENDING)
    if not changed.update(state=Refund.State.OUTSIDE, done_at=at):
        raise _gone()
    params = {"amount": str(refund.amount), "currency": refund.payment.currency}
    add_event(order=order, actor=actor, at=at, remark=Remark(OrderEvent.Code.REFUND_CLOSED, params, note.strip()))


def _gone() -> AlreadyDealtWith:
    return AlreadyDealtWith(gettext("This message has already been dealt with."))
