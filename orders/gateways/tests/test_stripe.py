"""Stripe's adapter: its own library talks to a server here that speaks its API."""

import uuid
from decimal import Decimal

import pytest

from orders.gateways.base import (
    UNREADABLE,
    GatewayNotAuthenticated,
    GatewayRefused,
    GatewayUnavailable,
    PaymentUnknown,
    StartRequest,
)
from orders.gateways.stripe import Stripe, _from_minor, _to_minor
from orders.gateways.tests.stripe_server import SECRET_KEY, WEBHOOK_SECRET
from orders.tests.odd_server import odd_server


def request_of(**changes) -> StartRequest:
    values = {
        "key": str(uuid.uuid4()), "order_number": "7K3QM2WX", "amount": Decimal("23.18"), "currency": "EUR",
        "return_url": "https://shop.example/orders/x/return/", "language": "en", "expires_at": None,
    }  # fmt: skip
    return StartRequest(**{**values, **changes})


# The adapter


def test_a_payment_is_opened_once(stripe):
    request = request_of()

    first, second = Stripe().create(request), Stripe().create(request)

    assert first == second
    assert first.redirect_url == f"{stripe.url}/c/pay/{first.ref}"
    facts = Stripe().fetch(request.key, first.ref)
    assert (facts.key, facts.ref, facts.order_number) == (request.key, first.ref, request.order_number)
    assert (facts.amount, facts.currency, facts.state, facts.problem) == (Decimal("23.18"), "EUR", "pending", "")


def test_a_key_is_not_used_for_another_payment(stripe):
    request = request_of()
    Stripe().create(request)

    with pytest.raises(GatewayRefused):
        Stripe().create(request_of(key=request.key, amount=Decimal("1.00")))


@pytest.mark.parametrize("amount", [None, Decimal("20.00")], ids=["all", "part"])
def test_money_is_authorised_then_captured_once(stripe, amount):
    request = request_of()
    ref = Stripe().create(request).ref
    stripe.pay(ref)
    assert Stripe().fetch(request.key, ref).state == "authorised"

    for _ in range(2):
        facts = Stripe().capture(request.key, ref, amount=amount)
        assert (facts.state, facts.amount, facts.taken) == ("captured", request.amount, amount or request.amount)

    with pytest.raises(GatewayRefused):
        Stripe().capture(request.key, ref, amount=Decimal("5.00"))
    with pytest.raises(GatewayRefused):
        Stripe().void(request.key, ref)


def test_nothing_is_captured_before_somebody_paid(stripe):
    request = request_of()
    ref = Stripe().create(request).ref

    with pytest.raises(GatewayRefused):
        Stripe().capture(request.key, ref)
    with pytest.raises(GatewayRefused):
        Stripe().refund(request.key, Decimal("1.00"), str(uuid.uuid4()), ref)


@pytest.mark.parametrize("is_paid", [False, True])
def test_what_is_not_captured_is_let_go_once(stripe, is_paid):
    request = request_of()
    ref = Stripe().create(request).ref
    if is_paid:
        stripe.pay(ref)

    assert [Stripe().void(request.key, ref).state for _ in range(2)] == ["cancelled"] * 2

    assert stripe.sessions[ref]["status"] == ("complete" if is_paid else "expired")


def test_a_payment_whose_reference_was_lost_is_found_by_our_key(stripe):
    request = request_of()
    ref = Stripe().create(request).ref
    with pytest.raises(PaymentUnknown):
        Stripe().fetch(request.key)

    stripe.pay(ref)

    assert Stripe().fetch(request.key).ref == ref
    stripe.is_indexed = False
    with pytest.raises(PaymentUnknown):
        Stripe().fetch(request.key)


