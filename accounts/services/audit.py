"""The audit of actions that have no history of their own."""

import datetime as dt
from collections.abc import Collection

from django.utils.translation import gettext as _

from accounts.models import AuditEntry
from accounts.reveals import MAX_REASON, OTHER, kept_codes
from common.actors import Actor
from common.errors import DomainError
from common.typed_text import clean_name


class ReasonMissing(DomainError):
    """Nobody looks at a masked personal field without saying why."""

    code = "reason_missing"


def record(*, action: str, target: str, actor: Actor, at: dt.datetime, note: str = "", reason: str = "") -> AuditEntry:
    """Record an action by `actor` on `target`: a kind and an id, never a person's data."""
    return AuditEntry.objects.create(
        action=action, target=target, note=note[:255], reason=reason, actor_id=actor.user_id,
        actor_label=actor.label, at=at,
    )  # fmt: skip


def reveal(*, target: str, field: str, reason: str, actor: Actor, at: dt.datetime) -> AuditEntry:
    """Record that a masked personal field was shown in full, and why. Raises ReasonMissing.

    `reason` is a code of accounts/reveals.py or somebody's own words.
    """
    kept = clean_name(reason)[:MAX_REASON]
    if kept in ("", OTHER):
        raise ReasonMissing(_("Say why you need to see it."))
    return record(action="reveal", target=target, note=field, reason=kept, actor=actor, at=at)


def forget_reasons(*, targets: Collection[str]) -> None:
    """Blank reasons in own words, which may name a person who is erased, in the caller's transaction."""
    about = AuditEntry.objects.filter(target__in=targets, action="reveal").exclude(reason="")
    about.exclude(reason__in=kept_codes()).update(reason=OTHER)
