"""Write `.env.example` and the table of variables in docs/, or check that they match the code."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from storefront.environment import render_example, render_table

FILES = {".env.example": render_example, "docs/reference/environment.md": render_table}


class Command(BaseCommand):
    """`make env` writes, `make check` checks."""

    help = "Write .env.example and docs/reference/environment.md from storefront/environment.py."
    requires_system_checks = ()

    def add_arguments(self, parser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail if a file is out of date")

    def handle(self, *, check: bool, **options) -> None:
        for name, render in FILES.items():
            path = settings.BASE_DIR / name
            if not check:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(render())
            elif not path.exists() or path.read_text() != render():
                raise CommandError(f"{name} is out of date: run `make env` and commit it.")
