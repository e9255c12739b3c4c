"""Guessing codes is slowed down: each person has a small number of unknown codes a minute."""

import logging

from django.core.cache import cache

from accounts.models import User

logger = logging.getLogger(__name__)
LIMIT = 20
WINDOW = 60


def is_blocked(user: User) -> bool:
    """Return whether this person has used up the unknown codes of his minute."""
    return cache.get(_key(user), 0) >= LIMIT


def note_unknown(user: User) -> None:
    """Count an unknown code; at the limit say so in the log, once, without the code."""
    cache.add(_key(user), 0, WINDOW)
    try:
        count = cache.incr(_key(user))
    except ValueError:  # it ran out between the two calls
        return
    if count == LIMIT:
        logger.warning("Staff user %s reached %s unknown codes within a minute; paused", user.pk, LIMIT)


def _key(user: User) -> str:
    return f"staff:unknown-codes:{user.pk}"
