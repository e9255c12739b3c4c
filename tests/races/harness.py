"""Races over real HTTP: a shop of several workers on real PostgreSQL, and clients that let go together.

Every client sends all but the last byte of its request, so that the workers stand inside the view; then all
last bytes go out at once. The shop runs on the test's own database: prepare and look through the ORM.
"""

import contextlib
import datetime as dt
import gzip
import os
import pathlib
import re
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from urllib.parse import urlencode, urlsplit

from django.db import connection
from django.utils import timezone

from common.actors import SETUP
from common.outbox.services import deliver_due
from common.registry import invariants
from products.models import Sku
from products.tests.factories import make_product
from stock.models import Shop as Place
from stock.services.receive import receive
from tests.moments import AT
from tests.servers import ROOT, free_port, wait_until_up

ROUNDS = 20 if os.environ.get("SHORT") else int(os.environ.get("ROUNDS", "500"))
BUYERS = int(os.environ.get("BUYERS", "20"))
# As many threads as buyers: a worker that happens to accept all of them keeps none waiting for a thread.
WORKERS, THREADS = 3, BUYERS + 4
SETTLE = 0.05
PATIENCE = 60
# Three processes that load Wagtail, on a machine that may be busy with other suites.
START = 180
PRICE = Decimal("3.90")
NO_BANK = "http://127.0.0.1:9"
TOKEN = "t" * 32
CONTACT = {"name": "Mila Berg", "phone": "020 555 0142", "email": "mila@example.com", "comment": ""}


@dataclass(frozen=True)
class Answer:
    """One HTTP answer."""

    status: int
    headers: dict[str, str]
    cookies: dict[str, str]
    body: str

    @property
    def location(self) -> str:
        return self.headers.get("location", "")


class Wire:
    """HTTP to a shop on this machine, byte by byte; each request has a connection of its own."""

    port: int

    def post(self, path: str, form: dict[str, str], cookies: dict[str, str] | None = None) -> bytes:
        """Return the bytes of a form post from one of our own pages."""
        jar = "; ".join(f"{name}={value}" for name, value in (cookies or {}).items())
        headers = {
            "Sec-Fetch-Site": "same-origin",
            "Content-Type": "application/x-www-form-urlencoded",
            **({"Cookie": jar} if jar else {}),
        }
        return self.request("POST", path, headers, urlencode(form).encode())

    def request(self, method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b"") -> bytes:
        """Return the bytes of any request."""
        fields = {"Host": f"127.0.0.1:{self.port}", "Connection": "close", **(headers or {})}
        lines = [
            f"{method} {path} HTTP/1.1",
            *(f"{name}: {value}" for name, value in fields.items()),
            *([f"Content-Length: {len(body)}"] if body else []),
        ]
        return "\r\n".join([*lines, "", ""]).encode() + body

    def at_once(self, requests: Sequence[bytes], beside: Callable[[], object] = lambda: None) -> list[Answer]:
        """Send the requests so that all end at the same moment; return the answers in their order.

        `beside` is called at that moment, just before the last bytes go out.
        """
        clients = [socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) for _ in requests]
        try:
            for client, request in zip(clients, requests, strict=True):
                client.sendall(request[:-1])
            time.sleep(SETTLE)
            beside()
            for client, request in zip(clients, requests, strict=True):
                client.sendall(request[-1:])
            return _collect(clients)
        finally:
            for client in clients:
                client.close()

    def ask(self, request: bytes) -> Answer:
        """Send one request without waiting for others; status 0 if the connection ended without an answer."""
        received = bytearray()
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as client:
            client.sendall(request)
            with contextlib.suppress(ConnectionResetError):
                while chunk := client.recv(65536):
                    received += chunk
        return _parsed(bytes(received)) if received else Answer(0, {}, {}, "")

    def one(self, request: bytes) -> Answer:
        """Send one request."""
        return self.at_once([request])[0]


