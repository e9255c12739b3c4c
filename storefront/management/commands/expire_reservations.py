"""End orders whose hold is over, now instead of at the worker's next minute."""

from django.core.management.base import BaseCommand

from common import clock
from orders.models import Order
from orders.models.status import WITH_THE_SHOP
from orders.services.expire import expire_orders


class Command(BaseCommand):
    """Idempotent: an order ends once."""

    help = "Cancel orders whose hold ended and give their stock back."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say which orders it would be")

    def handle(self, *, dry_run: bool, **options) -> None:
        at = clock.now()
        if dry_run:
            for order in Order.objects.overdue(at).order_by("expires_at", "id"):
                if order.status not in WITH_THE_SHOP:
                    self.stdout.write(order.number)
            return
        self.stdout.write(f"{expire_orders(at=at)} orders ended.")
