"""Anything but a clear answer from the bank is an outage, at every call; only signed answers are facts."""

import uuid
from decimal import Decimal

import pytest

from orders.gateways import transport
from orders.gateways.base import (
    UNREADABLE,
    GatewayNotAuthenticated,
    GatewayRefused,
    GatewayUnavailable,
    PaymentUnknown,
)
from orders.gateways.demo_bank.adapter import DemoBank
from orders.tests.bank_server import SECRET, request_of
from orders.tests.odd_server import http_bytes, odd_server, signed_bytes
from tests.servers import free_port

KEY = "11111111-2222-3333-4444-555555555555"
PAYMENT = {
    "id": "pay_1", "key": KEY, "reference": "4QX7K2MD", "merchant": "vitrine", "amount": "5.20", "currency": "EUR",
    "state": "captured", "reason": "", "refunds": [],
}  # fmt: skip
CALLS = {
    "create": lambda bank: bank.create(request_of(key=KEY)),
    "fetch": lambda bank: bank.fetch(KEY),
    "capture": lambda bank: bank.capture(KEY),
    "void": lambda bank: bank.void(KEY),
    "refund": lambda bank: bank.refund(KEY, Decimal("5.20"), str(uuid.uuid4())),
}


def bank(*, patient=True):
    """Return an adapter with a long timeout for immediate answers: on a busy machine reading them can take 0.3 s."""
    return DemoBank(seconds=20 if patient else 0.3)


# An answer that a gateway cannot read is an outage to its callers.
OUTAGE = (GatewayUnavailable, *UNREADABLE)
each_call = pytest.mark.parametrize("call", CALLS)
PAGE = b"<!doctype html><title>Hello</title>"


@pytest.fixture
def answering(settings):
    """Serve in place of the bank; a test sets its `script`.

    Each test has its own server: on a busy machine a call that timed out may be counted after its test has ended.
    """
    with odd_server() as server:
        settings.DEMO_BANK_SECRET, settings.DEMO_BANK_URL = SECRET, server.url
        yield server


OUTAGES = {
    **{f"{status} unsigned": lambda _, status=status: http_bytes(status, b'{"id": "pay_1"}') for status in
       (200, 201, 204, 400, 409, 422, 429, 500, 502, 503, 504)},
    **{f"{status} signed": lambda asked, status=status: signed_bytes(asked, status, {"error": "x"}) for status in
       (202, 206, 405, 408, 410, 418, 429, 500, 503)},
    **{f"{status} redirect": lambda _, status=status: http_bytes(status, b"", headers=("Location: /api/payments/x",))
       for status in (301, 302, 303, 307, 308)},
    "a page": lambda _: http_bytes(200, PAGE, kind="text/html"),
    "a signed page": lambda asked: signed_bytes(asked, 200, PAGE, kind="text/html"),
    "wrong content type": lambda asked: signed_bytes(asked, 200, {**PAYMENT, "url": "x"}, kind="text/plain"),
    "half a JSON": lambda asked: signed_bytes(asked, 200, b'{"id": "pay_1", "sta'),
    "a list": lambda asked: signed_bytes(asked, 200, [PAYMENT]),
    "null": lambda asked: signed_bytes(asked, 200, None),
    "an empty object": lambda asked: signed_bytes(asked, 200, {}),
    "nested without end": lambda asked: signed_bytes(asked, 200, b"[" * 60_000),
    "not UTF-8": lambda asked: signed_bytes(asked, 200, b'{"id": "\xff"}'),
    "an unknown state": lambda asked: signed_bytes(asked, 200, {**PAYMENT, "id": "", "state": "gold"}),
    "cut off": lambda asked: signed_bytes(asked, 200, {**PAYMENT, "url": "x"})[:-1],
    "too large": lambda asked: signed_bytes(asked, 200, {**PAYMENT, "pad": "x" * transport.LARGEST_ANSWER}),
    "another secret": lambda asked: signed_bytes(asked, 200, PAYMENT, secret="another"),
    "an old answer": lambda asked: signed_bytes(asked, 200, PAYMENT, age=301),
    "an answer to another request": lambda _: signed_bytes("t=1,v1=" + "0" * 64, 200, PAYMENT),
    "no HTTP": lambda _: b"SSH-2.0-OpenSSH_9.9\r\n",
    "nothing": lambda _: b"",
    "headers without end": lambda _: b"HTTP/1.1 200 OK\r\n" + b"X-Pad: x\r\n" * 200,
    "silence": lambda _: None,
}  # fmt: skip
STRANGERS = {
    **{f"{status} unsigned": lambda _, status=status: http_bytes(status, b'{"error": "x"}') for status in
       (401, 403, 404)},
    "401 signed by another bank": lambda asked: signed_bytes(asked, 401, {"error": "x"}, secret="another"),
    "404 signed by another bank": lambda asked: signed_bytes(asked, 404, {"code": "unknown_payment"}, secret="another"),
    "404 signed, of an address": lambda asked: signed_bytes(asked, 404, {"code": "not_found"}),
    "404 signed, of an address, as a list": lambda asked: signed_bytes(asked, 404, []),
    "404 page": lambda _: http_bytes(404, PAGE, kind="text/html"),
}  # fmt: skip
REFUSALS = {
    **{f"{status}": lambda asked, status=status: signed_bytes(asked, status, {"error": "x"}) for status in
       (400, 402, 409, 422)},
    "404": lambda asked: signed_bytes(asked, 404, {"code": "unknown_payment", "error": "x"}),
}  # fmt: skip


@each_call
@pytest.mark.parametrize("answer", OUTAGES)
def test_anything_but_a_clear_answer_is_an_outage(answering, call, answer):
    answering.script = OUTAGES[answer]

    with pytest.raises(OUTAGE) as caught:
        CALLS[call](bank(patient=answer != "silence"))

    assert answering.asked == 1
    assert not isinstance(caught.value, GatewayNotAuthenticated)


@each_call
@pytest.mark.parametrize("answer", STRANGERS)
def test_a_bank_that_does_not_recognise_the_shop_is_an_outage_for_people_to_solve(answering, call, answer):
    answering.script = STRANGERS[answer]

    with pytest.raises(GatewayNotAuthenticated):
        CALLS[call](bank())


@each_call
@pytest.mark.parametrize("answer", REFUSALS)
def test_a_signed_refusal_is_a_fact_about_the_payment(answering, call, answer):
    answering.script = REFUSALS[answer]

    with pytest.raises(GatewayRefused) as caught:
        CALLS[call](bank())

    assert caught.type is (PaymentUnknown if answer == "404" else GatewayRefused)


@each_call
def test_a_stopped_bank_is_an_outage(answering, settings, call):
    settings.DEMO_BANK_URL = f"http://127.0.0.1:{free_port()}"

    with pytest.raises(GatewayUnavailable) as caught:
        CALLS[call](bank())

    assert caught.type is GatewayUnavailable


@each_call
def test_a_failed_handshake_is_an_outage(answering, settings, call):
    answering.script = lambda _: b"HTTP/1.1 400 no TLS here\r\n\r\n"
    settings.DEMO_BANK_URL = answering.url.replace("http:", "https:")

    with pytest.raises(GatewayUnavailable) as caught:
        CALLS[call](bank(patient=False))

    assert caught.type is GatewayUnavailable


def test_a_dripping_answer_ends_at_the_deadline(answering):
    whole = http_bytes(200, b"x" * 6000)
    answering.script = lambda _: [bytes([byte]) for byte in whole]

    with pytest.raises(GatewayUnavailable):
        bank(patient=False).fetch(KEY)

    assert 0 < answering.dripped < len(whole)
