"""Write the pages of docs/reference that come from tables of the code, or check that they match them."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from storefront.reference_pages import PAGES


class Command(BaseCommand):
    """`make env` writes, `make check` checks."""

    help = "Write docs/reference/rights.md and personal-data.md from the code."
    requires_system_checks = ()

    def add_arguments(self, parser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail if a page is out of date")

    def handle(self, *, check: bool, **options) -> None:
        for name, render in PAGES.items():
            path = settings.BASE_DIR / name
            if not check:
                path.write_text(render())
            elif not path.exists() or path.read_text() != render():
                raise CommandError(f"{name} is out of date: run `make env` and commit it.")
