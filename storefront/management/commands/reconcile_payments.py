"""Ask the gateways about payments that have been waiting, now instead of at the worker's next minute."""

from math import inf

from django.core.management.base import BaseCommand

from common import clock
from orders.models import Payment
from orders.payments.reconcile import SECONDS, reconcile


class Command(BaseCommand):
    """Safe to repeat: a gateway's answer is applied once."""

    help = "Ask the gateways about waiting payments and apply their answers."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--all", action="store_true", help="ask about every payment, decided ones too")
        parser.add_argument("--dry-run", action="store_true", help="only count the payments to ask about")

    def handle(self, *, dry_run: bool, **options) -> None:
        everything: bool = options["all"]
        if dry_run:
            payments = Payment.objects.online() if everything else Payment.objects.undecided()
            self.stdout.write(f"Payments waiting: {payments.count()}.")
            return
        seconds = inf if everything else SECONDS
        changed = reconcile(at=clock.now(), everything=everything, seconds=seconds)
        self.stdout.write(f"Payments changed: {changed}.")
