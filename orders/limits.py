"""Limits on guessing at orders: for guests who look one up, and for staff who scan or type codes."""

import datetime as dt
import logging

from common import throttle

logger = logging.getLogger(__name__)

FIND_ORDER = throttle.declare(
    "find-order", amount=10, seconds=600, per="network address", counts="look-ups by guests that found no order"
)
UNKNOWN_CODES = throttle.declare(
    "unknown-codes", amount=20, seconds=60, per="staff member", counts="scanned or typed codes that no order has"
)


def has_guessed_too_often(*, user_id: int, at: dt.datetime) -> bool:
    """Return whether a staff member has used up the unknown codes of this minute."""
    return throttle.is_used_up(UNKNOWN_CODES, str(user_id), at=at)


def note_unknown_code(*, user_id: int, at: dt.datetime) -> bool:
    """Count an unknown code of a staff member; return whether it was within the limit.

    Reaching the limit is logged once, without the code.
    """
    count = throttle.take(UNKNOWN_CODES, str(user_id), at=at)
    if count == UNKNOWN_CODES.amount:
        logger.warning("Staff user %s reached %s unknown codes within a minute; paused", user_id, count)
    return count > 0
