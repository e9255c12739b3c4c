"""Load the demo shop, or products in bulk for benchmarks."""

import datetime as dt
import sys
import time

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from common import clock
from common.outbox.services import enqueue
from products.models import ProductPage
from products.services.popularity import count_popularity
from storefront.demo.bulk import bulk_products
from storefront.demo.history import DAYS, History
from storefront.demo.load import load_shop, render_pictures


class Command(BaseCommand):
    """Safe to repeat: existing rows are left alone, missing ones are created."""

    help = "Load the demo shop Zerno; with --scale N add N generated products."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--scale", type=int, default=0, help="products to generate in bulk, for benchmarks")
        parser.add_argument("--seed", type=int, default=7, help="seed of generated products and orders")
        parser.add_argument(
            "--history", choices=("now", "worker", "none"), default="now", help="who writes 90 days of orders"
        )

    def handle(self, *, scale: int, seed: int, history: str, **options) -> None:
        if not settings.DEMO:
            raise CommandError("This is not a demo shop: everybody knows the demo's passwords. Load it where DEMO=1.")
        at = clock.now()
        started = time.monotonic()
        shop = load_shop(at=at, progress=self._progress)
        render_pictures(self._progress)
        writer = History(shops=shop.shops, anna=shop.people["employee"], customer=shop.people["customer"], seed=seed)
        made = writer.write_open_orders(at)
        self.stdout.write(f"open orders: {made} new")
        if history == "now":
            self._history(writer, at)
        elif history == "worker":
            enqueue(event="demo.history", key=f"demo.history:{seed}:{DAYS}", payload={"day": DAYS, "seed": seed}, at=at)
        if scale:
            self._scale(scale, seed, at)
        self.stdout.write(
            f"demo shop loaded: {ProductPage.objects.live().count()} products, {time.monotonic() - started:.0f} s"
        )

    def _history(self, writer: History, at: dt.datetime) -> None:
        today = at.date()
        total = 0
        for day in range(DAYS, -1, -1):
            total += writer.write_day(today - dt.timedelta(days=day), at)
            self._progress("days of history", DAYS - day + 1, DAYS + 1)
        count_popularity(at=at)
        self.stdout.write(f"orders: {total} new")

    def _scale(self, scale: int, seed: int, at: dt.datetime) -> None:
        started = time.monotonic()
        made = bulk_products(scale, seed=seed, at=at)
        seconds = time.monotonic() - started
        self.stdout.write(f"generated products: {made} new in {seconds:.1f} s ({made / seconds:.0f} a second)")

    def _progress(self, what: str, done: int, total: int) -> None:
        if sys.stdout.isatty():
            self.stdout.write(f"\r{what}: {done} of {total}", ending="\n" if done == total else "")
            self.stdout.flush()
        elif done == total or done % 20 == 0:
            self.stdout.write(f"{what}: {done} of {total}")
