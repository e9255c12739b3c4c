"""What the shop asks of any gateway, and the plain values they exchange. Knows neither Django nor HTTP."""

import datetime as dt
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


class GatewayDown(Exception):
    """The gateway did not answer, or answered with a fault of its own: ask again later."""


class GatewayRefused(Exception):
    """The gateway understood and said no: asking again changes nothing."""


class BadSignature(Exception):
    """A notice that the gateway did not sign, or signed too long ago."""


@dataclass(frozen=True)
class StartRequest:
    """What the gateway needs to open a payment. `key` is our public id and makes the request repeatable."""

    key: str
    order_number: str
    amount: Decimal
    currency: str
    return_url: str
    language: str
    expires_at: dt.datetime | None


@dataclass(frozen=True)
class Started:
    """The gateway's name of the payment and the page to send the buyer to."""

    ref: str
    redirect_url: str


@dataclass(frozen=True)
class RefundFacts:
    """Money the gateway says it gave back. `key` is ours when we asked for it."""

    ref: str
    key: str
    amount: Decimal


@dataclass(frozen=True)
class PaymentFacts:
    """What the gateway says about one payment. `state`: pending, authorised, captured, failed, cancelled.

    `problem` is a code set by the adapter for what only it can see (another merchant's payment).
    """

    key: str
    ref: str
    order_number: str
    amount: Decimal
    currency: str
    state: str
    reason: str = ""
    problem: str = ""
    refunds: tuple[RefundFacts, ...] = ()


@dataclass(frozen=True)
class GatewayEvent:
    """A notice with a proven signature. `body` is what will be kept; it holds no personal data."""

    event_id: str
    kind: str
    key: str
    body: dict[str, Any]


def read_json(body: bytes) -> Any:
    """Return a notice's JSON if a database can keep it. Raises ValueError, also for NUL, lone surrogates, infinity."""
    try:
        data = json.loads(body)
        text = json.dumps(data, ensure_ascii=False, allow_nan=False)
    except RecursionError as error:
        raise ValueError("The notice is nested too deeply.") from error
    text.encode()
    if r"\u0000" in text:
        raise ValueError("The notice holds a NUL.")
    return data


class Gateway(ABC):
    """One way of being paid. Amounts are decimals in the payment's currency."""

    code: str

    @abstractmethod
    def create(self, request: StartRequest) -> Started:
        """Open a payment; the same key gives the same payment. Raises GatewayDown, GatewayRefused."""

    @abstractmethod
    def fetch(self, key: str) -> PaymentFacts:
        """Return what the gateway knows of our payment. Raises GatewayDown, GatewayRefused."""

    @abstractmethod
    def capture(self, key: str) -> PaymentFacts:
        """Take authorised money; repeatable. Raises GatewayDown, GatewayRefused."""

    @abstractmethod
    def refund(self, key: str, amount: Decimal, refund_key: str) -> str:
        """Give money back and return the gateway's name of the refund; repeatable by `refund_key`."""

    @abstractmethod
    def parse_event(self, body: bytes, headers: Mapping[str, str], *, at: dt.datetime) -> GatewayEvent:
        """Check the signature over the raw bytes, then read them. Raises BadSignature, ValueError."""

    @abstractmethod
    def read_facts(self, body: Mapping[str, Any]) -> PaymentFacts:
        """Return the facts in a stored notice. Raises ValueError when it is not one."""
