"""A person's own sessions, in words: browsers that are signed in, and apps with tokens."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.crypto import salted_hmac

from accounts.devices import app_words, browser_words
from accounts.models import UserSession


@dataclass(frozen=True)
class OwnSession:
    """One line of the list. `id` names it in forms; its key would be enough to take it over."""

    id: str
    words: str
    is_app: bool
    is_current: bool
    began_at: dt.datetime | None
    used_at: dt.datetime | None


def own_sessions(user_id: int, *, current: str | None, at: dt.datetime) -> list[OwnSession]:
    """Return the sessions of an account that have not ended; this one first, then the newest use."""
    rows = _begun(user_id).filter(expire_date__gt=at).order_by("-used_at", "-began_at", "pk")
    lines = [_line(row, current) for row in rows.defer("session_data")]
    return sorted(lines, key=lambda line: not line.is_current)


def key_of(user_id: int, id: str) -> str | None:
    """Return the key of the session that a form names; None if this account has no such session."""
    keys = _begun(user_id).values_list("pk", flat=True)
    return next((key for key in keys if _id_of(key) == id), None)


def _begun(user_id: int) -> QuerySet[UserSession]:
    """Return the sessions of an account; a sign-in that waits for its code is none yet."""
    return UserSession.objects.filter(user=user_id, began_at__isnull=False)


def _line(row: UserSession, current: str | None) -> OwnSession:
    words = app_words(row.device) if row.is_app else browser_words(row.device)
    return OwnSession(_id_of(row.pk), words, row.is_app, row.pk == current, row.began_at, row.used_at)


def _id_of(key: str) -> str:
    return salted_hmac("accounts.own_sessions", key, algorithm="sha256").hexdigest()[:32]
