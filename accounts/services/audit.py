"""The audit of actions that have no history of their own."""

import datetime as dt

from accounts.models import AuditEntry
from common.actors import Actor


def record(*, action: str, target: str, actor: Actor, at: dt.datetime, note: str = "") -> AuditEntry:
    """Record an action by `actor` on `target`: a kind and an id, never a person's data."""
    return AuditEntry.objects.create(
        action=action, target=target, note=note[:255], actor_id=actor.user_id, actor_label=actor.label, at=at
    )


def reveal(*, target: str, field: str, actor: Actor, at: dt.datetime) -> AuditEntry:
    """Record that a masked personal field was shown in full."""
    return record(action="reveal", target=target, note=field, actor=actor, at=at)
