"""The interface of every gateway, and the plain values that shop and gateway exchange. No HTTP here.

The values raise ValueError for anything the database could not store, so a gateway need not check what it reads.
"""

import datetime as dt
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings

from common.variables import Setting
from common.words import Words

_AMOUNT = re.compile(r"[0-9]{1,10}(?:\.[0-9]{1,4})?", re.ASCII)
STATES = frozenset({"pending", "authorised", "captured", "failed", "cancelled"})
# Exceptions that reading somebody else's JSON may raise; callers of a gateway catch these too.
UNREADABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)

# A call to a gateway has three kinds of outcome: an answer, a GatewayRefused (a fact about this payment) or a
# GatewayUnavailable (an outage, which says nothing about any payment).


class GatewayRefused(Exception):
    """The gateway recognised us, understood the request and refused it: asking again changes nothing."""


class PaymentUnknown(GatewayRefused):
    """The gateway recognised us, but has no payment with this key."""


class GatewayUnavailable(Exception):
    """No answer, or not one that can be trusted: ask again later."""


class GatewayNotAuthenticated(GatewayUnavailable):
    """The gateway does not recognise this shop: wrong secret, address or clock. Somebody has to look into it."""


class BadSignature(Exception):
    """A notice that the gateway did not sign, or signed too long ago."""


@dataclass(frozen=True)
class StartRequest:
    """Everything the gateway needs to open a payment. `key` is our public id and makes the request idempotent."""

    key: str
    order_number: str
    amount: Decimal
    currency: str
    return_url: str
    language: str
    expires_at: dt.datetime | None


@dataclass(frozen=True)
class Started:
    """The gateway's reference for the payment, and the page to send the buyer to."""

    ref: str
    redirect_url: str

    def __post_init__(self) -> None:
        _check_text(self.ref, 128, is_needed=True)
        _check_text(self.redirect_url, 500, is_needed=True)
        if not self.redirect_url.startswith(("https://", "http://")):
            raise ValueError("The payment page is not a web address.")


@dataclass(frozen=True)
class RefundFacts:
    """A refund as the gateway reports it. `key` is ours if we requested the refund.

    `has_failed`: the money did not arrive, or came back.
    """

    ref: str
    key: str
    amount: Decimal
    has_failed: bool = False

    def __post_init__(self) -> None:
        _check_text(self.ref, 128, is_needed=True)
        _check_text(self.key, 128)
        _check_amount(self.amount)


@dataclass(frozen=True)
class PaymentFacts:
    """One payment as the gateway reports it. `state`: pending, authorised, captured, failed, cancelled.

    `amount` is what was asked for, `captured` what was taken of it if that was less. `problem` is a code the adapter
    sets for problems only it can see, such as another merchant's payment.
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
    captured: Decimal | None = None

    @property
    def taken(self) -> Decimal:
        """Return the money a captured payment moved."""
        return self.amount if self.captured is None else self.captured

    def __post_init__(self) -> None:
        if self.state not in STATES:
            raise ValueError(f"Unknown state {self.state!r}.")
        _check_text(self.key, 128, is_needed=True)
        for text in (self.ref, self.order_number, self.currency):
            _check_text(text, 128)
        for code in (self.reason, self.problem):
            _check_text(code, 64)
        _check_amount(self.amount)
        _check_amount(self.taken)


@dataclass(frozen=True)
class GatewayEvent:
    """A notice with a valid signature. `body` is stored; it contains no personal data.

    An empty body says that something has changed: the gateway is asked what.
    """

    event_id: str
    kind: str
    key: str
    body: dict[str, Any]

    def __post_init__(self) -> None:
        _check_text(self.event_id, 128, is_needed=True)
        _check_text(self.kind, 32)
        _check_text(self.key, 128)
        if not isinstance(self.body, dict):
            raise ValueError("The notice is not an object.")


def _check_text(value: object, longest: int, *, is_needed: bool = False) -> None:
    if not isinstance(value, str) or len(value) > longest or (is_needed and not value):
        raise ValueError(f"Not text of at most {longest} characters: {value!r:.200}.")


def _check_amount(value: object) -> None:
    if not isinstance(value, Decimal) or not value.is_finite() or not 0 <= value < 10**10:
        raise ValueError(f"Not an amount of money: {value!r:.200}.")


def read_amount(text: object) -> Decimal:
    """Read an amount sent as text, such as 23.18. Raises ValueError; a JSON number is refused too: it was a float."""
    if not isinstance(text, str) or not _AMOUNT.fullmatch(text):
        raise ValueError(f"Not an amount of money: {text!r:.200}.")
    return Decimal(text)


class Gateway(ABC):
    """One way to pay. Amounts are decimals in the payment's currency.

    A payment is named by `key`, our public id, and by `ref`, the gateway's own reference: "" while it is not known.
    `create`, `fetch`, `capture`, `void` and `refund` raise GatewayRefused for a fact about the payment
    (PaymentUnknown if there is no such payment) and GatewayUnavailable if there is no clear answer; exceptions from
    reading an answer (UNREADABLE) count as the latter. No call may take longer than `seconds`.
    """

    # At most 16 lower-case letters, digits and underscores: stored with each payment, part of the webhook's address.
    code: ClassVar[str]
    # Words for the buyer at the checkout, and for staff when an order's history says that the gateway did something.
    label: ClassVar[Words]
    hint: ClassVar[Words]
    history_label: ClassVar[Words]
    icon: ClassVar[str] = "card"
    # False when an employee takes the money: the order is placed without waiting for a payment.
    is_online: ClassVar[bool] = True
    variables: ClassVar[tuple[Setting, ...]] = ()

    @staticmethod
    def setting(name: str) -> str:
        """Return the value of one of `variables`."""
        return getattr(settings, name)

    def form_origins(self) -> tuple[str, ...]:
        """Return the origins of the pages buyers are sent to: browsers block a form that leads anywhere else."""
        return ()

    def __init__(self, *, seconds: float = 5) -> None:
        self.seconds = seconds

    @abstractmethod
    def create(self, request: StartRequest) -> Started:
        """Open a payment; the same key returns the same payment."""

    @abstractmethod
    def fetch(self, key: str, ref: str = "") -> PaymentFacts:
        """Return what the gateway knows about our payment."""

    @abstractmethod
    def capture(self, key: str, ref: str = "", *, amount: Decimal | None = None) -> PaymentFacts:
        """Capture the whole authorised amount, or `amount` of it and release the rest; idempotent."""

    @abstractmethod
    def void(self, key: str, ref: str = "") -> PaymentFacts:
        """Release authorised money, or close a payment that was never made; idempotent. Refused once captured."""

    @abstractmethod
    def refund(self, key: str, amount: Decimal, refund_key: str, ref: str = "") -> str:
        """Refund an amount and return the gateway's reference for the refund; idempotent by `refund_key`."""

    @abstractmethod
    def parse_event(self, body: bytes, headers: Mapping[str, str], *, at: dt.datetime) -> GatewayEvent:
        """Check the signature over the raw bytes, then read them. Raises BadSignature, ValueError."""

    @abstractmethod
    def read_facts(self, body: Mapping[str, Any]) -> PaymentFacts:
        """Return the facts in the body of a stored notice. Raises ValueError if it is not one."""
