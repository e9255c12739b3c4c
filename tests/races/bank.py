"""The demo bank in a process of its own, on the shop's clock; it sends no notices: the races send them, signed."""

import contextlib
import json
import pathlib
import urllib.error
import urllib.request
from collections.abc import Iterator

from django.conf import settings

from orders.gateways.demo_bank import signing
from orders.models import Payment
from orders.tests.fake_bank import notice
from tests.races.harness import Shop, clock_offset
from tests.servers import BankProcess


class Bank(BankProcess):
    """A bank whose ledger is in `var` and which drops its own notices."""

    def __init__(self, var: pathlib.Path) -> None:
        environment = {
            "DEMO_BANK_FAULTS": "drop=1",
            "DEMO_BANK_SECRET": settings.DEMO_BANK_SECRET,
            "VITRINE_TEST_CLOCK_OFFSET": str(clock_offset()),
        }
        super().__init__(var, environment)

    def approve(self, payment: Payment, outcome: str = "silent") -> None:
        """Press "Pay" on the bank's page, as the buyer does; "late" money arrives after the hold has expired."""
        opener = urllib.request.build_opener(_Stay)
        try:
            opener.open(payment.redirect_url, f"action=go&outcome={outcome}".encode(), timeout=10).close()
        except urllib.error.HTTPError as answer:
            answer.close()
            if answer.code == 303:
                return
        raise AssertionError(f"the bank did not accept {outcome}")


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: object) -> None:
        return None


def signed_notice(shop: Shop, payment: Payment, state: str, secret: str = "") -> bytes:
    """Return the bytes of a notice as the bank posts it, signed on the shop's clock; `secret` forges it."""
    body = json.dumps(notice(payment, state, id=payment.provider_ref)).encode()
    signature = signing.sign(body, secret or settings.DEMO_BANK_SECRET, int(shop.now().timestamp()))
    headers = {"Content-Type": "application/json", signing.HEADER: signature}
    return shop.request("POST", "/payments/demo_bank/webhook/", headers, body)


@contextlib.contextmanager
def open_bank(var: pathlib.Path) -> Iterator[Bank]:
    """Run a bank during the block."""
    bank = Bank(var)
    try:
        yield bank
    finally:
        bank.stop()
