"""The demo bank in its own process, by the shop's clock; it sends no notice: the races send them, signed."""

import contextlib
import json
import os
import pathlib
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

from django.conf import settings

from orders.gateways.demo_bank import signing
from orders.models import Payment
from orders.tests.fake_bank import notice
from tests.browser.site import ROOT, free_port
from tests.races.harness import Shop, clock_offset


class Bank:
    """`url` is its address for the shop and for the buyer's browser."""

    def __init__(self, var: pathlib.Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        environment = {
            **os.environ,
            "DEMO_BANK_BOOK": str(var / "bank.sqlite3"),
            "DEMO_BANK_FAULTS": "drop=1",
            "DEMO_BANK_PORT": str(self.port),
            "DEMO_BANK_SECRET": settings.DEMO_BANK_SECRET,
            "DEMO_BANK_URL": self.url,
            "VITRINE_TEST_CLOCK_OFFSET": str(clock_offset()),
        }
        self.output = (var / "bank.log").open("w")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "orders.gateways.demo_bank.server"],
            cwd=ROOT, env=environment, stdout=self.output, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def wait(self) -> "Bank":
        """Return when the bank answers."""
        for _ in range(100):
            try:
                urllib.request.urlopen(f"{self.url}/healthz", timeout=2).read()
                return self
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("the demo bank does not answer")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(15)
        self.output.close()

    def approve(self, payment: Payment, outcome: str = "silent") -> None:
        """Press "Pay" on the bank's page, as the buyer does; "late" has the money after the hold has ended."""
        opener = urllib.request.build_opener(_Stay)
        try:
            opener.open(payment.redirect_url, f"action=go&outcome={outcome}".encode(), timeout=10).close()
        except urllib.error.HTTPError as answer:
            answer.close()
            if answer.code == 303:
                return
        raise AssertionError(f"the bank did not take {outcome}")


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: object) -> None:
        return None


def told(shop: Shop, payment: Payment, state: str, secret: str = "") -> bytes:
    """Return the bytes of a notice as the bank posts it, signed by the shop's clock; `secret` forges it."""
    body = json.dumps(notice(payment, state, id=payment.provider_ref)).encode()
    signature = signing.sign(body, secret or settings.DEMO_BANK_SECRET, int(shop.now().timestamp()))
    headers = {"Content-Type": "application/json", signing.HEADER: signature}
    return shop.request("POST", "/payments/demo_bank/webhook/", headers, body)


@contextlib.contextmanager
def open_bank(var: pathlib.Path) -> Iterator[Bank]:
    """A bank for the time of the block."""
    bank = Bank(var)
    try:
        yield bank.wait()
    finally:
        bank.stop()
