"""The worker: emails, payments, prices, expiry and purges, in one process beside the web."""

import signal

from django.core.management.base import BaseCommand, CommandError

from storefront.services.worker import Worker


class Command(BaseCommand):
    """No cron is needed: this does by itself what is due."""

    help = "Deliver the outbox, take over payments, apply due prices, end expired orders, purge."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--once", action="store_true", help="go round once and end")
        parser.add_argument("--interval", type=float, default=1.0, help="seconds between rounds")
        parser.add_argument("--stop-with-parent", action="store_true", help="end when the starting process is gone")

    def handle(self, *, once: bool, interval: float, stop_with_parent: bool, **options) -> None:
        worker = Worker(stop_with_parent=stop_with_parent)
        if once:
            for name, done in worker.once().items():
                self.stdout.write(f"{name}: {done}")
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: worker.stop())
        if not worker.run(interval):
            raise CommandError("A lane of the worker failed; see the log.")
