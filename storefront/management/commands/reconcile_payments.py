"""Ask the gateways about payments that have been waiting, now instead of at the worker's next minute."""

from django.core.management.base import BaseCommand

from common import clock
from orders.models import Payment
from orders.payments.reconcile import reconcile


class Command(BaseCommand):
    """Safe to repeat: a gateway's answer is applied once."""

    help = "Ask the gateways about waiting payments and apply their answers."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only count the waiting payments")

    def handle(self, *, dry_run: bool, **options) -> None:
        if dry_run:
            self.stdout.write(f"Payments waiting: {Payment.objects.undecided().count()}.")
            return
        self.stdout.write(f"Payments changed: {reconcile(at=clock.now())}.")
