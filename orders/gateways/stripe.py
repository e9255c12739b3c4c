"""Stripe: buyers pay on its hosted Checkout page; its own library makes the calls, over our transport.

A payment of ours is a Checkout Session there, and once somebody has paid a PaymentIntent. Money is only authorised at
first; the shop captures it when an order still waits for it. The library is loaded with the first call: most shops
never need it.
"""

import datetime as dt
import functools
import importlib
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from common.json_body import read_json
from common.money import minor_units
from common.reading import begins, url
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
    Setting,
    Started,
    StartRequest,
)
from orders.gateways.transport import call

TOLERANCE_SECONDS = 300
# Currencies whose amounts Stripe takes without decimals; ISK and UGX have two there (docs.stripe.com/currencies).
WHOLE = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"]
)
# What is said of a PaymentIntent; a declined card leaves it open for another one.
STATES = {"requires_capture": "authorised", "succeeded": "captured", "canceled": "cancelled"}
FAILED_REFUND = ("failed", "canceled")
EXPANDED = ["payment_intent.latest_charge.refunds"]
# What is kept of an object of a notice: nothing about a person.
KEPT = ("object", "id", "status", "livemode", "currency", "amount", "amount_total", "amount_received")


class Stripe(Gateway):
    """Cards and whatever else the shop has switched on at Stripe."""

    code = "stripe"
    label = _("Card, now")
    hint = _("On Stripe's page")
    history_label = _("Stripe")
    variables = (
        Setting(
            "STRIPE_SECRET_KEY",
            "The shop's secret or restricted key at Stripe; needed to offer stripe.",
            is_secret=True,
            read=begins("sk_test_", "sk_live_", "rk_test_", "rk_live_"),
        ),
        Setting(
            "STRIPE_WEBHOOK_SECRET",
            "Signing secret of the webhook at Stripe; needed to offer stripe; two with a comma while it is changed.",
            is_secret=True,
            read=begins("whsec_"),
        ),
        Setting("STRIPE_API_URL", "Where Stripe is asked.", "https://api.stripe.com", read=url("https", "http")),
        Setting(
            "STRIPE_PAGE_URL",
            "Where buyers pay: another address only with a domain of your own at Stripe.",
            "https://checkout.stripe.com",
            read=url("https", "http"),
        ),
    )

    def form_origins(self) -> tuple[str, ...]:
        return (self.setting("STRIPE_PAGE_URL"),)

    def create(self, request: StartRequest) -> Started:
        ours = {"key": request.key, "order": request.order_number}
        with override(request.language):
            name = gettext("Order %(number)s") % {"number": request.order_number}
        price = {
            "currency": request.currency.lower(),
            "unit_amount": _to_minor(request.amount, request.currency),
            "product_data": {"name": name},
        }
        session = self._call(
            lambda api: api.v1.checkout.sessions.create(
                {
                    "mode": "payment",
                    "client_reference_id": request.key,
                    "metadata": ours,
                    "payment_intent_data": {"capture_method": "manual", "metadata": ours},
                    "line_items": [{"quantity": 1, "price_data": price}],
                    "success_url": request.return_url,
                    "cancel_url": request.return_url,
                },
                {"idempotency_key": f"create-{request.key}"},
            )
        )
        if not session["url"].startswith(f"{self.setting('STRIPE_PAGE_URL')}/"):
            raise GatewayUnavailable("Stripe sent the address of a page that is not its own.")
        return Started(session["id"], session["url"])

    def fetch(self, key: str, ref: str = "") -> PaymentFacts:
        return self._facts(self._session(key, ref))

    def capture(self, key: str, ref: str = "", *, amount: Decimal | None = None) -> PaymentFacts:
        session = self._session(key, ref)
        facts = self._facts(session)
        if facts.state == "captured" and facts.taken == (facts.amount if amount is None else amount):
            return facts
        if facts.state != "authorised":
            raise GatewayRefused(f"A payment that is {facts.state} cannot be captured.")
        part = {} if amount is None else {"amount_to_capture": _to_minor(amount, facts.currency)}
        intent, name = session["payment_intent"]["id"], f"capture-{key}-{amount or 'all'}"
        self._call(lambda api: api.v1.payment_intents.capture(intent, part, {"idempotency_key": name}))
        return self.fetch(key, facts.ref)

    def void(self, key: str, ref: str = "") -> PaymentFacts:
        session = self._session(key, ref)
        facts = self._facts(session)
        if facts.state == "captured":
            raise GatewayRefused("Captured money is refunded, not released.")
        if facts.state == "authorised":
            intent = session["payment_intent"]["id"]
            self._call(lambda api: api.v1.payment_intents.cancel(intent, {}, {"idempotency_key": f"void-{key}"}))
        elif session["status"] == "open":
            self._call(lambda api: api.v1.checkout.sessions.expire(facts.ref))
        return self.fetch(key, facts.ref)

    def refund(self, key: str, amount: Decimal, refund_key: str, ref: str = "") -> str:
        session = self._session(key, ref)
        intent = session["payment_intent"]
        if not isinstance(intent, dict):
            raise GatewayRefused("Nobody has paid yet.")
        wanted = {
            "payment_intent": intent["id"],
            "amount": _to_minor(amount, intent["currency"].upper()),
            "metadata": {"key": refund_key, "payment": key},
        }
        name = f"refund-{refund_key}"
        refund = self._call(lambda api: api.v1.refunds.create(wanted, {"idempotency_key": name}))
        if refund["status"] in FAILED_REFUND:
            raise GatewayRefused(f"The refund is {refund['status']}.")
        return _refund(refund).ref

    def parse_event(self, body: bytes, headers: Mapping[str, str], *, at: dt.datetime) -> GatewayEvent:
        self._check_signature(body, headers.get("Stripe-Signature", ""), at)
        event = read_json(body)
        thing = event["data"]["object"]
        ours = thing.get("metadata") or {}
        if thing["object"] in ("checkout.session", "payment_intent") and ours.get("key"):
            return GatewayEvent(event["id"], _state(thing), ours["key"], _kept(thing, ours))
        # A charge or a refund says too little: we ask about the payment.
        return GatewayEvent(event["id"], thing["object"][:32], ours.get("payment") or ours.get("key") or "", {})

    def read_facts(self, body: Mapping[str, Any]) -> PaymentFacts:
        return self._facts(body)

    def _facts(self, thing: Mapping[str, Any]) -> PaymentFacts:
        """Return the facts of a session, with its PaymentIntent if that is there, or of a PaymentIntent alone."""
        is_session = thing["object"] == "checkout.session"
        intent = thing.get("payment_intent") if is_session else thing
        intent = intent if isinstance(intent, dict) else {}
        currency, state = thing["currency"].upper(), _state(thing)
        charge = intent.get("latest_charge") or {}
        refunds = charge["refunds"]["data"] if isinstance(charge, dict) and charge.get("refunds") else []
        is_live = "_live_" in self.setting("STRIPE_SECRET_KEY")[:9]
        return PaymentFacts(
            key=thing["metadata"]["key"],
            ref=thing["id"] if is_session else "",
            order_number=thing["metadata"]["order"],
            amount=_from_minor(thing["amount_total"] if is_session else thing["amount"], currency),
            currency=currency,
            state=state,
            problem="" if thing["livemode"] is is_live else "merchant_differs",
            refunds=tuple(_refund(refund) for refund in refunds),
            captured=_from_minor(intent["amount_received"], currency) if state == "captured" else None,
        )

    def _session(self, key: str, ref: str) -> dict[str, Any]:
        """Return the session of a payment; without its reference, the one under which somebody paid with our key."""
        if not ref:
            query = f"metadata['key']:'{key}'"
            found = self._call(lambda api: api.v1.payment_intents.search({"query": query, "limit": 1}))["data"]
            if not found:
                raise PaymentUnknown("Nobody has paid with this key.")
            intent = found[0]["id"]
            ref = self._call(lambda api: api.v1.checkout.sessions.list({"payment_intent": intent}))["data"][0]["id"]
        return self._call(lambda api: api.v1.checkout.sessions.retrieve(ref, {"expand": EXPANDED}))

    def _call(self, ask: Any) -> dict[str, Any]:
        """Make one call of Stripe's library and return its answer as plain values."""
        stripe = _library()
        api = stripe.StripeClient(
            self.setting("STRIPE_SECRET_KEY"),
            base_addresses={"api": self.setting("STRIPE_API_URL")},
            max_network_retries=0,
            http_client=_wire(self._deadline),
        )
        with _in_our_words():
            return ask(api).to_dict()

    def __init__(self, *, seconds: float = 5) -> None:
        super().__init__(seconds=seconds)
        self._deadline = time.monotonic() + seconds

    def _check_signature(self, body: bytes, header: str, at: dt.datetime) -> None:
        stripe = _library()
        for secret in self.setting("STRIPE_WEBHOOK_SECRET").split(","):
            try:
                stripe.WebhookSignature.verify_header(body, header, secret.strip())
            except (stripe.SignatureVerificationError, UnicodeDecodeError):
                continue
            # The library compares with its own clock, and lets notices from the future pass.
            sent = int(dict(part.partition("=")[::2] for part in header.split(","))["t"])
            if abs(at.timestamp() - sent) <= TOLERANCE_SECONDS:
                return
        raise BadSignature("Stripe did not sign this, or too long ago.")


