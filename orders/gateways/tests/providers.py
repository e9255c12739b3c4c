"""The providers that the kit tries: each speaks for one gateway."""

import datetime as dt
import hashlib
import hmac
import json
import pathlib
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, ClassVar

from common import clock
from common.money import ZERO
from orders.gateways import registry
from orders.gateways.demo_bank import signing
from orders.gateways.demo_bank.server.app import Bank
from orders.gateways.demo_bank.server.config import Config, Faults
from orders.gateways.tests import toy_server
from orders.gateways.tests.kit import Provider, Truth
from orders.gateways.tests.stripe_server import SECRET_KEY, WEBHOOK_SECRET, StripeServer, stripe_server
from orders.gateways.tests.toy_pay import ToyPay
from orders.models import Payment
from orders.tests.bank_server import SECRET
from tests.servers import free_port, serving

PART = Decimal("1.00")


class _Config(Config):
    def now(self) -> float:
        """Return the shop's time, wherever it was stopped."""
        return clock.now().timestamp()


class DemoBankHere(Provider):
    """The demo bank's own server, with its ledger."""

    code: ClassVar = "demo_bank"
    acts: ClassVar = frozenset({"pay", "decline", "cancel", "authorise", "refund a part", "refund all"})

    @contextmanager
    def running(self, settings: Any, folder: pathlib.Path) -> Iterator[None]:
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        # Nobody listens there: the kit takes the notices out of the ledger.
        nowhere = "http://127.0.0.1:9/"
        settings.DEMO_BANK_URL, settings.DEMO_BANK_SECRET = url, SECRET
        with serving(Bank(_Config(folder / "book.sqlite3", port, "127.0.0.1", (SECRET,), nowhere, url))) as self.bank:
            # The kit delivers, and decides when a session ends.
            self.bank.messenger.is_stopping.set()
            yield

    def act(self, name: str, payment: Payment) -> None:
        book, found = self.bank.book, self.bank.book.find(str(payment.public_id))
        one = found["id"]
        if name in ("pay", "authorise"):
            book.approve(one, Faults()) if name == "pay" else book.authorise(one)
        elif name == "decline":
            book.decline(one, "insufficient_funds", Faults())
        elif name == "cancel":
            book.cancel(one, Faults())
        else:
            book.refund(one, str(uuid.uuid4()), str(PART if name == "refund a part" else payment.amount))

    def said(self) -> list[bytes]:
        with self.bank.book._lock:
            rows = self.bank.book._db.execute("SELECT body FROM notice ORDER BY number").fetchall()
        return [row["body"] for row in rows]

    def headers(self, body: bytes, at: dt.datetime) -> dict[str, str]:
        return {signing.HEADER: signing.sign(body, SECRET, int(at.timestamp()))}

    def truth(self, payment: Payment) -> Truth:
        shown: Any = self.bank.book.snapshot(self.bank.book.find(str(payment.public_id))["id"])
        refunded = sum((Decimal(one["amount"]) for one in shown["refunds"]), ZERO)
        taken = Decimal(shown["captured"] or shown["amount"]) if shown["state"] == "captured" else ZERO
        return Truth(shown["state"], taken, refunded)


class StripeHere(Provider):
    """The server that speaks Stripe's API."""

    code: ClassVar = "stripe"
    acts: ClassVar = frozenset({"pay", "cancel", "authorise", "refund a part", "refund all"})

    @contextmanager
    def running(self, settings: Any, folder: pathlib.Path) -> Iterator[None]:
        settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = SECRET_KEY, WEBHOOK_SECRET
        with stripe_server() as self.server:
            settings.STRIPE_API_URL = settings.STRIPE_PAGE_URL = self.server.url
            yield

    def act(self, name: str, payment: Payment) -> None:
        server: StripeServer = self.server
        if name in ("pay", "authorise"):
            if server.sessions[payment.provider_ref]["status"] == "open":
                server.pay(payment.provider_ref)
        elif name == "cancel":
            server.expire(payment.provider_ref)
        else:
            amount = PART if name == "refund a part" else payment.amount
            server.refund_there(server.sessions[payment.provider_ref]["payment_intent"], int(amount * 100))

    def said(self) -> list[bytes]:
        return [json.dumps(event).encode() for event in self.server.events]

    def headers(self, body: bytes, at: dt.datetime) -> dict[str, str]:
        return {"Stripe-Signature": self.server.signed(json.loads(body), at=at.timestamp())[1]}

    def truth(self, payment: Payment) -> Truth:
        session = self.server.sessions[payment.provider_ref]
        intent = self.server.intents.get(session["payment_intent"] or "")
        if intent is None:
            return Truth("cancelled" if session["status"] == "expired" else "pending", ZERO, ZERO)
        given = [one for one in self.server.refunds.values() if one["payment_intent"] == intent["id"]]
        refunded = sum((one["amount"] for one in given if one["status"] != "failed"), 0)
        states = {"requires_capture": "authorised", "succeeded": "captured", "canceled": "cancelled"}
        return Truth(states[intent["status"]], Decimal(intent["amount_received"]) / 100, Decimal(refunded) / 100)


class ToyHere(Provider):
    """Toy Pay of the how-to: it says what has become of a payment, and is not told why."""

    code: ClassVar = "toy_pay"
    acts: ClassVar = frozenset({"pay", "decline", "cancel", "authorise"})

    @contextmanager
    def running(self, settings: Any, folder: pathlib.Path) -> Iterator[None]:
        known, self.bodies = registry.KNOWN, []
        registry.KNOWN = [*known, ToyPay]
        settings.TOY_KEY = toy_server.KEY
        try:
            with toy_server.toy_server() as self.server:
                settings.TOY_URL = self.server.url
                yield
        finally:
            registry.KNOWN = known

    def act(self, name: str, payment: Payment) -> None:
        states = {"pay": "captured", "decline": "failed", "cancel": "cancelled", "authorise": "authorised"}
        mine = self.server.payments[str(payment.public_id)]
        for state in ("authorised", states[name]) if name == "pay" else (states[name],):
            mine["state"] = state
            self.bodies.append(json.dumps({**mine, "event": f"evt_{uuid.uuid4().hex}"}).encode())

    def said(self) -> list[bytes]:
        return self.bodies

    def headers(self, body: bytes, at: dt.datetime) -> dict[str, str]:
        return {"Toy-Signature": hmac.new(toy_server.KEY.encode(), body, hashlib.sha256).hexdigest()}

    def truth(self, payment: Payment) -> Truth:
        mine = self.server.payments[str(payment.public_id)]
        keys = {str(key) for key in payment.refunds.values_list("key", flat=True)}
        refunded = sum((Decimal(one["amount"]) for key, one in self.server.refunds.items() if key in keys), ZERO)
        taken = Decimal(mine.get("captured") or mine["amount"]) if mine["state"] == "captured" else ZERO
        return Truth(mine["state"], taken, refunded)


PROVIDERS: list[type[Provider]] = [
    DemoBankHere,
    StripeHere,
    ToyHere,
]
