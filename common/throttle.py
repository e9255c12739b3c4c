"""Site-wide limits: counters in the database, shared by all processes and kept for their window.

A window begins with the first attempt counted in it. The person counted is stored as a hash, never as typed.
"""

import datetime as dt
import math
from dataclasses import dataclass

from django.db import connection
from django.db.models import F, QuerySet
from django.utils.crypto import salted_hmac
from django.utils.translation import ngettext

from common.errors import DomainError
from common.models import ThrottleCount

PURGED_AT_ONCE = 1000
SKEW = dt.timedelta(minutes=1)


@dataclass(frozen=True)
class Limit:
    """At most `amount` of the things `counts` names, for each `per`, in `seconds`."""

    code: str
    amount: int
    seconds: int
    per: str
    counts: str


class TooManyAttempts(DomainError):
    """The limit is used up. extra["retry_after"]: seconds until its window ends."""

    code = "too_many_attempts"


LIMITS: dict[str, Limit] = {}


def declare(code: str, *, amount: int, seconds: int, per: str, counts: str) -> Limit:
    """Register a limit under `code` and return it; the same code twice is a programming error."""
    limit = Limit(code, amount, seconds, per, counts)
    if LIMITS.setdefault(code, limit) != limit:
        raise ValueError(f"limit {code} is declared twice")
    return limit


def take(limit: Limit, who: str, *, at: dt.datetime) -> int:
    """Count one for `who` and return the number in the window; 0, with nothing counted, when it is used up.

    A single statement, so that processes asking at the same moment never exceed the limit together.
    """
    table = connection.ops.quote_name(ThrottleCount._meta.db_table)
    ends = at + dt.timedelta(seconds=limit.seconds)
    moments = (at, ends, ends + SKEW)
    now, end, latest = (connection.ops.adapt_datetimefield_value(moment) for moment in moments)
    # A window that ends much later than one begun now was begun by a clock that has been set back since. Not just
    # later: requests of the same moment read their clocks in another order than they get here.
    over = f"({table}.ends_at <= %s OR {table}.ends_at > %s)"
    statement = (
        f"INSERT INTO {table} (key, used, ends_at) VALUES (%s, 1, %s) ON CONFLICT (key) DO UPDATE SET"  # noqa: S608
        f" used = CASE WHEN {over} THEN 1 ELSE {table}.used + 1 END,"
        f" ends_at = CASE WHEN {over} THEN excluded.ends_at ELSE {table}.ends_at END"
        f" WHERE {over} OR {table}.used < %s RETURNING used"
    )
    values = [_key(limit, who), end, *[now, latest] * 3, limit.amount]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        row = cursor.fetchone()
    return row[0] if row else 0


def take_or_refuse(limit: Limit, who: str, *, at: dt.datetime) -> int:
    """Count one as `take` does. Raises TooManyAttempts when the limit is used up."""
    count = take(limit, who, at=at)
    if not count:
        raise too_many(limit, who, at=at)
    return count


def is_used_up(limit: Limit, who: str, *, at: dt.datetime) -> bool:
    """Return whether `who` has nothing left in the current window. Counts nothing."""
    return _current(limit, who, at).filter(used__gte=limit.amount).exists()


def give_back(limit: Limit, who: str) -> None:
    """Take back one that turned out not to count."""
    ThrottleCount.objects.filter(key=_key(limit, who), used__gt=0).update(used=F("used") - 1)


def forget(limit: Limit, who: str) -> None:
    """Reset the counter of `who`."""
    ThrottleCount.objects.filter(key=_key(limit, who)).delete()


def too_many(limit: Limit, who: str, *, at: dt.datetime) -> TooManyAttempts:
    """Return the refusal for a used-up limit, with the time left in its window."""
    ends_at = _current(limit, who, at).values_list("ends_at", flat=True).first()
    left = max(1, math.ceil((ends_at - at).total_seconds())) if ends_at else limit.seconds
    minutes = math.ceil(left / 60)
    message = ngettext(
        "Too many attempts. Please try again in a minute.",
        "Too many attempts. Please try again in %(minutes)s minutes.",
        minutes,
    ) % {"minutes": minutes}
    return TooManyAttempts(message, extra={"retry_after": left})


def purge(*, at: dt.datetime) -> int:
    """Delete counters whose window has ended, at most a thousand at once; return how many."""
    over = ThrottleCount.objects.filter(ends_at__lte=at).order_by("ends_at")
    deleted, _ = ThrottleCount.objects.filter(pk__in=list(over.values_list("pk", flat=True)[:PURGED_AT_ONCE])).delete()
    return deleted


def _current(limit: Limit, who: str, at: dt.datetime) -> QuerySet[ThrottleCount]:
    latest = at + dt.timedelta(seconds=limit.seconds) + SKEW
    return ThrottleCount.objects.filter(key=_key(limit, who), ends_at__gt=at, ends_at__lte=latest)


def _key(limit: Limit, who: str) -> str:
    return salted_hmac("common.throttle", f"{limit.code}:{who}", algorithm="sha256").hexdigest()