class Shop(Wire):
    """gunicorn with several workers on the test's database; the clock of the shop begins at the tests' moment."""

    def __init__(
        self,
        var: pathlib.Path,
        *,
        locks_off: bool = False,
        workers: int = WORKERS,
        threads: int = THREADS,
        bank_url: str = NO_BANK,
        keeps_pages: bool = True,
        offset: int | None = None,
        application: str = "storefront.wsgi:application",
    ) -> None:
        self.port = free_port()
        self.log = var / f"shop-{self.port}.log"
        self.offset = clock_offset() if offset is None else offset
        self.locks_off = locks_off
        self.environment = {
            **os.environ,
            "DATABASE_URL": _test_database(),
            "DEMO_BANK_URL": bank_url,
            "DJANGO_SETTINGS_MODULE": "storefront.settings.test",
            "KEEP_PAGES": str(keeps_pages),
            "SITE_URL": f"http://127.0.0.1:{self.port}",
            "VAR_DIR": str(var),
            "VITRINE_TEST_CLOCK_OFFSET": str(self.offset),
            "VITRINE_TEST_LOCKS_OFF": "1" if locks_off else "",
        }
        self.output = self.log.open("w")
        self.process = subprocess.Popen(
            [
                sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py",
                "-w", str(workers), "--threads", str(threads), "-b", f"127.0.0.1:{self.port}",
                application,
            ],
            cwd=ROOT, env=self.environment, stdout=self.output, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def wait(self) -> "Shop":
        """Return when the shop answers."""
        wait_until_up(f"http://127.0.0.1:{self.port}/healthz", seconds=START, log=self.log)
        return self

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.output.close()

    def now(self) -> dt.datetime:
        """Return the moment the shop believes in."""
        return timezone.now() + dt.timedelta(seconds=self.offset)


def clock_offset() -> int:
    """Return how many seconds the shop's clock is ahead: it begins at the tests' moment."""
    return int((AT - timezone.now()).total_seconds())


def _test_database() -> str:
    """Return the address of the database that this test works on."""
    server = urlsplit(os.environ["DATABASE_URL"])
    return server._replace(path=f"/{connection.settings_dict['NAME']}").geturl()


def _collect(clients: Sequence[socket.socket]) -> list[Answer]:
    """Read all clients to their end, whichever is ready: none may hold up a worker for another."""
    received: dict[socket.socket, bytearray] = {client: bytearray() for client in clients}
    ended = 0
    with selectors.DefaultSelector() as ready:
        for client in clients:
            client.setblocking(False)
            ready.register(client, selectors.EVENT_READ)
        while ended < len(clients):
            events = ready.select(PATIENCE)
            assert events, f"{len(clients) - ended} clients got no answer in {PATIENCE} s"
            for key, _ in events:
                chunk = key.fileobj.recv(65536)
                if chunk:
                    received[key.fileobj] += chunk
                else:
                    ended += 1
                    ready.unregister(key.fileobj)
                    # Until the client closes too, gunicorn lingers for two seconds and serves nobody else.
                    key.fileobj.close()
    return [_parsed(bytes(received[client])) for client in clients]


def _parsed(raw: bytes) -> Answer:
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("utf-8", "replace").split("\r\n")
    pairs = [line.split(": ", 1) for line in lines if ": " in line]
    if body and ["Content-Encoding", "gzip"] in pairs:
        body = gzip.decompress(body)
    cookies = dict(re.match(r"([^=]+)=([^;]*)", value).groups() for name, value in pairs if name == "Set-Cookie")
    return Answer(
        int(first.split()[1]), {name.lower(): value for name, value in pairs}, cookies, body.decode("utf-8", "replace")
    )


@dataclass
class Buyer:
    """A guest's browser: cookies only. `total` is what the page would show them."""

    shop: Shop
    total: str = "0.00"
    cookies: dict[str, str] = field(default_factory=dict)

    def adding(self, code: str, quantity: str = "1") -> bytes:
        return self.shop.post("/cart/add/", {"code": code, "quantity": quantity}, self.cookies)

    def add(self, code: str, quantity: str = "1") -> None:
        """Put something in the cart; the first answer brings the cart's cookie."""
        self.keep(self.shop.one(self.adding(code, quantity)))

    def keep(self, answer: Answer) -> None:
        assert answer.status == 303, (answer.status, answer.body[:500])
        self.cookies.update(answer.cookies)

    def checkout(self, point: str, **other: str) -> bytes:
        form = {**CONTACT, "shop": point, "payment_method": "on_collection", "confirmed_total": self.total, **other}
        # The cookie and the field only have to agree, so no page has to be read for them first.
        return self.shop.post(
            "/checkout/", {**form, "csrfmiddlewaretoken": TOKEN}, {**self.cookies, "csrftoken": TOKEN}
        )


def fill(buyers: Sequence[Buyer], code: str, quantities: Sequence[str] | None = None) -> None:
    """Let all buyers add at once."""
    wanted = quantities or ["1"] * len(buyers)
    requests = [buyer.adding(code, quantity) for buyer, quantity in zip(buyers, wanted, strict=True)]
    if requests:
        for buyer, answer in zip(buyers, buyers[0].shop.at_once(requests), strict=True):
            buyer.keep(answer)


def article(point: Place, code: str, stock: str = "0") -> Sku:
    """Return a SKU that is on sale at a shop."""
    make_product(title=code.title(), price=str(PRICE), codes=(code,), stock={point: stock})
    return Sku.objects.get(code=code)


def bring(point: Place, sku: Sku, quantity: str, shop: Shop) -> None:
    """Put goods on the shelf."""
    receive(shop_id=point.pk, sku_id=sku.pk, quantity=Decimal(quantity), actor=SETUP, at=shop.now())


def deadlocks() -> int:
    """Return how many deadlocks the database has logged since it was started."""
    return pathlib.Path(os.environ["TEST_POSTGRES_LOG"]).read_text(errors="replace").count("deadlock detected")


def comes_up(race: Callable[[int], object], rounds: int = 200) -> bool:
    """Run a race that lacks its guard until it returns a fault; True when it did.

    The number of rounds costs nothing while the fault comes up: it is high because a quick, quiet machine can run many
    rounds in which nobody meets.
    """
    for number in range(rounds):
        if race(number):
            print(f"Control: came up in round {number + 1}")  # noqa: T201
            return True
    return False


def deadlocks_come_up(race: Callable[[int], object]) -> bool:
    """Run a race that locks in the wrong order until the database logs a deadlock; True when it did."""
    before = deadlocks()

    def again(number: int) -> bool:
        race(number)
        return deadlocks() > before

    return comes_up(again)


def broken(shop: Shop) -> dict[str, list]:
    """Deliver what the worker would have delivered, then return every invariant that does not hold."""
    while deliver_due(at=shop.now(), limit=500):
        pass
    at = shop.now()
    found = {check.id: list(check.find(at))[:3] for check in invariants()}
    return {name: rows for name, rows in found.items() if rows}


@contextlib.contextmanager
def running(var: pathlib.Path, **options: object) -> Iterator[Shop]:
    """A shop for the time of the block; with its locks on it must log no traceback."""
    with answering(Shop(var, **options)) as shop:
        yield shop


@contextlib.contextmanager
def answering(shop: Shop) -> Iterator[Shop]:
    """A shop that was started, once it answers and until the end of the block."""
    try:
        yield shop.wait()
        text = shop.log.read_text(errors="replace")
        assert shop.locks_off or "Traceback" not in text, text[-6000:]
    finally:
        shop.stop()
