"""The shop's side of the demo bank: signed JSON over HTTP, answers and notices read strictly."""

import datetime as dt
import json
import urllib.parse
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings

from common.clock import now
from common.json_body import read_json
from orders.gateways.base import (
    BadSignature,
    Gateway,
    GatewayEvent,
    GatewayNotAuthenticated,
    GatewayRefused,
    GatewayUnavailable,
    PaymentFacts,
    PaymentUnknown,
    RefundFacts,
    Started,
    StartRequest,
)
from orders.gateways.demo_bank import signing
from orders.gateways.transport import Answer, call

STATES = frozenset({"pending", "authorised", "captured", "failed", "cancelled"})


class DemoBank(Gateway):
    """A card payment on the demo bank's own page. Settings: DEMO_BANK_URL, DEMO_BANK_SECRET, DEMO_BANK_MERCHANT."""

    code = "demo_bank"

    def create(self, request: StartRequest) -> Started:
        answer = self._call(
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
        url, ref = str(answer.get("url", "")), str(answer.get("id", ""))[:128]
        if not url.startswith(f"{settings.DEMO_BANK_URL}/") or not ref:
            raise GatewayUnavailable("The bank names no payment, or a page that is not its own.")
        return Started(ref=ref, redirect_url=url)

    def fetch(self, key: str) -> PaymentFacts:
        return _facts(self._call("GET", f"/api/payments/{key}"))

    def capture(self, key: str) -> PaymentFacts:
        return _facts(self._call("POST", f"/api/payments/{key}/capture", {}))

    def void(self, key: str) -> PaymentFacts:
        return _facts(self._call("POST", f"/api/payments/{key}/void", {}))

    def refund(self, key: str, amount: Decimal, refund_key: str) -> str:
        answer = self._call("POST", f"/api/payments/{key}/refunds", {"key": refund_key, "amount": str(amount)})
        if not isinstance(answer.get("id"), str) or not answer["id"]:
            raise GatewayUnavailable("The bank does not name the refund.")
        return answer["id"][:128]

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

    def _call(self, method: str, path: str, data: dict[str, object] | None = None) -> dict[str, Any]:
        body = b"" if data is None else json.dumps(data).encode()
        signature = signing.sign(body, settings.DEMO_BANK_SECRET.split(",")[0], int(now().timestamp()))
        answer = call(
            method,
            f"{settings.DEMO_BANK_URL}{urllib.parse.quote(path)}",
            body=None if data is None else body,
            headers={"Content-Type": "application/json", signing.HEADER: signature},
            seconds=self.seconds,
        )
        _prove(answer, signature)
        parsed = _object(answer)
        if answer.status in (200, 201):
            return parsed
        if answer.status == 404 and parsed.get("code") == "unknown_payment":
            raise PaymentUnknown("The bank has no such payment.")
        if answer.status in (400, 409, 422):
            raise GatewayRefused(f"The bank refused ({answer.status}).")
        raise GatewayUnavailable(f"The bank answered {answer.status}.")


def _prove(answer: Answer, signature: str) -> None:
    """Refuse what the bank did not sign for this request: a proxy, another server, or a bank that has other secrets."""
    signed = signing.answer_to(signature, answer.status, answer.body)
    header = answer.headers.get(signing.HEADER, "")
    if signing.is_signed(signed, header, settings.DEMO_BANK_SECRET.split(","), now().timestamp()):
        return
    if answer.status in (401, 403, 404):
        raise GatewayNotAuthenticated(
            f"The bank does not know this shop ({answer.status}): compare DEMO_BANK_SECRET, DEMO_BANK_URL and clocks."
        )
    raise GatewayUnavailable(f"An answer ({answer.status}) that the bank did not sign.")


def _object(answer: Answer) -> dict[str, Any]:
    if not answer.headers.get("Content-Type", "").startswith("application/json"):
        raise GatewayUnavailable("The bank's answer does not say it is JSON.")
    try:
        parsed = json.loads(answer.body)
    except (ValueError, RecursionError) as error:
        raise GatewayUnavailable("The bank's answer is not JSON.") from error
    if not isinstance(parsed, dict):
        raise GatewayUnavailable("The bank's answer is not an object.")
    return parsed


def _facts(payment: Mapping[str, Any]) -> PaymentFacts:
    try:
        return _facts_or_value_error(payment)
    except ValueError as error:
        raise GatewayUnavailable("The bank's answer cannot be read.") from error


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
