"""Reading the feed: what has changed since this process last asked.

A kept thing is fresh while none of its tags changed after it was begun. Every process asks at most every
PAGE_FEED_SECONDS, with one query; while one thread asks, the others go on. Why no page is ever stale:
docs/explanation/fast-pages.md.
"""

import contextlib
import datetime as dt
import logging
import threading
import time
from collections.abc import Collection, Iterable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connection, connections

from common import clock
from common.page_changes.models import EVERYTHING
from common.page_changes.watches import next_moment
from common.prepared import Prepared

logger = logging.getLogger(__name__)

# More at once are "everything".
MANY = 2000
# A process that has not asked for so long may have missed rows that were purged.
ASLEEP_SECONDS = 240
# Without an answer from the database what is kept is shown for so long.
TRUSTED_SECONDS = 60
# After a failure nobody waits for the next one at every request.
RETRY_SECONDS = 1.0
CLOCK_SLACK_SECONDS = 2
# How much older than PAGE_FEED_SECONDS an answer may be: both together stay below a second.
SLACK_SECONDS = 0.3
# Rows older than this are purged.
KEPT_MINUTES = 10

# In the order of its index: PostgreSQL, which plans for any values, would read all tags to tell them apart.
_POSTGRESQL = Prepared(
    "common_pagechange",
    """
SELECT pg_current_snapshot()::text, (SELECT max(id) FROM common_pagechange), ARRAY(
    SELECT tag FROM common_pagechange
    WHERE made_by >= %s AND NOT pg_visible_in_snapshot(made_by::text::xid8, %s::pg_snapshot) AND tag <> ''
    ORDER BY made_by LIMIT %s)
""",
    ["bigint", "text", "integer"],
)
# A note of what had ended: it has no tag.
_NOTE_ENDED = """
INSERT INTO common_pagechange (tag, made_by, at)
SELECT '', ended, clock_timestamp() FROM (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS ended) s
WHERE NOT EXISTS (SELECT FROM common_pagechange WHERE tag = '' AND made_by = ended)
"""
_PURGE = f"""
DELETE FROM common_pagechange WHERE made_by < (
    SELECT max(made_by) FROM common_pagechange
    WHERE tag = '' AND at < clock_timestamp() - interval '{KEPT_MINUTES} minutes')
"""
_PURGE_SQLITE = f"""
DELETE FROM common_pagechange
WHERE at < strftime('%Y-%m-%d %H:%M:%f', 'now', '-{KEPT_MINUTES} minutes')
    AND id < (SELECT max(id) FROM common_pagechange)
"""
_SQLITE = """
SELECT (SELECT seq FROM sqlite_sequence WHERE name = 'common_pagechange'), c.id, c.tag
FROM (SELECT 1) LEFT JOIN (SELECT id, tag FROM common_pagechange WHERE id > %s ORDER BY id DESC LIMIT %s) c ON TRUE
"""


@dataclass(frozen=True)
class Position:
    """How far the feed has been read: the snapshot of PostgreSQL, the number of the newest row elsewhere."""

    snapshot: str = ""
    newest: int = 0


@dataclass
class Once:
    """Whether the feed was asked for this request, and the epoch that it draws in.

    Another thread may ask meanwhile. What was read before must not be kept as if it had been read after.
    """

    is_done: bool = False
    epoch: int | None = None


# Without one, outside of requests, the feed is asked whenever it is time.
_once: ContextVar[Once | None] = ContextVar("whether this request has asked", default=None)


