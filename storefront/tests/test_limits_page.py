"""The table of limits in the docs matches the code."""

from accounts import limits as _accounts
from common.throttle import LIMITS
from orders import limits as _orders
from tests.sources import ROOT


def test_every_limit_is_documented_correctly():
    assert _accounts and _orders
    table = {line for line in (ROOT / "docs/reference/limits.md").read_text().splitlines() if line.startswith("| `")}
    declared = {
        f"| `{limit.code}` | {limit.amount} | {limit.seconds} s | {limit.per} | {limit.counts} |"
        for limit in LIMITS.values()
    }

    assert table == declared
