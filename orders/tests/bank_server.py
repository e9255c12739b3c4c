"""The real demo bank for tests, in a thread, with a stand-in for the shop that collects its notices."""

import contextlib
import http.client
import http.server
import json
import pathlib
import time
import uuid
from collections.abc import Iterator
from decimal import Decimal
from urllib.parse import urlencode, urlsplit

from orders.gateways.base import StartRequest
from orders.gateways.demo_bank import signing
from orders.gateways.demo_bank.server.app import Bank
from orders.gateways.demo_bank.server.config import Config
from tests.servers import LocalServer, free_port, serving

SECRET = "a secret of the test"


class Shop(http.server.BaseHTTPRequestHandler):
    """Collects notices; `server.answers` holds the next answers, and 200 is sent if it is empty."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.notices.append((body, self.headers[signing.HEADER]))
        self.send_response(self.server.answers.pop(0) if self.server.answers else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


def request_of(**changes):
    values = {
        "key": str(uuid.uuid4()), "order_number": "4QX7K2MD", "amount": Decimal("23.18"), "currency": "EUR",
        "return_url": "http://127.0.0.1:8000/orders/x/return/", "language": "en", "expires_at": None,
    }  # fmt: skip
    return StartRequest(**{**values, **changes})


def http_call(bank, method, path, body=b"", headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", bank.config.port, timeout=5)
    try:
        connection.request(method, path, body=body or None, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def signed(body, secret=SECRET, seconds=None):
    return {signing.HEADER: signing.sign(body, secret, int(time.time() if seconds is None else seconds))}


def post_json(bank, path, data):
    body = json.dumps(data).encode()
    return http_call(bank, "POST", path, body, signed(body))


def submit(bank, started, **form):
    form_type = {"Content-Type": "application/x-www-form-urlencoded"}
    return http_call(bank, "POST", urlsplit(started.redirect_url).path, urlencode(form).encode(), form_type)


def wait_for(condition, seconds=5):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def kinds(shop):
    return [json.loads(body)["type"] for body, _ in shop.notices]


@contextlib.contextmanager
def running_sink() -> Iterator[http.server.ThreadingHTTPServer]:
    """Serve a shop that only collects notices."""
    server = LocalServer(Shop)
    server.notices, server.answers = [], []
    with serving(server):
        yield server


@contextlib.contextmanager
def running_bank(folder: pathlib.Path, webhook_url: str) -> Iterator[Bank]:
    """Serve a bank with its own ledger."""
    port = free_port()
    config = Config(
        book=folder / "book.sqlite3",
        port=port,
        bind="127.0.0.1",
        secrets=(SECRET,),
        webhook_url=webhook_url,
        public_url=f"http://127.0.0.1:{port}",
    )
    with serving(Bank(config)) as server:
        yield server
