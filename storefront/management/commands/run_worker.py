"""The worker: emails, payments, prices, expiry and purges, in one process beside the web."""

import contextlib
import signal

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from accounts.selectors import has_owner
from storefront.services.setup import no_owner_hint
from storefront.services.worker import Worker


class Command(BaseCommand):
    """Run everything that is due; no cron is needed."""

    help = "Deliver the outbox, process payments, apply due prices, end expired orders, purge."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--once", action="store_true", help="run one round and exit")
        parser.add_argument("--interval", type=float, default=1.0, help="seconds between rounds")
        parser.add_argument("--stop-with-parent", action="store_true", help="stop when the parent process has gone")

    def handle(self, *, once: bool, interval: float, stop_with_parent: bool, **options) -> None:
        worker = Worker(stop_with_parent=stop_with_parent)
        if once:
            for name, done in worker.once().items():
                self.stdout.write(f"{name}: {done}")
            return
        if not stop_with_parent:
            self._miss_owner()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: worker.stop())
        if not worker.run(interval):
            raise CommandError("A lane of the worker failed; see the log.")

    def _miss_owner(self) -> None:
        """Say at each start that nobody can manage the shop; a process that started us as its child does so itself."""
        # A worker that begins before the database goes on without an answer.
        with contextlib.suppress(DatabaseError):
            if not has_owner():
                self.stderr.write(no_owner_hint())
