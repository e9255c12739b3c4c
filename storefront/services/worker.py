"""The worker's rounds: waiting messages every second, due work every minute. A part that fails stops no other.

Work that waits for the bank, the mail server, the sender of text messages and for no server has a thread each, so that
a server that hangs delays only its own kind.
"""

import datetime as dt
import logging
import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connections
from django.db.models import Model

from accounts.models import UserSession
from accounts.services.applications import erase_refused
from accounts.services.sign_up import purge_requests
from checkout.services.cart import purge_carts
from common import clock, throttle
from common.actors import WORKER
from common.outbox.models import OutboxMessage
from common.outbox.services import KEPT_FOR, Lane, deliver_due, recall_postponed
from common.page_changes.feed import purge as purge_changes
from common.page_changes.shared import SharedCaches
from orders.payments.inbox import process
from orders.payments.reconcile import reconcile
from orders.services.erase import anonymise_orders
from orders.services.expire import expire_orders
from products.services.popularity import count_popularity
from products.services.prices import apply_due
from products.services.skus import archive_orphans
from storefront.services.nightly import check_nightly
from storefront.services.schedule import run_schedule
from storefront.services.timekeeper import Timekeeper

logger = logging.getLogger(__name__)

MINUTE = dt.timedelta(minutes=1)
QUARTER = dt.timedelta(minutes=15)
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
PURGED_AT_ONCE = 1000
# Few, so that a long queue does not delay a stop; a busy worker goes round without pausing.
DELIVERED_AT_ONCE = 20
# The longest that other work in the same lane waits.
DELIVERING_SECONDS = 15
ASKED_AT_ONCE = 100
# A part that worked for this long stopped at its limit: the rest does not wait for a whole minute.
FULL_TURN_SECONDS = 14
# How long a process may take to stop; an email that is interrupted is sent by the next worker.
STOP_SECONDS = 8


@dataclass
class Part:
    """Work to do every `every`; `run(at)` returns how many items it processed.

    A part that `is_final` is irreversible: it waits while the clock is not trusted. One that `is_patient` has its first
    turn only when `every` has passed: what a worker that was away has missed is done by then.
    """

    name: str
    every: dt.timedelta
    run: Callable[[dt.datetime], int]
    last: dt.datetime | None = None
    is_final: bool = False
    is_patient: bool = False

    def is_due(self, at: dt.datetime) -> bool:
        """Say whether the part is due; a clock set back does not stop it."""
        if self.last is None and self.is_patient:
            self.last = at
        return self.last is None or not self.last <= at < self.last + self.every


class Rounds:
    """The parts of a lane and the loop around them. `stop()` may be called from a signal handler."""

    def __init__(
        self, parts: list[Part], *, timekeeper: Timekeeper | None = None, stop_with_parent: bool = False
    ) -> None:
        self.parts = parts
        self.timekeeper = timekeeper or Timekeeper()
        self._stopped = threading.Event()
        self._parent = os.getppid() if stop_with_parent else None

    def stop(self) -> None:
        """End the loop after the part that is running."""
        self._stopped.set()

    def once(self, at: dt.datetime) -> dict[str, int]:
        """Run every part that is due; return what each did. A part that fails is logged and retried next time."""
        done = {}
        for part in self.parts:
            if self._stopped.is_set():
                break
            if part.is_due(at) and not (part.is_final and not self.timekeeper.is_trusted()):
                done[part.name] = self._turn(part, at)
        return done

    def _turn(self, part: Part, at: dt.datetime) -> int:
        part.last, began = at, time.monotonic()
        done = _run(part, at)
        if done and time.monotonic() - began >= FULL_TURN_SECONDS:
            part.last = None
        return done

    def run(self, interval: float = 1.0) -> None:
        """Go round until stopped; pause for `interval` seconds only if there was nothing to do."""
        while not self._stopped.is_set() and self._parent in (None, os.getppid()):
            close_old_connections()
            if not any(self._round().values()):
                self._stopped.wait(interval)

    def _round(self) -> dict[str, int]:
        try:
            at = self.timekeeper.now()
        except DatabaseError:
            logger.exception("Could not get the time from the database")
            return {}
        return self.once(at)


