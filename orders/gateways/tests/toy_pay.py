"""Toy Pay: buyers pay on its page, and it signs its notices with our key."""

import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from common.json_body import read_json
from orders.gateways import base
from orders.gateways.transport import call_json


class ToyPay(base.Gateway):
    code, icon = "toy_pay", "card"
    label, hint, history_label = _("Toy Pay"), _("In the Toy app"), _("Toy Pay")
    variables = (base.Setting("TOY_URL", "Address."), base.Setting("TOY_KEY", "Our API key.", is_secret=True))

    def form_origins(self) -> tuple[str, ...]:
        return (self.setting("TOY_URL"),)

    def create(self, request: base.StartRequest) -> base.Started:
        wanted = {"key": request.key, "order": request.order_number, "back": request.return_url}
        answer = self._call("POST", "", {**wanted, "amount": str(request.amount), "currency": request.currency})
        return base.Started(ref=answer["id"], redirect_url=answer["page"])

    def fetch(self, key: str, ref: str = "") -> base.PaymentFacts:
        return self.read_facts(self._call("GET", f"/{key}"))

    def capture(self, key: str, ref: str = "", *, amount: Decimal | None = None) -> base.PaymentFacts:
        return self.read_facts(self._call("POST", f"/{key}/capture", {"amount": amount and str(amount)}))

    def void(self, key: str, ref: str = "") -> base.PaymentFacts:
        return self.read_facts(self._call("POST", f"/{key}/void", {}))

    def refund(self, key: str, amount: Decimal, refund_key: str, ref: str = "") -> str:
        return self._call("POST", f"/{key}/refunds", {"key": refund_key, "amount": str(amount)})["id"]

    def parse_event(self, body: bytes, headers: Mapping[str, str], *, at: dt.datetime) -> base.GatewayEvent:
        right = hmac.new(self.setting("TOY_KEY").encode(), body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(right, headers.get("Toy-Signature", "")):
            raise base.BadSignature("Toy Pay did not sign this.")
        notice = read_json(body)
        return base.GatewayEvent(notice["event"], notice["state"], notice["key"], notice)

    def read_facts(self, body: Mapping[str, Any]) -> base.PaymentFacts:
        amount, taken = base.read_amount(body["amount"]), base.read_amount(body.get("captured") or body["amount"])
        facts = (body["key"], body["id"], body["order"], amount, body["currency"], body["state"])
        return base.PaymentFacts(*facts, captured=taken)

    def _call(self, method: str, path: str, data: dict[str, object] | None = None) -> dict[str, Any]:
        body, headers = None if data is None else json.dumps(data).encode(), {"Authorization": self.setting("TOY_KEY")}
        is_unknown = {"error": "no such payment"}.__eq__
        url = f"{self.setting('TOY_URL')}/payments{path}"
        return call_json(method, url, body=body, headers=headers, seconds=self.seconds, is_unknown=is_unknown)
