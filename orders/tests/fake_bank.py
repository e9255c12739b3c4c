"""An in-memory bank that answers as a test tells it to."""

import datetime as dt
import uuid
from dataclasses import replace
from decimal import Decimal

from orders.gateways import registry
from orders.gateways.base import (
    BadSignature,
    GatewayEvent,
    GatewayUnavailable,
    PaymentFacts,
    PaymentUnknown,
    RefundFacts,
    Started,
)
from orders.gateways.demo_bank.adapter import DemoBank
from orders.models import Payment


class FakeBank(DemoBank):
    """A stand-in for the demo bank; `book` holds the facts by key, `refunds` the refunds requested."""

    def __init__(self):
        super().__init__()
        self.book: dict[str, PaymentFacts] = {}
        self.refunds: dict[str, tuple[str, Decimal]] = {}
        self.is_down = False
        self.calls: list[str] = []

    def _answer(self, call):
        self.calls.append(call)
        if self.is_down:
            raise GatewayUnavailable("down")

    def create(self, request):
        self._answer("create")
        facts = PaymentFacts(
            request.key, f"pay_{request.key[:8]}", request.order_number, request.amount, request.currency, "pending"
        )
        self.book.setdefault(request.key, facts)
        return Started(facts.ref, f"http://bank.example/pay/{request.key}")

    def fetch(self, key, ref=""):
        self._answer("fetch")
        if key not in self.book:
            raise PaymentUnknown("unknown")
        return self.book[key]

    def capture(self, key, ref="", *, amount=None):
        self._answer("capture")
        self.book[key] = replace(self.book[key], state="captured", captured=amount)
        return self.book[key]

    def void(self, key, ref=""):
        self._answer("void")
        self.book[key] = replace(self.book[key], state="cancelled")
        return self.book[key]

    def refund(self, key, amount, refund_key, ref=""):
        self._answer("refund")
        self.refunds[refund_key] = (key, amount)
        return f"ref_{refund_key[:8]}"

    def parse_event(self, body: bytes, headers, *, at: dt.datetime) -> GatewayEvent:
        raise BadSignature("the fake sends nothing")


def put_in_place(fake, monkeypatch) -> None:
    """Make the registry return this in-memory bank as the demo bank."""
    stand_in = type("StandIn", (DemoBank,), {"__new__": lambda cls, **_: fake})
    known = [stand_in if gateway is DemoBank else gateway for gateway in registry.KNOWN]
    monkeypatch.setattr(registry, "KNOWN", known)


def notice(payment: Payment, state: str, *, refunds: tuple[RefundFacts, ...] = (), **changes) -> dict:
    """Return the body of a bank's notice about a payment, with the changes a test needs."""
    body = {
        "id": f"pay_{str(payment.public_id)[:8]}",
        "key": str(payment.public_id),
        "reference": payment.order.number,
        "merchant": "vitrine",
        "amount": str(payment.amount),
        "currency": payment.currency,
        "state": state,
        "reason": "insufficient_funds" if state == "failed" else "",
        "refunds": [{"id": fact.ref, "key": fact.key, "amount": str(fact.amount)} for fact in refunds],
    }
    return {"id": f"evt_{uuid.uuid4().hex}", "type": f"payment.{state}", "payment": {**body, **changes}}
