"""The shop's side of the demo bank: signed JSON over HTTP, both ways."""

import datetime as dt
import json
import urllib.parse
from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _

from common import clock
from common.json_body import read_json
from common.reading import url
from orders.gateways.base import (
    BadSignature,
    Gateway,
    GatewayEvent,
    GatewayNotAuthenticated,
    GatewayUnavailable,
    PaymentFacts,
    RefundFacts,
    Setting,
    Started,
    StartRequest,
    read_amount,
)
from orders.gateways.demo_bank import signing
from orders.gateways.transport import Answer, call_json


class DemoBank(Gateway):
    """A pretend card payment on the demo bank's own page."""

    code = "demo_bank"
    label = _("Card, now")
    hint = _("On our bank's page")
    history_label = _("the bank")
    variables = (
        Setting(
            "DEMO_BANK_URL",
            "Address of the demo bank; follows PORT if not set.",
            "http://127.0.0.1:8001",
            read=url("https", "http"),
        ),
        Setting("DEMO_BANK_SECRET", "Signs the messages between shop and demo bank.", is_secret=True, shortest=50),
        Setting("DEMO_BANK_MERCHANT", "The shop's merchant name at the demo bank.", "vitrine"),
    )

    def form_origins(self) -> tuple[str, ...]:
        return (self.setting("DEMO_BANK_URL"),)

    def create(self, request: StartRequest) -> Started:
        answer = self._call(
            "POST",
            "/api/payments",
            {
                "key": request.key,
                "reference": request.order_number,
                "merchant": self.setting("DEMO_BANK_MERCHANT"),
                "amount": str(request.amount),
                "currency": request.currency,
                "return_url": request.return_url,
                "language": request.language,
                "expires_at": int(request.expires_at.timestamp()) if request.expires_at else None,
            },
        )
        if not answer["url"].startswith(f"{self.setting('DEMO_BANK_URL')}/"):
            raise GatewayUnavailable("The bank sent the address of a page that is not its own.")
        return Started(ref=answer["id"], redirect_url=answer["url"])

    def fetch(self, key: str, ref: str = "") -> PaymentFacts:
        return _facts(self._call("GET", f"/api/payments/{key}"))

    def capture(self, key: str, ref: str = "", *, amount: Decimal | None = None) -> PaymentFacts:
        part: dict[str, object] = {} if amount is None else {"amount": str(amount)}
        return _facts(self._call("POST", f"/api/payments/{key}/capture", part))

    def void(self, key: str, ref: str = "") -> PaymentFacts:
        return _facts(self._call("POST", f"/api/payments/{key}/void", {}))

    def refund(self, key: str, amount: Decimal, refund_key: str, ref: str = "") -> str:
        answer = self._call("POST", f"/api/payments/{key}/refunds", {"key": refund_key, "amount": str(amount)})
        return RefundFacts(answer["id"], refund_key, amount).ref

    def parse_event(self, body: bytes, headers: Mapping[str, str], *, at: dt.datetime) -> GatewayEvent:
        header = headers.get(signing.HEADER, "")
        if not signing.is_signed(body, header, self.setting("DEMO_BANK_SECRET").split(","), at.timestamp()):
            raise BadSignature("The notice is not signed by the bank.")
        data = read_json(body)
        return GatewayEvent(data["id"], data["type"], data["payment"]["key"], data)

    def read_facts(self, body: Mapping[str, Any]) -> PaymentFacts:
        return _facts(body["payment"])

    def _call(self, method: str, path: str, data: dict[str, object] | None = None) -> dict[str, Any]:
        body = b"" if data is None else json.dumps(data).encode()
        signature = signing.sign(body, self.setting("DEMO_BANK_SECRET").split(",")[0], int(clock.now().timestamp()))
        return call_json(
            method,
            f"{self.setting('DEMO_BANK_URL')}{urllib.parse.quote(path)}",
            body=None if data is None else body,
            headers={signing.HEADER: signature},
            seconds=self.seconds,
            is_unknown=lambda answer: answer.get("code") == "unknown_payment",
            prove=partial(_prove, signature),
        )


def _prove(signature: str, answer: Answer) -> None:
    """Refuse an answer the bank did not sign for this request: from a proxy, or a bank with a different secret."""
    signed = signing.answer_to(signature, answer.status, answer.body)
    header = answer.headers.get(signing.HEADER, "")
    if signing.is_signed(signed, header, Gateway.setting("DEMO_BANK_SECRET").split(","), clock.now().timestamp()):
        return
    if answer.status in (401, 403, 404):
        raise GatewayNotAuthenticated(
            f"The bank does not recognise this shop ({answer.status}): check DEMO_BANK_SECRET, DEMO_BANK_URL, clocks."
        )
    raise GatewayUnavailable(f"The answer ({answer.status}) was not signed by the bank.")


def _facts(payment: Mapping[str, Any]) -> PaymentFacts:
    refunds = payment.get("refunds") or []
    return PaymentFacts(
        key=payment["key"],
        ref=payment["id"],
        order_number=payment["reference"],
        amount=read_amount(payment["amount"]),
        currency=payment["currency"],
        state=payment["state"],
        reason=payment.get("reason") or "",
        problem="" if payment.get("merchant") == Gateway.setting("DEMO_BANK_MERCHANT") else "merchant_differs",
        refunds=tuple(
            RefundFacts(refund["id"], refund.get("key") or "", read_amount(refund["amount"])) for refund in refunds
        ),
        captured=read_amount(payment["captured"]) if payment.get("captured") else None,
    )
