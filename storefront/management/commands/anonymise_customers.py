"""Take guests out of their old orders, now instead of at the worker's next hour."""

from django.conf import settings
from django.core.management.base import BaseCommand

from common import clock
from orders.models import Order
from orders.services.erase import anonymise_orders

ALL = 10**9


class Command(BaseCommand):
    """Safe to repeat: what is blank stays blank."""

    help = "Blank name, phone, email and comment on guests' orders that are older than RETENTION_MONTHS."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only list the orders")

    def handle(self, *, dry_run: bool, **options) -> None:
        before = clock.months_before(clock.now(), settings.RETENTION_MONTHS)
        self.stdout.write(f"Orders of guests placed before {before:%Y-%m-%d %H:%M} UTC.")
        if not dry_run:
            self.stdout.write(f"Orders anonymised: {anonymise_orders(before=before, limit=ALL)}.")
            return
        numbers = Order.objects.outdated(before).order_by("pk").values_list("number", flat=True)
        for number in numbers.iterator():
            self.stdout.write(number)
