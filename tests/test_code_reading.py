"""The code readers find what the laws forbid, however it is spelt."""

import ast

import pytest

from tests.code_reading import clock_reads, service_calls


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("from common import clock\nclock.now()", {"clock.now"}),
        ("from common.clock import now\nnow()", {"now"}),
        ("from common.clock import now as moment\nmoment()", {"moment"}),
        ("import datetime as dt\ndt.datetime.now(dt.UTC)", {"dt.datetime.now"}),
        ("import datetime as dt\ndt.date.today()", {"dt.date.today"}),
        ("from django.utils import timezone\nfield(default=timezone.now)", {"timezone.now"}),
        ("from django.utils import timezone\ntimezone.localdate()", {"timezone.localdate"}),
        ("from django.utils import timezone\ntimezone.localdate(at)", set()),
    ],
)
def test_reads_of_the_clock_are_found_in_every_spelling(code, found):
    assert {name for name, _ in clock_reads(ast.parse(code))} == found


def test_calls_to_services_are_found_in_helpers_and_classes():
    tree = ast.parse(
        "from orders.services.cancel import cancel_order\n"
        "from orders.services import create\n"
        "def _help():\n    cancel_order()\n"
        "def page(request):\n    create.create_order()\n    _help()\n"
        "class Page:\n    def post(self):\n        _help()\n        create.create_order()\n"
    )

    two = ["cancel_order", "create.create_order"]
    assert service_calls(tree) == {"page": two, "Page.post": two}
