"""Ask the gateways about payments that have been waiting, now instead of at the worker's next minute."""

from django.core.management.base import BaseCommand

from common import clock
from orders.models import Payment
from orders.payments.reconcile import reconcile


class Command(BaseCommand):
    """Idempotent: what a gateway says is folded in once."""

    help = "Fetch waiting payments from their gateways and take over what they say."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say how many payments wait")

    def handle(self, *, dry_run: bool, **options) -> None:
        if dry_run:
            self.stdout.write(f"{Payment.objects.undecided().count()} payments wait.")
            return
        self.stdout.write(f"{reconcile(at=clock.now())} payments changed.")