class Feed:
    """What this process knows of changes. `epoch` grows with every answer that had any."""

    def __init__(self) -> None:
        self.epoch = 0
        self._changed: dict[str, int] = {EVERYTHING: 0}
        self._position: Position | None = None
        self._moment: dt.datetime | None = None
        self._last_now: dt.datetime | None = None
        self._asked = self._answered = float("-inf")
        self._has_failed = False
        self._asking = threading.Lock()

    def forget(self) -> None:
        """Begin anew, as a new process does."""
        self.__init__()  # type: ignore[misc]

    def current(self, *, at_once: bool = False) -> int | None:
        """Return the epoch after asking, if it is time; None when nothing that is kept may be shown.

        `at_once`: the person who changed something is to see it, so an answer from before this call is not enough.
        """
        if not settings.PAGES_KEPT or (connection.in_atomic_block and not settings.PAGES_KEPT_IN_TRANSACTIONS):
            # What a transaction sees may be rolled back.
            return None
        began = time.monotonic()
        now = clock.now()
        # While one thread asks, others go on with the last answer, unless nobody has asked for a while.
        is_old = not self._has_failed and began - self._answered > settings.PAGE_FEED_SECONDS + SLACK_SECONDS
        wait = at_once or is_old or self._is_new_time(now)
        once = _once.get()
        is_drawn = once is not None and once.is_done
        if wait or (not is_drawn and began - self._asked >= settings.PAGE_FEED_SECONDS):
            # An answer to somebody who waited beside us will do, unless it is from before the change.
            self._ask(now, began if at_once else began - settings.PAGE_FEED_SECONDS, wait=wait)
            if once is not None:
                once.is_done = True
        if time.monotonic() - self._answered >= settings.PAGE_FEED_SECONDS + TRUSTED_SECONDS:
            return None
        if once is None:
            return self.epoch
        if once.epoch is None:
            once.epoch = self.epoch
        return once.epoch

    def needs_no_asking(self) -> bool:
        """Return whether what is kept may be shown by what was answered last."""
        began = time.monotonic()
        is_fresh = max(began - self._asked, began - self._answered) < settings.PAGE_FEED_SECONDS
        return settings.PAGES_KEPT and not self._has_failed and is_fresh and not self._is_new_time(clock.now())

    def begin(self, *, at_once: bool = False) -> int | None:
        """Return the same; a page is drawn from here on, from nothing that was read before."""
        once = _once.get()
        if once is not None:
            once.epoch = None
        return self.current(at_once=at_once)

    def is_proven(self) -> bool:
        """Return whether what is kept and fresh is what the database holds now: it was asked in this call.

        For who decides by it. A change that is committed later is one that came after the decision.
        """
        began = time.monotonic()
        return self.begin(at_once=True) is not None and self._answered >= began and not self._has_failed

    def stands_still(self) -> bool:
        """Return whether nothing has changed since this request began to draw."""
        once = _once.get()
        return once is None or once.epoch == self.epoch

    def is_fresh(self, tags: Collection[str], made: int) -> bool:
        """Return whether none of the tags has changed after the epoch `made`."""
        changed = self._changed
        return changed[EVERYTHING] <= made and all(changed.get(tag, 0) <= made for tag in tags)

    def changed_since(self, epoch: int) -> set[str]:
        """Return the tags that have changed after an epoch."""
        return {tag for tag, changed in self._changed.copy().items() if changed > epoch}

    def _is_new_time(self, now: dt.datetime) -> bool:
        """Return whether a planned moment has come, or the clock was set."""
        # Another thread may set them meanwhile.
        last, moment = self._last_now, self._moment
        if last is None or (moment is not None and now >= moment):
            return True
        passed = (now - last).total_seconds()
        # Threads ask with moments of their own, so that a little earlier is no sign.
        return not -CLOCK_SLACK_SECONDS < passed < ASLEEP_SECONDS

    def _ask(self, now: dt.datetime, since: float, *, wait: bool) -> None:
        if not self._asking.acquire(blocking=wait):
            return
        try:
            # Another thread may have asked meanwhile.
            if self._asked <= since or self._is_new_time(now):
                self._read(now)
        finally:
            self._asking.release()

    def _read(self, now: dt.datetime) -> None:
        started = time.monotonic()
        if self._has_failed and started - self._asked < RETRY_SECONDS:
            return
        self._asked = started
        try:
            position, tags = _changes(self._position)
            is_new_time = self._is_new_time(now)
            slept = started - self._answered > ASLEEP_SECONDS
            if tags is None or is_new_time or slept or len(tags) > MANY:
                tags = {EVERYTHING}
            if tags:
                # Loaded with each change: it may have been planned just now.
                self._moment = next_moment(now)
        except (DatabaseError, InterfaceError):
            self._has_failed = True
            logger.warning("Could not ask which pages have changed", exc_info=True)
            if not connection.in_atomic_block:
                connection.close()
            return
        self._has_failed = False
        self._tell(tags)
        self._position, self._last_now, self._answered = position, now, started

    def _tell(self, tags: set[str]) -> None:
        if not tags:
            return
        epoch = self.epoch + 1
        if EVERYTHING in tags or len(self._changed) > 10 * MANY:
            self._changed = {EVERYTHING: epoch}
        else:
            self._changed.update(dict.fromkeys(tags, epoch))
        # Last: who begins before this line began before the change.
        self.epoch = epoch


