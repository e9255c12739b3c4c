"""Writing, withdrawing and delivering outbox messages.

Handlers register by event name in each app's `outbox_handlers.py`. Delivery is at least once:
a handler must tolerate being called again with the same message (emails use their stable Message-ID).
"""

import datetime as dt
import logging
import time
from collections.abc import Callable, Collection, Mapping
from enum import StrEnum

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.module_loading import autodiscover_modules

from common.crash import crash_point
from common.inserts import insert
from common.logs import mask_secrets
from common.outbox.models import OutboxMessage

logger = logging.getLogger(__name__)

# About ten hours: a refund or an email survives a night with the bank or the mail server down.
MAX_ATTEMPTS = 18
LEASE = dt.timedelta(minutes=5)
# How long a delivered message is kept.
KEPT_FOR = dt.timedelta(days=30)
# No message is written for later than this and no retry waits longer: what is due later was dated by a wrong clock.
LONGEST_DELAY = dt.timedelta(hours=1)
Handler = Callable[[OutboxMessage, dt.datetime], None]
_handlers: dict[str, Handler] = {}
_lanes: dict[str, "Lane"] = {}


class Lane(StrEnum):
    """The service a handler waits for. The worker delivers lanes in parallel: none queues behind another."""

    LOCAL = "local"
    BANK = "bank"
    MAIL = "mail"
    TEXT = "text"


def handles(event: str, *, lane: Lane = Lane.LOCAL) -> Callable[[Handler], Handler]:
    """Register the decorated function as the handler of `event`, in the lane of the server it talks to."""

    def register(handler: Handler) -> Handler:
        _handlers[event] = handler
        _lanes[event] = lane
        return handler

    return register


def enqueue(
    *, event: str, key: str, payload: dict[str, object], at: dt.datetime, delay: dt.timedelta = dt.timedelta()
) -> None:
    """Write a message in the caller's transaction; a message with this key already there is left as it is."""
    enqueue_all(event=event, payloads={key: payload}, at=at, delay=delay)


def enqueue_all(
    *, event: str, payloads: Mapping[str, dict[str, object]], at: dt.datetime, delay: dt.timedelta = dt.timedelta()
) -> None:
    """Write the messages {key: payload} in a single query, each as `enqueue` would.

    Raises ValueError for a delay of more than LONGEST_DELAY.
    """
    rows = [new_message(event=event, key=key, payload=payload, at=at, delay=delay) for key, payload in payloads.items()]
    insert(rows, leaves_existing=True)


def new_message(
    *, event: str, key: str, payload: dict[str, object], at: dt.datetime, delay: dt.timedelta = dt.timedelta()
) -> OutboxMessage:
    """Return a message to be written with the row that it is about, whose key nobody else has.

    Raises ValueError for a delay of more than LONGEST_DELAY.
    """
    if delay > LONGEST_DELAY:
        raise ValueError(f"A message cannot wait for {delay}.")
    due = at + delay
    return OutboxMessage(event=event, key=key, payload=payload, created_at=at, due_at=due, first_due_at=due)


def withdraw(*, key: str) -> bool:
    """Delete a message that has not been delivered or tried; return whether there was one."""
    deleted, _ = OutboxMessage.objects.filter(key=key, done_at=None, attempts=0).delete()
    return bool(deleted)


def restart_parked(*, at: dt.datetime, ids: Collection[int] | None = None) -> int:
    """Retry parked messages from the start, all or those of `ids`; return how many.

    They still count as tried, so `withdraw` leaves them alone.
    """
    parked = OutboxMessage.objects.filter(parked_at__isnull=False)
    if ids is not None:
        parked = parked.filter(pk__in=ids)
    return parked.update(parked_at=None, attempts=1, due_at=at, first_due_at=at)


def recall_postponed(*, at: dt.datetime) -> int:
    """Make messages due now that a fast clock dated too late; return how many."""
    pending = OutboxMessage.objects.filter(done_at=None, parked_at=None)
    return pending.filter(due_at__gt=at + 2 * LONGEST_DELAY).update(due_at=at, first_due_at=at)


def deliver_due(*, at: dt.datetime, limit: int = 100, seconds: float | None = None, lane: Lane | None = None) -> int:
    """Deliver up to `limit` due messages of a lane (all lanes by default); return how many succeeded.

    No message is begun after `seconds`: a hanging mail server must not hold the caller for hours.

    A message is claimed first (attempt counted, due moved by a lease), then handled outside any
    transaction, then marked done: a killed worker leaves it to be tried again after the lease.
    """
    autodiscover_modules("outbox_handlers")
    delivered, began = 0, time.monotonic()
    for _ in range(limit):
        if seconds is not None and time.monotonic() - began >= seconds:
            break
        message = _claim(at, lane)
        if message is None:
            break
        crash_point("outbox.claimed")
        delivered += _deliver(message, at)
    return delivered


def _claim(at: dt.datetime, lane: Lane | None) -> OutboxMessage | None:
    with transaction.atomic():
        due = OutboxMessage.objects.filter(due_at__lte=at, done_at=None, parked_at=None).order_by("due_at", "id")
        due = _in_lane(due, lane)
        if connection.features.has_select_for_update_skip_locked and not settings.TEST_LOCKS_OFF:
            due = due.select_for_update(skip_locked=True)
        message = due.first()
        if message is None:
            return None
        message.attempts += 1
        message.due_at = at + max(LEASE, backoff(message.attempts))
        message.save(update_fields=["attempts", "due_at"])
        return message


def _in_lane(messages: QuerySet[OutboxMessage], lane: Lane | None) -> QuerySet[OutboxMessage]:
    """Keep the messages of a lane; the local lane includes those without a registered handler."""
    if lane is None:
        return messages
    if lane == Lane.LOCAL:
        return messages.exclude(event__in=[event for event, other in _lanes.items() if other != Lane.LOCAL])
    return messages.filter(event__in=[event for event, other in _lanes.items() if other == lane])


def _deliver(message: OutboxMessage, at: dt.datetime) -> bool:
    try:
        _handlers[message.event](message, at)
    except Exception as error:
        logger.exception("Could not deliver outbox message %s (%s)", message.pk, message.event)
        message.last_error = mask_secrets(f"{type(error).__name__}: {error}")[:500]
        message.due_at = at + backoff(message.attempts)
        if message.attempts >= MAX_ATTEMPTS:
            message.parked_at = at
        message.save(update_fields=["last_error", "due_at", "parked_at"])
        return False
    crash_point("outbox.handled")
    message.done_at = at
    message.last_error = ""
    message.save(update_fields=["done_at", "last_error"])
    crash_point("outbox.done")
    return True


def backoff(attempts: int) -> dt.timedelta:
    """Return the wait before the next attempt: 10 s, doubled each time, at most an hour."""
    return min(dt.timedelta(seconds=10 * 2 ** (attempts - 1)), LONGEST_DELAY)
