"""A server on this machine that speaks as much of Stripe's HTTP API as the shop uses, by its public reference.

Form-encoded requests, JSON answers and errors, idempotency keys, pages of lists, `expand`, signed events. What cards do
is told by a test: `pay`, `decline`, `expire`, `refund_there`. Nothing here has been compared with the real Stripe.
"""

import http.server
import json
import re
import threading
import time
import uuid
from contextlib import AbstractContextManager
from urllib.parse import parse_qsl, urlsplit

from stripe import WebhookSignature

from tests.servers import LocalServer, send_json, serving

SECRET_KEY = "sk_test_of_the_shop"
WEBHOOK_SECRET = "whsec_of_the_shop"
SESSION = re.compile(r"/v1/checkout/sessions/(cs_\w+)(/expire)?\Z")
INTENT = re.compile(r"/v1/payment_intents/(pi_\w+)/(capture|cancel)\Z")


class Refused(Exception):
    """An error in Stripe's form."""

    def __init__(self, status: int, code: str, kind: str = "invalid_request_error") -> None:
        self.status, self.body = status, {"error": {"type": kind, "code": code, "message": code}}


class StripeServer(LocalServer):
    """`sessions`, `intents` and `refunds` by id; `events` in the order in which they happened."""

    def __init__(self) -> None:
        super().__init__(_Handler)
        self.sessions: dict[str, dict] = {}
        self.intents: dict[str, dict] = {}
        self.refunds: dict[str, dict] = {}
        self.answers: dict[str, tuple[object, int, dict]] = {}
        self.events: list[dict] = []
        self.asked: list[str] = []
        self.lock = threading.RLock()
        # The next refund, the ones after it: what becomes of them.
        self.refund_status = "succeeded"
        # Money paid is found by search a little later than by its id.
        self.is_indexed = True

    # What people do on Stripe's pages

    def pay(self, session_id: str, *, amount: int | None = None, livemode: bool = False) -> dict:
        """Let the buyer pay: the money is authorised."""
        session = self.sessions[session_id]
        assert session["status"] == "open"
        intent = {
            "id": f"pi_{uuid.uuid4().hex[:16]}", "object": "payment_intent", "status": "requires_capture",
            "amount": session["amount_total"] if amount is None else amount, "amount_received": 0,
            "currency": session["currency"], "livemode": livemode, "metadata": session["intent_metadata"],
            "receipt_email": "mila@example.com",
        }  # fmt: skip
        self.intents[intent["id"]] = intent
        session |= {"status": "complete", "payment_intent": intent["id"], "amount_total": intent["amount"]}
        session |= {"livemode": livemode, "customer_details": {"email": "mila@example.com", "name": "Mila Berg"}}
        self._happened("checkout.session.completed", session)
        self._happened("payment_intent.amount_capturable_updated", intent)
        return intent

    def decline(self, session_id: str) -> None:
        """Let the buyer's card be declined; the page stays open."""
        session = self.sessions[session_id]
        intent = {
            "id": "pi_declined", "object": "payment_intent", "status": "requires_payment_method",
            "amount": session["amount_total"], "amount_received": 0, "currency": session["currency"],
            "livemode": False, "metadata": session["intent_metadata"],
        }  # fmt: skip
        self._happened("payment_intent.payment_failed", intent)

    def expire(self, session_id: str) -> dict:
        """Close a page that nobody paid on."""
        session = self.sessions[session_id]
        if session["status"] != "open":
            raise Refused(400, "resource_not_open")
        session["status"] = "expired"
        self._happened("checkout.session.expired", session)
        return session

    def refund_there(self, intent_id: str, amount: int) -> dict:
        """Refund at Stripe's own dashboard."""
        return self._refund({"payment_intent": intent_id, "amount": str(amount)})

    def fail_refund(self, refund_id: str) -> None:
        """Let the buyer's bank send a refund back."""
        self.refunds[refund_id]["status"] = "failed"
        self._happened("refund.failed", self.refunds[refund_id])

    def signed(self, event: dict, *, secret: str = WEBHOOK_SECRET, at: float | None = None) -> tuple[bytes, str]:
        """Return the bytes of an event and its signature, made with Stripe's library."""
        body = json.dumps(event)
        stamp = int(time.time() if at is None else at)
        return body.encode(), WebhookSignature.generate_signature_header(body, secret, stamp)

    def _happened(self, kind: str, thing: dict) -> None:
        shown = {name: value for name, value in thing.items() if name != "intent_metadata"}
        event = {"id": f"evt_{uuid.uuid4().hex}", "object": "event", "type": kind, "livemode": thing.get("livemode")}
        self.events.append({**event, "data": {"object": json.loads(json.dumps(shown))}})

    # The API

    def answer(self, method: str, path: str, form: dict, key: str) -> tuple[int, dict]:
        """Return status and body; a repeated idempotency key gets the first answer again."""
        with self.lock:
            if method == "POST" and key:
                said = [path, form]
                if key in self.answers:
                    before, status, body = self.answers[key]
                    if before != said:
                        raise Refused(400, "idempotency_key_reused", "idempotency_error")
                    return status, body
                status, body = 200, json.loads(json.dumps(self._post(path, form)))
                self.answers[key] = (said, status, body)
                return status, body
            return 200, self._post(path, form) if method == "POST" else self._get(path, form)

    def _get(self, path: str, form: dict) -> dict:
        if path == "/v1/payment_intents/search":
            [wanted] = re.findall(r"\Ametadata\['key'\]:'([0-9a-f-]+)'\Z", form["query"])
            found = [one for one in self.intents.values() if self.is_indexed and one["metadata"]["key"] == wanted]
            return {"object": "search_result", "url": path, "has_more": False, "data": found[: int(form["limit"])]}
        if path == "/v1/checkout/sessions":
            found = [one for one in self.sessions.values() if one["payment_intent"] == form["payment_intent"]]
            return {"object": "list", "url": path, "has_more": False, "data": [self._shown(one) for one in found]}
        if match := SESSION.match(path):
            return self._shown(self._one(self.sessions, match[1]), is_expanded=bool(form.get("expand")))
        raise Refused(404, "")

    def _post(self, path: str, form: dict) -> dict:
        if path == "/v1/checkout/sessions":
            return self._shown(self._open(form))
        if path == "/v1/refunds":
            return self._refund(form)
        if match := SESSION.match(path):
            self._one(self.sessions, match[1])
            return self._shown(self.expire(match[1]))
        if match := INTENT.match(path):
            intent = self._one(self.intents, match[1])
            return self._capture(intent, form) if match[2] == "capture" else self._cancel(intent)
        raise Refused(404, "")

    def _open(self, form: dict) -> dict:
        [line] = form["line_items"].values()
        price = line["price_data"]
        session_id = f"cs_test_{uuid.uuid4().hex[:16]}"
        session = {
            "id": session_id, "object": "checkout.session", "status": "open", "payment_intent": None,
            "amount_total": int(price["unit_amount"]), "currency": price["currency"], "livemode": False,
            "metadata": form["metadata"], "url": f"{self.url}/c/pay/{session_id}",
            "intent_metadata": form["payment_intent_data"]["metadata"],
        }  # fmt: skip
        assert form["payment_intent_data"]["capture_method"] == "manual"
        self.sessions[session_id] = session
        return session

    def _capture(self, intent: dict, form: dict) -> dict:
        if intent["status"] != "requires_capture":
            raise Refused(400, "payment_intent_unexpected_state")
        amount = int(form.get("amount_to_capture", intent["amount"]))
        if not 0 < amount <= intent["amount"]:
            raise Refused(400, "amount_too_large")
        intent |= {"status": "succeeded", "amount_received": amount}
        self._happened("payment_intent.succeeded", intent)
        return intent

    def _cancel(self, intent: dict) -> dict:
        if intent["status"] == "succeeded":
            raise Refused(400, "payment_intent_unexpected_state")
        intent["status"] = "canceled"
        self._happened("payment_intent.canceled", intent)
        return intent

    def _refund(self, form: dict) -> dict:
        intent = self._one(self.intents, form["payment_intent"])
        amount = int(form["amount"])
        given = sum(one["amount"] for one in self._refunds_of(intent) if one["status"] != "failed")
        if not 0 < amount <= intent["amount_received"] - given:
            raise Refused(400, "charge_already_refunded")
        refund = {
            "id": f"re_{uuid.uuid4().hex[:16]}", "object": "refund", "status": self.refund_status, "amount": amount,
            "currency": intent["currency"], "payment_intent": intent["id"], "metadata": form.get("metadata", {}),
        }  # fmt: skip
        self.refunds[refund["id"]] = refund
        self._happened("charge.refunded", {"id": "ch_1", "object": "charge", "metadata": intent["metadata"]})
        return refund

    def _refunds_of(self, intent: dict) -> list[dict]:
        return [one for one in self.refunds.values() if one["payment_intent"] == intent["id"]]

    def _shown(self, session: dict, *, is_expanded: bool = False) -> dict:
        shown = {name: value for name, value in session.items() if name != "intent_metadata"}
        if is_expanded and session["payment_intent"]:
            intent = self.intents[session["payment_intent"]]
            charge = {"id": "ch_1", "refunds": {"object": "list", "data": self._refunds_of(intent)}}
            shown["payment_intent"] = {**intent, "latest_charge": charge}
        return shown

    def _one(self, things: dict, name: str) -> dict:
        if name not in things:
            raise Refused(404, "resource_missing")
        return things[name]