@functools.cache
def _library() -> Any:
    """Load Stripe's library: a third of a second that few shops need."""
    return importlib.import_module("stripe")


def _kept(thing: Mapping[str, Any], ours: Mapping[str, Any]) -> dict[str, Any]:
    metadata = {name: ours.get(name, "") for name in ("key", "order")}
    return {**{name: thing[name] for name in KEPT if name in thing}, "metadata": metadata}


def _state(thing: Mapping[str, Any]) -> str:
    if thing["object"] == "payment_intent":
        return STATES.get(thing["status"], "pending")
    intent = thing.get("payment_intent")
    state = _state(intent) if isinstance(intent, dict) else "pending"
    return "cancelled" if state == "pending" and thing["status"] == "expired" else state


def _refund(refund: Mapping[str, Any]) -> RefundFacts:
    amount = _from_minor(refund["amount"], refund["currency"].upper())
    key = (refund.get("metadata") or {}).get("key") or ""
    return RefundFacts(refund["id"], key, amount, has_failed=refund["status"] in FAILED_REFUND)


def _decimals(currency: str) -> int:
    return 0 if currency in WHOLE else 2


def _to_minor(amount: Decimal, currency: str) -> int:
    minor = amount.scaleb(_decimals(currency))
    if minor != int(minor):
        raise GatewayRefused(f"Stripe takes no part of a {currency} as small as that.")
    return int(minor)