class Worker:
    """All lanes, each in a thread of its own; if one ends, for whatever reason, all do."""

    def __init__(
        self,
        lanes: Mapping[str, list[Part]] | None = None,
        *,
        timekeeper: Timekeeper | None = None,
        stop_with_parent: bool = False,
    ) -> None:
        shared = timekeeper or Timekeeper()
        self.rounds = {
            name: Rounds(parts, timekeeper=shared, stop_with_parent=stop_with_parent)
            for name, parts in (standard_lanes() if lanes is None else lanes).items()
        }
        self.has_failed = False
        self._ending = threading.Event()

    def stop(self) -> None:
        """End every lane after the part that is running in it."""
        self._ending.set()
        for rounds in self.rounds.values():
            rounds.stop()

    def once(self) -> dict[str, int]:
        """Run everything that is due in all lanes, one after another; return what each part did."""
        done: dict[str, int] = {}
        for rounds in self.rounds.values():
            done |= rounds.once(rounds.timekeeper.now())
        return done

    def run(self, interval: float = 1.0) -> bool:
        """Go round until stopped; return True unless a lane failed. A lane that does not stop in time is abandoned."""
        threads = [
            threading.Thread(target=self._lane, args=(rounds, interval), name=name, daemon=True)
            for name, rounds in self.rounds.items()
        ]
        for thread in threads:
            thread.start()
        self._ending.wait()
        self.stop()
        deadline = time.monotonic() + STOP_SECONDS
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not self.has_failed

    def _lane(self, rounds: Rounds, interval: float) -> None:
        try:
            rounds.run(interval)
        except Exception:
            logger.exception("A lane of the worker failed; the worker stops, to be restarted")
            self.has_failed = True
        finally:
            self.stop()
            connections.close_all()


def _run(part: Part, at: dt.datetime) -> int:
    try:
        done = part.run(at)
    except Exception:
        logger.exception("The worker's part %s failed", part.name)
        return 0
    if done:
        # Parts that run every second would fill the log.
        logger.log(logging.INFO if part.every else logging.DEBUG, "%s: %s", part.name, done)
    return done


def standard_lanes() -> dict[str, list[Part]]:
    """Return the parts of a standard worker by the server they wait for. The first lane waits for none."""
    shared_caches = SharedCaches()
    return {
        "local": [
            Part("outbox", dt.timedelta(), lambda at: _deliver(at, Lane.LOCAL)),
            Part("scheduled pages", MINUTE, lambda at: run_schedule(at=at), is_final=True),
            Part("due prices", MINUTE, lambda at: apply_due(at=at)),
            Part("variants without a page", MINUTE, lambda at: archive_orphans(actor=WORKER, at=at)),
            Part("shared caches", dt.timedelta(), lambda _at: shared_caches.tell()),
            Part("messages dated too late", MINUTE, lambda at: recall_postponed(at=at)),
            Part("popularity", DAY, lambda at: count_popularity(at=at)),
            *_purges(),
        ],
        "bank": [
            Part("outbox of payments", dt.timedelta(), lambda at: _deliver(at, Lane.BANK)),
            Part("payment inbox", dt.timedelta(), lambda at: process(at=at)),
            Part("expired orders", MINUTE, lambda at: expire_orders(at=at), is_final=True),
            Part("payments asked again", MINUTE, lambda at: reconcile(at=at, limit=ASKED_AT_ONCE)),
        ],
        "mail": [Part("outbox of emails", dt.timedelta(), lambda at: _deliver(at, Lane.MAIL))],
        "check": [Part("nightly check", QUARTER, lambda at: check_nightly(at=at), is_patient=True)],
        "text": [Part("outbox of text messages", dt.timedelta(), lambda at: _deliver(at, Lane.TEXT))],
    }


def _purges() -> list[Part]:
    return [
        Part("old carts", HOUR, lambda at: purge_carts(at=at, limit=PURGED_AT_ONCE), is_final=True),
        Part("delivered outbox rows", HOUR, lambda at: purge_outbox(at=at), is_final=True),
        Part("expired sessions", HOUR, lambda at: purge_sessions(at=at), is_final=True),
        Part("names of guests", HOUR, _anonymise, is_final=True),
        Part("refused applications", DAY, lambda at: erase_refused(at=at), is_final=True),
        Part("old sign-ups", HOUR, lambda at: purge_requests(at=at), is_final=True),
        Part("read page changes", HOUR, lambda _at: purge_changes(), is_final=True),
        Part("expired limits", HOUR, lambda at: throttle.purge(at=at), is_final=True),
    ]


def _deliver(at: dt.datetime, lane: Lane) -> int:
    return deliver_due(at=at, limit=DELIVERED_AT_ONCE, seconds=DELIVERING_SECONDS, lane=lane)


def _anonymise(at: dt.datetime) -> int:
    return anonymise_orders(before=clock.months_before(at, settings.RETENTION_MONTHS), limit=PURGED_AT_ONCE)


def purge_sessions(*, at: dt.datetime) -> int:
    """Delete expired sessions, at most a thousand at once; return how many."""
    ended = UserSession.objects.filter(expire_date__lt=at).order_by("expire_date")
    return _delete(UserSession, ended.values_list("pk", flat=True)[:PURGED_AT_ONCE])


def purge_outbox(*, at: dt.datetime) -> int:
    """Delete outbox rows delivered 30 days ago, at most a thousand at once; return how many."""
    old = OutboxMessage.objects.filter(done_at__lt=at - KEPT_FOR).order_by("done_at", "id")
    return _delete(OutboxMessage, old.values_list("pk", flat=True)[:PURGED_AT_ONCE])


def _delete(model: type[Model], keys) -> int:  # noqa: ANN001 - a values_list
    _, by_model = model._default_manager.filter(pk__in=list(keys)).delete()
    return by_model.get(model._meta.label, 0)
