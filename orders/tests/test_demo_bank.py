"""The demo bank: a separate process that trusts nothing it cannot check."""

import dataclasses
import json
import os
import socket
import subprocess
import sys
import time
import uuid
from decimal import Decimal

import pytest

from orders.gateways.base import GatewayNotAuthenticated, GatewayRefused, GatewayUnavailable, PaymentUnknown
from orders.gateways.demo_bank import signing
from orders.gateways.demo_bank.adapter import DemoBank
from orders.gateways.demo_bank.server.config import BadConfig, from_environment
from orders.tests.bank_server import SECRET, http_call, post_json, request_of, signed, wait_for
from tests.servers import ROOT, free_port

# The process


def test_the_bank_imports_no_django():
    code = "import sys, orders.gateways.demo_bank.server.__main__; print([m for m in sys.modules if 'django' in m])"

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_the_process_starts_serves_and_keeps_its_ledger(tmp_path):
    port = free_port()
    environment = {
        **os.environ,
        "DEMO_BANK_BOOK": str(tmp_path / "deep" / "book.sqlite3"),
        "DEMO_BANK_PORT": str(port),
        "DEMO_BANK_SECRET": SECRET,
        "DEMO_BANK_WEBHOOK_URL": "http://127.0.0.1:9/",
    }
    command = [sys.executable, "-m", "orders.gateways.demo_bank.server"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    try:

        def answers():
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0

        wait_for(answers)
        assert (tmp_path / "deep" / "book.sqlite3").exists()
    finally:
        process.terminate()
        process.wait(5)


def test_the_bank_does_not_start_without_a_secret(monkeypatch):
    monkeypatch.setenv("DEMO_BANK_SECRET", "")

    with pytest.raises(BadConfig):
        from_environment()


# The shop's requests


def test_opening_is_idempotent_by_key(real_bank):
    request = request_of()

    first, second = DemoBank().create(request), DemoBank().create(request)

    assert first == second
    assert DemoBank().fetch(request.key).state == "pending"


def test_the_same_key_with_a_different_amount_is_refused(real_bank):
    request = request_of()
    DemoBank().create(request)

    with pytest.raises(GatewayRefused):
        DemoBank().create(request_of(key=request.key, amount=Decimal("1.00")))


@pytest.mark.parametrize(
    "ask",
    [
        lambda bank, key: bank.fetch(key),
        lambda bank, key: bank.capture(key),
        lambda bank, key: bank.void(key),
        lambda bank, key: bank.refund(key, Decimal("1.00"), str(uuid.uuid4())),
    ],
    ids=["fetch", "capture", "void", "refund"],
)
def test_a_payment_missing_from_the_ledger_is_unknown(real_bank, ask):
    with pytest.raises(PaymentUnknown):
        ask(DemoBank(), str(uuid.uuid4()))


@pytest.mark.parametrize("secret", ["another", "another,a secret of the test"], ids=["changed", "new one first"])
def test_a_shop_with_a_wrong_secret_is_told_so(real_bank, settings, secret):
    request = request_of()
    DemoBank().create(request)
    settings.DEMO_BANK_SECRET = secret

    with pytest.raises(GatewayNotAuthenticated):
        DemoBank().fetch(request.key)


def test_a_shop_with_a_wrong_clock_is_told_so(real_bank, settings):
    request = request_of()
    DemoBank().create(request)
    settings.TEST_CLOCK_OFFSET = 302

    with pytest.raises(GatewayNotAuthenticated):
        DemoBank().fetch(request.key)


def test_the_bank_signs_its_answer_with_the_secret_of_the_request(real_bank, settings):
    real_bank.config = dataclasses.replace(real_bank.config, secrets=("new", SECRET))

    assert DemoBank().create(request_of()).ref.startswith("pay_")
    settings.DEMO_BANK_SECRET = "new"
    assert DemoBank().create(request_of()).ref.startswith("pay_")


def test_an_unknown_address_of_the_api_says_nothing_about_payments(real_bank):
    status, _, body = http_call(real_bank, "GET", "/api/refunds/x", headers=signed(b""))

    assert (status, json.loads(body)["code"]) == (404, "not_found")


def test_a_stopped_bank_is_unavailable(settings):
    settings.DEMO_BANK_URL = f"http://127.0.0.1:{free_port()}"

    with pytest.raises(GatewayUnavailable):
        DemoBank().create(request_of())


@pytest.mark.parametrize(
    "header",
    [
        {},
        {signing.HEADER: "t=1,v1=" + "0" * 64},
        {signing.HEADER: "rubbish"},
        signed(b"", secret="another secret"),
        signed(b"", seconds=time.time() - 301),
    ],
    ids=["none", "forged", "rubbish", "other secret", "old"],
)
def test_an_unsigned_request_gets_no_data(real_bank, header):
    key = request_of().key
    DemoBank().create(request_of(key=key))

    status, headers, body = http_call(real_bank, "GET", f"/api/payments/{key}", headers=header)

    assert (status, json.loads(body)["code"]) == (401, "not_authenticated")
    assert signing.HEADER not in headers


GOOD = {
    "key": "11111111-2222-3333-4444-555555555555", "reference": "4QX7K2MD", "merchant": "vitrine",
    "amount": "23.18", "currency": "EUR", "return_url": "http://127.0.0.1:8000/", "language": "en",
    "expires_at": None,
}  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"amount": 23.18}, {"amount": "-1.00"}, {"amount": "0.00"}, {"amount": "1e5"}, {"amount": "٣.00"},
        {"amount": "1.001"}, {"currency": "euro"}, {"key": "x"}, {"reference": "<b>"}, {"reference": "x" * 65},
        {"return_url": "javascript:alert(1)"}, {"return_url": "http://a/\r\nSet-Cookie: x"},
        {"return_url": "http://user@host/"}, {"return_url": "http://x:99999/"}, {"expires_at": True},
        {"expires_at": "soon"}, {"surplus": 1}, {"language": "en\n"},
    ],
    ids=str,
)  # fmt: skip
def test_anything_not_exactly_right_is_refused(real_bank, change):
    status, _, body = post_json(real_bank, "/api/payments", {**GOOD, **change})

    assert status == 400 and "error" in json.loads(body)
    assert real_bank.book.find(GOOD["key"]) is None


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b"\xff\xfe", b"[" * 10000])
def test_rubbish_is_refused(real_bank, body):
    assert (
        http_call(real_bank, "POST", "/api/payments", body, {**signed(body), "Content-Length": str(len(body))})[0]
        == 400
    )


def test_a_body_of_unknown_or_excessive_length_is_refused(real_bank):
    status, _, _ = http_call(real_bank, "POST", "/api/payments", b"", {"Content-Length": "99999999"})

    assert status == 400