def test_refunds_are_made_once_and_told(stripe):
    request, key = request_of(), str(uuid.uuid4())
    ref = Stripe().create(request).ref
    intent = stripe.pay(ref)
    Stripe().capture(request.key, ref)

    first, second = (Stripe().refund(request.key, Decimal("20.00"), key, ref) for _ in range(2))
    stripe.refund_there(intent["id"], 100)

    assert first == second
    told = [(one.key, one.amount, one.has_failed) for one in Stripe().fetch(request.key, ref).refunds]
    assert told == [(key, Decimal("20.00"), False), ("", Decimal("1.00"), False)]
    with pytest.raises(GatewayRefused):
        Stripe().refund(request.key, Decimal("2.19"), str(uuid.uuid4()), ref)


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [("23.18", "EUR", 2318), ("1500", "JPY", 1500), ("1500", "ISK", 150000), ("7.00", "MGA", 7)],
)
def test_amounts_are_written_as_stripe_counts_them(amount, currency, minor):
    assert _to_minor(Decimal(amount), currency) == minor
    assert _from_minor(minor, currency) == Decimal(amount)


def test_an_amount_that_stripe_cannot_take_is_refused():
    with pytest.raises(GatewayRefused):
        _to_minor(Decimal("7.50"), "MGA")


def test_a_page_that_is_not_stripes_is_an_outage(stripe, settings):
    settings.STRIPE_PAGE_URL = "https://checkout.stripe.com"

    with pytest.raises(GatewayUnavailable):
        Stripe().create(request_of())


# Refusals and outages

CALLS = {
    "create": lambda: Stripe(seconds=1).create(request_of()),
    "fetch": lambda: Stripe(seconds=1).fetch("11111111-2222-3333-4444-555555555555", "cs_test_1"),
    "search": lambda: Stripe(seconds=1).fetch("11111111-2222-3333-4444-555555555555"),
    "void": lambda: Stripe(seconds=1).void("11111111-2222-3333-4444-555555555555", "cs_test_1"),
}


def reply(status: str, body: str, kind: str = "application/json") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return f"{head}{body}".encode()


ERROR = '{"error": {"type": "%s", "code": "%s", "message": "no"}}'
OUTAGES = {
    "silence": None,
    "HTML": reply("200 OK", "<html>proxy</html>", "text/html"),
    "not JSON": reply("200 OK", "{"),
    "500": reply("500 Internal Server Error", ERROR % ("api_error", "")),
    "503 HTML": reply("503 Service Unavailable", "<html></html>", "text/html"),
    "429": reply("429 Too Many Requests", ERROR % ("invalid_request_error", "rate_limit")),
    "409": reply("409 Conflict", ERROR % ("idempotency_error", "idempotency_key_in_use")),
    "redirect": reply("302 Found", ""),
    "half": b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{",
    "drip": [b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n", *[b" "] * 800],
    "too long": reply("200 OK", " " * 70_000),
    "a list": reply("200 OK", "[]"),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("script", OUTAGES.values(), ids=OUTAGES)
def test_no_clear_answer_is_an_outage(settings, call, script):
    settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = SECRET_KEY, WEBHOOK_SECRET
    with odd_server(lambda _signature: script) as server:
        settings.STRIPE_API_URL = server.url
        with pytest.raises((GatewayUnavailable, *UNREADABLE)) as caught:
            call()

    assert not isinstance(caught.value, GatewayNotAuthenticated)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_wrong_key_is_an_outage_of_its_own(stripe, settings, call):
    settings.STRIPE_SECRET_KEY = "sk_test_wrong"

    with pytest.raises(GatewayNotAuthenticated):
        call()


def test_a_wrong_address_is_an_outage_of_its_own(stripe, settings):
    settings.STRIPE_API_URL = f"{stripe.url}/wrong"

    with pytest.raises(GatewayNotAuthenticated):
        Stripe().create(request_of())


def test_an_unknown_payment_is_a_fact(stripe):
    with pytest.raises(PaymentUnknown):
        Stripe().fetch("11111111-2222-3333-4444-555555555555", "cs_test_1")
