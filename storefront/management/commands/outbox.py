"""List messages of the outbox that are due or were put aside: emails, refunds, pictures."""

import datetime as dt
from argparse import ArgumentParser

from django.core.management.base import BaseCommand

from common import clock
from common.models import OutboxMessage
from common.outbox.services import restart_parked

LISTED = 50


class Command(BaseCommand):
    """List the messages that were put aside; `--retry` lets the worker try them again."""

    help = "List outbox messages that were put aside after many attempts; --retry lets the worker try them again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--retry", nargs="*", type=int, metavar="ID", help="retry these; without an ID, all that were put aside"
        )

    def handle(self, *, retry: list[int] | None, **options: object) -> None:
        at = clock.now()
        if retry is not None:
            self.stdout.write(f"{restart_parked(at=at, ids=retry or None)} will be retried by the worker.")
        self._report(at)

    def _report(self, at: dt.datetime) -> None:
        due = OutboxMessage.objects.filter(done_at=None, parked_at=None, due_at__lte=at).count()
        parked = OutboxMessage.objects.filter(parked_at__isnull=False).order_by("id")
        count = parked.count()
        self.stdout.write(f"{due} due now, {count} put aside.")
        for message in parked[:LISTED]:
            self.stdout.write(
                f"{message.pk:>8}  {message.event:<24} {message.parked_at:%Y-%m-%d %H:%M}  {message.last_error}"
            )
        if count > LISTED:
            self.stdout.write(f"... and {count - LISTED} more.")