class _Handler(http.server.BaseHTTPRequestHandler):
    server: StripeServer

    def do_GET(self) -> None:
        self._respond("GET", urlsplit(self.path).query)

    def do_POST(self) -> None:
        self._respond("POST", self.rfile.read(int(self.headers["Content-Length"] or 0)).decode())

    def _respond(self, method: str, sent: str) -> None:
        path = urlsplit(self.path).path
        self.server.asked.append(f"{method} {path}")
        try:
            if self.headers["Authorization"] != f"Bearer {SECRET_KEY}":
                raise Refused(401, "api_key_invalid")
            status, answer = self.server.answer(method, path, _nested(sent), self.headers["Idempotency-Key"] or "")
        except Refused as refusal:
            status, answer = refusal.status, refusal.body
        send_json(self, status, answer)

    def log_message(self, *args: object) -> None:
        pass


def _nested(sent: str) -> dict:
    """Return a[b][c]=1 as {"a": {"b": {"c": "1"}}}."""
    found: dict = {}
    for name, value in parse_qsl(sent):
        first, *rest = name.replace("]", "").split("[")
        place = found
        for inner in [first, *rest][:-1]:
            place = place.setdefault(inner, {})
        place[[first, *rest][-1]] = value
    return found


def stripe_server() -> AbstractContextManager[StripeServer]:
    """Serve until the block ends."""
    return serving(StripeServer())