def _from_minor(amount: object, currency: str) -> Decimal:
    if type(amount) is not int:
        raise ValueError(f"Not an amount of money: {amount!r:.200}.")
    return Decimal(amount).scaleb(-_decimals(currency)).quantize(Decimal(1).scaleb(-minor_units(currency)))


def _wire(deadline: float) -> Any:
    """Return a client for Stripe's library that sends over our transport: bounded, without redirects and retries."""
    client: Any = _library().HTTPClient

    class Wire(client):
        name = "vitrine"

        def request(
            self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None, **_unused: object
        ) -> tuple[str, int, Mapping[str, str]]:
            seconds = deadline - time.monotonic()
            if seconds <= 0:
                raise GatewayUnavailable("Stripe took too long.")
            body = None if post_data is None else str(post_data).encode()
            answer = call(method.upper(), url, body=body, headers=headers or {}, seconds=seconds)
            return answer.body.decode(errors="replace"), answer.status, dict(answer.headers.items())

    return Wire()


@contextmanager
def _in_our_words() -> Iterator[None]:
    """Turn the library's exceptions into the three kinds of outcome."""
    stripe = _library()
    try:
        yield
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        raise GatewayNotAuthenticated(f"Stripe does not recognise this shop ({error.http_status}).") from error
    except stripe.InvalidRequestError as error:
        if error.http_status == 404 and error.code == "resource_missing":
            raise PaymentUnknown("Stripe has no such payment.") from error
        if error.http_status == 404:
            raise GatewayNotAuthenticated("Stripe has no such address (404).") from error
        raise GatewayRefused(f"Stripe refused ({error.code or error.http_status}).") from error
    except stripe.IdempotencyError as error:
        # 409: the same request is on its way already.
        kind = GatewayUnavailable if error.http_status == 409 else GatewayRefused
        raise kind(f"Stripe refused a repeated request ({error.http_status}).") from error
    except stripe.CardError as error:
        raise GatewayRefused(f"Stripe refused ({error.code}).") from error
    except stripe.StripeError as error:
        raise GatewayUnavailable(f"No clear answer: {type(error).__name__} ({error.http_status}).") from error
