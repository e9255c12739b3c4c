"""Invariants of shared tables: the outbox moves on, append-only guards are in place."""

import datetime as dt
from collections.abc import Iterable

from common.append_only import missing_triggers
from common.models import OutboxMessage
from common.registry import Row, invariant


@invariant("I22", "no outbox message is pending for more than 5 minutes after it was due")
def outbox_moves_on(at: dt.datetime) -> Iterable[Row]:
    stuck = OutboxMessage.objects.filter(done_at=None, parked_at=None, due_at__lt=at - dt.timedelta(minutes=5))
    return stuck.values("id", "event", "due_at", "attempts")


@invariant("I23", "no parked outbox message waits for a person")
def no_parked_messages(at: dt.datetime) -> Iterable[Row]:
    return OutboxMessage.objects.filter(parked_at__isnull=False).values("id", "event", "last_error")


@invariant("I31", "every append-only table has its guards")
def guards_in_place(at: dt.datetime) -> Iterable[Row]:
    return [{"trigger": name} for name in missing_triggers()]
