"""Compile every template of ours, to find a typing error before a visitor does."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.template import TemplateSyntaxError, engines


class Command(BaseCommand):
    """Part of `make check`."""

    help = "Parse every template under templates/."

    def handle(self, **options) -> None:
        folder = settings.BASE_DIR / "templates"
        engine = engines["django"]
        bad = []
        paths = sorted(path for path in folder.rglob("*") if path.suffix in (".html", ".txt", ".xml", ".svg"))
        for path in paths:
            try:
                engine.from_string(path.read_text())
            except TemplateSyntaxError as error:
                bad.append(f"{path.relative_to(settings.BASE_DIR)}: {error}")
        if bad:
            raise CommandError("\n".join(bad))
        self.stdout.write(f"{len(paths)} templates parsed.")
