"""The inbox: every notice about a payment is stored first, then folded into the payment once."""

import datetime as dt
import logging
import uuid
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import Q, QuerySet

from common.crash import crash_point
from common.errors import DomainError
from orders.gateways.base import UNREADABLE, GatewayRefused, GatewayUnavailable, PaymentFacts
from orders.gateways.registry import UnknownGateway, get_gateway, online_codes
from orders.ledger import lock_order
from orders.models import Payment, PaymentEvent
from orders.payments.asking import WEB, WORKER, Patience, asking
from orders.payments.settle import fold

logger = logging.getLogger(__name__)

RETURN = "return"
# For a returning browser the bank is asked for this long; then the reconciliation goes on asking.
GIVE_UP_AFTER = dt.timedelta(minutes=4)
# A returning browser writes at most one row in this many seconds, however often the page is reloaded.
RETURN_SECONDS = 5
# One process at a time asks the gateway about a row. Its claim outlasts any call.
CLAIM = dt.timedelta(seconds=20)
# No row is put off for this long: a later date was set by a clock that ran ahead.
NEVER_SO_LATE = dt.timedelta(minutes=10)


def receive(
    *,
    gateway: str,
    event_id: str,
    kind: str,
    payment_public_id: str,
    body: Mapping[str, Any],
    at: dt.datetime,
) -> PaymentEvent:
    """Store a notice and return its row; further copies of it change nothing."""
    PaymentEvent.objects.bulk_create(
        [
            PaymentEvent(
                gateway=gateway,
                event_id=event_id,
                kind=kind,
                payment=_find_payment(gateway, payment_public_id),
                body=dict(body),
                received_at=at,
            )
        ],
        ignore_conflicts=True,
    )
    return PaymentEvent.objects.get(gateway=gateway, event_id=event_id)


def receive_and_process(
    *,
    gateway: str,
    event_id: str,
    kind: str,
    payment_public_id: str,
    body: Mapping[str, Any],
    at: dt.datetime,
) -> PaymentEvent:
    """Store a notice and try to fold it in at once; if that fails, the worker does it later."""
    event = receive(
        gateway=gateway, event_id=event_id, kind=kind, payment_public_id=payment_public_id, body=body, at=at
    )
    crash_point("inbox.stored")
    if event.processed_at is None:
        _try(event, at, WORKER)
    return event


def browser_returned(*, order_id: int, at: dt.datetime) -> None:
    """Record that the buyer's browser came back from the gateway, which proves nothing, and ask the gateway once.

    Nobody asks while another process is asking, or once the worker has taken over from a gateway that did not answer.
    """
    payment = Payment.objects.filter(order_id=order_id, gateway__in=online_codes()).order_by("-id").first()
    if payment is None or payment.state == Payment.State.CAPTURED:
        return
    if PaymentEvent.objects.filter(payment=payment, kind=RETURN, processed_at=None).exists():
        return
    nonce = int(at.timestamp()) // RETURN_SECONDS
    event = receive(
        gateway=payment.gateway,
        event_id=f"return:{payment.public_id}:{nonce}",
        kind=RETURN,
        payment_public_id=str(payment.public_id),
        body={},
        at=at,
    )
    if event.processed_at is None:
        _try(event, at, WEB)


def process(*, at: dt.datetime, limit: int = 50) -> int:
    """Fold waiting notices in, oldest first; return how many were done. Called by the worker's tick.

    Notices that failed before come after new ones and never hold them up.
    """
    done, silent = 0, set()
    for event in _waiting(at).order_by("attempts", "id")[:limit]:
        if not event.body and event.gateway in silent:
            continue
        if _try(event, at, WORKER):
            done += 1
        elif not event.body:
            silent.add(event.gateway)
    return done


def _waiting(at: dt.datetime) -> QuerySet[PaymentEvent]:
    is_due = Q(due_at=None) | Q(due_at__lte=at) | Q(due_at__gt=at + NEVER_SO_LATE)
    return PaymentEvent.objects.filter(is_due, processed_at=None)


def _try(event: PaymentEvent, at: dt.datetime, patience: Patience) -> bool:
    """Fold one row in; return whether it is done. A row that needs the gateway is claimed first."""
    if not event.body and not _waiting(at).filter(pk=event.pk).update(due_at=at + CLAIM):
        return False
    try:
        return _process_one(event, at, patience)
    except (GatewayUnavailable, DatabaseError, DomainError) as error:
        logger.warning("Could not process payment event %s: %s", event.pk, type(error).__name__)
    except Exception:
        logger.exception("Could not process payment event %s", event.pk)
    _note_failure(event, at)
    return False


def _note_failure(event: PaymentEvent, at: dt.datetime) -> None:
    """Put a row back; one that needs the gateway for 2, 4, 8... seconds, at most a minute.

    Of a returning browser not for long: the reconciliation asks about payments that are not decided.
    """
    waiting = PaymentEvent.objects.filter(pk=event.pk, processed_at=None)
    attempts = min(event.attempts + 1, 30000)
    if event.body:
        waiting.update(attempts=attempts)
    elif event.kind == RETURN and at - event.received_at >= GIVE_UP_AFTER:
        waiting.update(attempts=attempts, processed_at=at, outcome="no answer; left to the reconciliation")
    else:
        waiting.update(attempts=attempts, due_at=at + dt.timedelta(seconds=min(2 ** min(attempts, 6), 60)))


def _process_one(event: PaymentEvent, at: dt.datetime, patience: Patience) -> bool:
    payment = event.payment
    if payment is None:
        return _close(event, "refused: unknown payment", at)
    try:
        facts = _read(event, payment, at, patience)
    except (UnknownGateway, *UNREADABLE):
        return _close(event, "refused: unreadable", at)
    except GatewayRefused:
        return _close(event, "the gateway does not know this payment", at)
    with transaction.atomic():
        order = lock_order(payment.order_id)
        rows = PaymentEvent.objects if settings.TEST_LOCKS_OFF else PaymentEvent.objects.select_for_update()
        if rows.get(pk=event.pk).processed_at is not None:
            return False
        outcome = fold(order=order, payment=Payment.objects.get(pk=payment.pk), facts=facts, at=at)
        return _close(event, outcome, at)


def _read(event: PaymentEvent, payment: Payment, at: dt.datetime, patience: Patience) -> PaymentFacts:
    """Return the facts of a notice; of one that brings none, such as a returning browser, ask the gateway."""
    if event.body:
        return get_gateway(event.gateway).read_facts(event.body)
    with asking(event.gateway, patience=patience, at=at) as gateway:
        return gateway.fetch(str(payment.public_id), payment.provider_ref)


def _close(event: PaymentEvent, outcome: str, at: dt.datetime) -> bool:
    event.processed_at, event.outcome = at, outcome[:255]
    event.save(update_fields=["processed_at", "outcome"])
    return True


def _find_payment(gateway: str, public_id: str) -> Payment | None:
    try:
        key = uuid.UUID(public_id)
    except ValueError:
        return None
    return Payment.objects.filter(gateway=gateway, public_id=key).first()
