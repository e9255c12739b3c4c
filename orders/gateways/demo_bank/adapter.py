"""The shop's side of the demo bank: signed JSON over HTTP, answers and notices read strictly."""

import datetime as dt
import http.client
import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings

from common.clock import now
from orders.gateways.base import (
    BadSignature,
    Gateway,
    GatewayDown,
    GatewayEvent,
    GatewayRefused,
    PaymentFacts,
    RefundFacts,
    Started,
    StartRequest,
    read_json,
)
from orders.gateways.demo_bank import signing

TIMEOUT_SECONDS = 5
LARGEST_ANSWER = 64 * 1024
STATES = frozenset({"pending", "authorised", "captured", "failed", "cancelled"})


class DemoBank(Gateway):
    """A card payment on the demo bank's own page. Settings: DEMO_BANK_URL, DEMO_BANK_SECRET, DEMO_BANK_MERCHANT."""

    code = "demo_bank"

    def create(self, request: StartRequest) -> Started:
        answer = _call(
            "POST",
            "/api/payments",
            {
                "key": request.key,
                "reference": request.order_number,
                "merchant": settings.DEMO_BANK_MERCHANT,
                "amount": str(request.amount),
                "currency": request.currency,
                "return_url": request.return_url,
                "language": request.language,
                "expires_at": int(request.expires_at.timestamp()) if request.expires_at else None,
            },
        )
        url = str(answer.get("url", ""))
        if not url.startswith(f"{settings.DEMO_BANK_URL}/"):
            raise GatewayDown("The bank named a page that is not its own.")
        return Started(ref=str(answer.get("id", ""))[:128], redirect_url=url)

    def fetch(self, key: str) -> PaymentFacts:
        return _facts(_call("GET", f"/api/payments/{key}"))

    def capture(self, key: str) -> PaymentFacts:
        return _facts(_call("POST", f"/api/payments/{key}/capture", {}))

    def refund(self, key: str, amount: Decimal, refund_key: str) -> str:
        answer = _call("POST", f"/api/payments/{key}/refunds", {"key": refund_key, "amount": str(amount)})
        return str(answer.get("id", ""))[:128]

    def parse_event(self, body: bytes, headers: Mapping[str, str], *, at: dt.datetime) -> GatewayEvent:
        header = headers.get(signing.HEADER, "")
        if not signing.is_signed(body, header, settings.DEMO_BANK_SECRET.split(","), at.timestamp()):
            raise BadSignature("The notice is not signed by the bank.")
        data = read_json(body)
        if not isinstance(data, dict) or not isinstance(data.get("payment"), dict):
            raise ValueError("The notice is not an object with a payment.")
        event_id, kind = data.get("id"), data.get("type")
        if not isinstance(event_id, str) or not 1 <= len(event_id) <= 128 or not isinstance(kind, str):
            raise ValueError("The notice has no id or type.")
        return GatewayEvent(event_id, kind[:32], str(data["payment"].get("key", "")), data)

    def read_facts(self, body: Mapping[str, Any]) -> PaymentFacts:
        payment = body.get("payment")
        if not isinstance(payment, dict):
            raise ValueError("The notice has no payment.")
        return _facts_or_value_error(payment)


def _call(method: str, path: str, data: dict[str, object] | None = None) -> dict[str, Any]:
    body = b"" if data is None else json.dumps(data).encode()
    request = urllib.request.Request(  # noqa: S310 - DEMO_BANK_URL is the operator's setting
        f"{settings.DEMO_BANK_URL}{urllib.parse.quote(path)}",
        data=None if data is None else body,
        method=method,
        headers={
            "Content-Type": "application/json",
            signing.HEADER: signing.sign(body, settings.DEMO_BANK_SECRET.split(",")[0], int(now().timestamp())),
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
            parsed = json.loads(answer.read(LARGEST_ANSWER))
    except urllib.error.HTTPError as error:
        if error.code in (400, 404, 409, 422):
            raise GatewayRefused(f"The bank refused ({error.code}).") from error
        raise GatewayDown(f"The bank answered {error.code}.") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise GatewayDown("The bank does not answer.") from error
    if not isinstance(parsed, dict):
        raise GatewayDown("The bank's answer is not an object.")
    return parsed


def _facts(payment: Mapping[str, Any]) -> PaymentFacts:
    try:
        return _facts_or_value_error(payment)
    except ValueError as error:
        raise GatewayDown("The bank's answer cannot be read.") from error


def _facts_or_value_error(payment: Mapping[str, Any]) -> PaymentFacts:
    state = payment.get("state")
    if state not in STATES:
        raise ValueError(f"Unknown state {state!r}")
    refunds = payment.get("refunds") or []
    if not isinstance(refunds, list) or not all(isinstance(refund, dict) for refund in refunds):
        raise ValueError("Refunds are not a list of objects.")
    return PaymentFacts(
        key=str(payment.get("key", "")),
        ref=str(payment.get("id", "")),
        order_number=str(payment.get("reference", "")),
        amount=_amount(payment.get("amount")),
        currency=str(payment.get("currency", "")),
        state=state,
        reason=str(payment.get("reason") or "")[:64],
        problem="" if payment.get("merchant") == settings.DEMO_BANK_MERCHANT else "merchant_differs",
        refunds=tuple(
            RefundFacts(str(refund.get("id", ""))[:128], str(refund.get("key") or ""), _amount(refund.get("amount")))
            for refund in refunds
        ),
    )


def _amount(text: object) -> Decimal:
    """Read an amount as the bank writes it: a string; a JSON number would have gone through a float."""
    try:
        value = Decimal(text) if isinstance(text, str) else None
    except InvalidOperation:
        value = None
    if value is None or not value.is_finite() or not 0 <= value < 10**10:
        raise ValueError(f"Bad amount {text!r}")
    return value
