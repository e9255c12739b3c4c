"""What the shop asks of any gateway, and the plain values they exchange. Knows neither Django nor HTTP."""

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

# A call to a gateway has three kinds of outcome: an answer, a GatewayRefused (a fact about this payment) or a
# GatewayUnavailable (an outage, which says nothing about any payment).


class GatewayRefused(Exception):
    """The gateway knows us, understood and said no: asking again changes nothing."""


class PaymentUnknown(GatewayRefused):
    """The gateway knows us and has no payment with this key."""


class GatewayUnavailable(Exception):
    """No answer, or none that can be trusted: ask again later."""


class GatewayNotAuthenticated(GatewayUnavailable):
    """The other side does not take us for this shop: a wrong secret, address or clock. A person must look."""


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


class Gateway(ABC):
    """One way of being paid. Amounts are decimals in the payment's currency.

    `create`, `fetch`, `capture`, `void` and `refund` raise GatewayRefused for a fact about the payment
    (PaymentUnknown when there is none), GatewayUnavailable for everything else that is not a clear answer.
    No call may take longer than `seconds`.
    """

    code: str

    def __init__(self, *, seconds: float = 5) -> None:
        self.seconds = seconds

    @abstractmethod
    def create(self, request: StartRequest) -> Started:
        """Open a payment; the same key gives the same payment."""

    @abstractmethod
    def fetch(self, key: str) -> PaymentFacts:
        """Return what the gateway knows of our payment."""

    @abstractmethod
    def capture(self, key: str) -> PaymentFacts:
        """Take authorised money, all of it; repeatable."""

    @abstractmethod
    def void(self, key: str) -> PaymentFacts:
        """Let go of authorised money, or close a payment that was never paid; repeatable. Refused once captured."""

    @abstractmethod
    def refund(self, key: str, amount: Decimal, refund_key: str) -> str:
        """Give money back and return the gateway's name of the refund; repeatable by `refund_key`."""

    @abstractmethod
    def parse_event(self, body: bytes, headers: Mapping[str, str], *, at: dt.datetime) -> GatewayEvent:
        """Check the signature over the raw bytes, then read them. Raises BadSignature, ValueError."""

    @abstractmethod
    def read_facts(self, body: Mapping[str, Any]) -> PaymentFacts:
        """Return the facts in a stored notice. Raises ValueError when it is not one."""
