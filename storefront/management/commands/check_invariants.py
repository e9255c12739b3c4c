"""Ask every invariant whether the shop's figures are consistent."""

import json
import sys

from django.core.management.base import BaseCommand
from django.core.serializers.json import DjangoJSONEncoder

from common import clock
from storefront.services.snapshot import Report, check_all


class Command(BaseCommand):
    """Exit with status 0 if all hold, 1 if one does not."""

    help = "Check that stock, orders, payments and the rest are consistent; changes nothing."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--json", dest="as_json", action="store_true", help="answer in JSON")

    def handle(self, *, as_json: bool, **options) -> None:
        report = check_all(at=clock.now())
        self._print_json(report) if as_json else self._print_text(report)
        if not report.ok:
            sys.exit(1)

    def _print_json(self, report: Report) -> None:
        self.stdout.write(json.dumps(report.as_dict(), cls=DjangoJSONEncoder))

    def _print_text(self, report: Report) -> None:
        for check in report.checks:
            state = "ok  " if check.ok else f"{check.count:4}"
            self.stdout.write(f"{state} {check.id} {check.title}")
            for row in check.rows:
                self.stdout.write(f"       {row}")
        broken = sum(not check.ok for check in report.checks)
        self.stdout.write(f"{broken} of {len(report.checks)} invariants broken." if broken else "All invariants hold.")
