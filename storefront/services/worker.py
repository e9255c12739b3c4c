"""The worker's rounds: every second what is waiting, every minute what is due. One part's failure stops no other."""

import datetime as dt
import logging
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.sessions.models import Session
from django.db import close_old_connections
from django.db.models import Model

from accounts.services.sign_up import purge_requests
from checkout.services.cart import purge_carts
from common import clock, throttle
from common.actors import WORKER
from common.outbox.models import OutboxMessage
from common.outbox.services import KEPT_FOR, deliver_due
from orders.payments.inbox import process
from orders.payments.reconcile import reconcile
from orders.services.expire import expire_orders
from products.services.popularity import count_popularity
from products.services.prices import apply_due
from products.services.skus import archive_orphans
from storefront.services.schedule import run_schedule

logger = logging.getLogger(__name__)

MINUTE = dt.timedelta(minutes=1)
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
PURGED_AT_ONCE = 1000
# Few, so that a stop is not kept waiting by a long queue; a busy worker goes round without a rest.
DELIVERED_AT_ONCE = 20
# What else is due each minute waits no longer than this, even for a mail server that hangs.
DELIVERING_SECONDS = 15
ASKED_AT_ONCE = 100


@dataclass
class Part:
    """Something the worker does every `every`; `run(at)` returns how many things it did."""

    name: str
    every: dt.timedelta
    run: Callable[[dt.datetime], int]
    last: dt.datetime | None = None

    def is_due(self, at: dt.datetime) -> bool:
        """Return whether its time has come; a clock that went back does not stop it."""
        return self.last is None or not self.last <= at < self.last + self.every


class Rounds:
    """The parts and the loop around them. `stop()` may be called from a signal handler."""

    def __init__(self, parts: list[Part] | None = None, *, stop_with_parent: bool = False) -> None:
        self.parts = standard_parts() if parts is None else parts
        self._stopped = threading.Event()
        self._parent = os.getppid() if stop_with_parent else None

    def stop(self) -> None:
        """End the loop after the part that is running."""
        self._stopped.set()

    def once(self, at: dt.datetime) -> dict[str, int]:
        """Run every part that is due; return what each did. A part that fails is logged and tried at its next turn."""
        done = {}
        for part in self.parts:
            if self._stopped.is_set():
                break
            if part.is_due(at):
                part.last = at
                done[part.name] = _run(part, at)
        return done

    def run(self, interval: float = 1.0) -> None:
        """Go round until stopped; rest for `interval` seconds only when there was nothing to do."""
        while not self._stopped.is_set() and self._parent in (None, os.getppid()):
            close_old_connections()
            done = self.once(clock.now())
            if not any(done.values()):
                self._stopped.wait(interval)


def _run(part: Part, at: dt.datetime) -> int:
    try:
        done = part.run(at)
    except Exception:
        logger.exception("Could not finish the worker's part %s", part.name)
        return 0
    if done:
        # What runs every second would fill the log.
        logger.log(logging.INFO if part.every else logging.DEBUG, "%s: %s", part.name, done)
    return done


def standard_parts() -> list[Part]:
    """Return what an installation's worker does."""
    return [
        Part("outbox", dt.timedelta(), _deliver),
        Part("payment inbox", dt.timedelta(), lambda at: process(at=at)),
        Part("scheduled pages", MINUTE, lambda at: run_schedule(at=at)),
        Part("due prices", MINUTE, lambda at: apply_due(at=at)),
        Part("variants without a page", MINUTE, lambda at: archive_orphans(actor=WORKER, at=at)),
        Part("expired orders", MINUTE, lambda at: expire_orders(at=at)),
        Part("payments asked again", MINUTE, lambda at: reconcile(at=at, limit=ASKED_AT_ONCE)),
        Part("popularity", DAY, lambda at: count_popularity(at=at)),
        Part("old carts", HOUR, lambda at: purge_carts(at=at, limit=PURGED_AT_ONCE)),
        Part("done outbox rows", HOUR, lambda at: purge_outbox(at=at)),
        Part("sessions that ended", HOUR, lambda at: purge_sessions(at=at)),
        Part("old sign-ups", HOUR, lambda at: purge_requests(at=at)),
        Part("limits that ended", HOUR, lambda at: throttle.purge(at=at)),
    ]


def _deliver(at: dt.datetime) -> int:
    return deliver_due(at=at, limit=DELIVERED_AT_ONCE, seconds=DELIVERING_SECONDS)


def purge_sessions(*, at: dt.datetime) -> int:
    """Delete sessions that have ended, at most a thousand at once; return how many."""
    ended = Session.objects.filter(expire_date__lt=at).order_by("expire_date")
    return _delete(Session, ended.values_list("pk", flat=True)[:PURGED_AT_ONCE])


def purge_outbox(*, at: dt.datetime) -> int:
    """Delete outbox rows delivered 30 days ago, at most a thousand at once; return how many."""
    old = OutboxMessage.objects.filter(done_at__lt=at - KEPT_FOR).order_by("done_at", "id")
    return _delete(OutboxMessage, old.values_list("pk", flat=True)[:PURGED_AT_ONCE])


def _delete(model: type[Model], keys) -> int:  # noqa: ANN001 - a values_list
    _, by_model = model._default_manager.filter(pk__in=list(keys)).delete()
    return by_model.get(model._meta.label, 0)
