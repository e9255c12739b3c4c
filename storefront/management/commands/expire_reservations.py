"""End orders whose hold has expired, now instead of at the worker's next minute."""

from django.core.management.base import BaseCommand

from common import clock
from orders.models import Order
from orders.models.status import WITH_THE_SHOP
from orders.services.expire import expire_orders


class Command(BaseCommand):
    """Safe to repeat: an order ends once."""

    help = "Cancel orders whose hold has expired and release their stock."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only list the orders")

    def handle(self, *, dry_run: bool, **options) -> None:
        at = clock.now()
        if dry_run:
            for order in Order.objects.overdue(at).order_by("expires_at", "id"):
                if order.status not in WITH_THE_SHOP:
                    self.stdout.write(order.number)
            return
        self.stdout.write(f"Orders ended: {expire_orders(at=at)}.")