def _changes(position: Position | None) -> tuple[Position, set[str] | None]:
    """Return how far the feed goes now and the tags since `position`; None for "unknown"."""
    if connection.vendor != "postgresql":
        return _changes_of_sqlite(position)
    since = position or Position("1:1:")
    if position is not None and connection.in_atomic_block:
        # A transaction never sees itself as finished. Tests live in one.
        return _changes_by_number(position)
    lowest = _lowest(since.snapshot)
    asked = [lowest, since.snapshot, MANY + 1]
    ((snapshot, newest, tags),) = _POSTGRESQL.rows(connections[DEFAULT_DB_ALIAS], asked)
    # Smaller numbers are those of another server, to which the address leads now.
    is_known = position is not None and len(tags) <= MANY and _lowest(snapshot) >= lowest
    return Position(snapshot, newest or 0), set(tags) if is_known else None


def _lowest(snapshot: str) -> int:
    """Return the number below which all transactions have ended."""
    return int(snapshot.partition(":")[0])


def _changes_by_number(position: Position) -> tuple[Position, set[str] | None]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, tag FROM common_pagechange WHERE id > %s AND tag <> '' ORDER BY id DESC LIMIT %s",
            [position.newest, MANY + 1],
        )
        rows = cursor.fetchall()
    newest = rows[0][0] if rows else position.newest
    return Position(position.snapshot, newest), {tag for _pk, tag in rows} if len(rows) <= MANY else None


def _changes_of_sqlite(position: Position | None) -> tuple[Position, set[str] | None]:
    last = position.newest if position else 0
    with connection.cursor() as cursor:
        cursor.execute(_SQLITE, [last, MANY + 1])
        rows = cursor.fetchall()
    newest = rows[0][0] or 0
    found = {tag for _newest, _pk, tag in rows if tag is not None}
    # The newest row is always there, unless the table was emptied; a smaller number is another database.
    is_known = position is not None and newest >= last and (newest == last or rows[0][1] == newest)
    return Position(newest=newest), found if is_known else None


def purge() -> int:
    """Delete rows that every process has read, by the database's own clock; return how many.

    A transaction may be open for longer than rows are kept, and its rows are as old as it. So each purge notes up to
    where all transactions have ended, and deletes what had ended by a note that is old enough.
    """
    is_postgresql = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        cursor.execute(_PURGE if is_postgresql else _PURGE_SQLITE)
        count = cursor.rowcount
        if is_postgresql:
            cursor.execute(_NOTE_ENDED)
    return count


feed = Feed()
# A tag of what is drawn anew each time.
NEVER = "never"
_collected: ContextVar[set[str] | None] = ContextVar("tags of the page that is drawn", default=None)


def do_not_keep() -> None:
    """Note that what is being drawn lacks something that may come back without any change of a row."""
    shows(NEVER)


def shows(*tags: str) -> None:
    """Note that the page being drawn shows what these tags name; nothing happens outside of drawing."""
    collected = _collected.get()
    if collected is not None:
        collected.update(tags)


def shows_products(product_ids: Iterable[int]) -> None:
    """Note that the page being drawn shows these products."""
    collected = _collected.get()
    if collected is not None:
        collected.update(f"p{pk}" for pk in product_ids)


def shows_pictures(picture_ids: Iterable[int]) -> None:
    """Note that the page being drawn shows these pictures, or would once they are cut."""
    collected = _collected.get()
    if collected is not None:
        collected.update(f"i{pk}" for pk in picture_ids)


@contextlib.contextmanager
def asking_once() -> Iterator[None]:
    """Ask the feed at most once in the block, which is one request."""
    token = _once.set(Once())
    try:
        yield
    finally:
        _once.reset(token)


@contextlib.contextmanager
def collecting() -> Iterator[set[str]]:
    """Collect the tags of what is drawn in the block; what surrounds it shows them too."""
    outer = _collected.get()
    tags: set[str] = set()
    token = _collected.set(tags)
    try:
        yield tags
    finally:
        _collected.reset(token)
        if outer is not None:
            outer.update(tags)
