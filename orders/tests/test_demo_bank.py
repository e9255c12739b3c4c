"""The demo bank: a separate process that believes nothing it cannot check, and the shop's side of it."""

import http.client
import http.server
import json
import os
import pathlib
import socket
import subprocess
import sys
import threading
import time
import uuid
from decimal import Decimal
from urllib.parse import urlencode, urlsplit

import pytest

from common.clock import now
from orders.gateways.base import BadSignature, GatewayDown, GatewayRefused, StartRequest
from orders.gateways.demo_bank import signing
from orders.gateways.demo_bank.adapter import DemoBank
from orders.gateways.demo_bank.server.app import Bank
from orders.gateways.demo_bank.server.config import BadConfig, Config, Faults, from_environment, parse_faults

ROOT = pathlib.Path(__file__).resolve().parents[2]
SECRET = "a secret of the test"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Shop(http.server.BaseHTTPRequestHandler):
    """Takes notices; `server.answers` says what to answer next, 200 when empty."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.notices.append((body, self.headers[signing.HEADER]))
        self.send_response(self.server.answers.pop(0) if self.server.answers else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def shop():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    server.notices, server.answers = [], []
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def bank(shop, tmp_path, settings):
    port = free_port()
    config = Config(
        book=tmp_path / "book.sqlite3",
        port=port,
        bind="127.0.0.1",
        secrets=(SECRET,),
        webhook_url=f"http://127.0.0.1:{shop.server_address[1]}/hook/",
        public_url=f"http://127.0.0.1:{port}",
    )
    settings.DEMO_BANK_URL, settings.DEMO_BANK_SECRET = config.public_url, SECRET
    server = Bank(config)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def request_of(**changes):
    values = {
        "key": str(uuid.uuid4()), "order_number": "4QX7K2MD", "amount": Decimal("23.18"), "currency": "EUR",
        "return_url": "http://127.0.0.1:8000/orders/x/return/", "language": "en", "expires_at": None,
    }  # fmt: skip
    return StartRequest(**{**values, **changes})


def http_call(bank, method, path, body=b"", headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", bank.config.port, timeout=5)
    try:
        connection.request(method, path, body=body or None, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def signed(body, secret=SECRET, seconds=None):
    return {signing.HEADER: signing.sign(body, secret, int(time.time() if seconds is None else seconds))}


def post_json(bank, path, data):
    body = json.dumps(data).encode()
    return http_call(bank, "POST", path, body, signed(body))


def submit(bank, started, **form):
    form_type = {"Content-Type": "application/x-www-form-urlencoded"}
    return http_call(bank, "POST", urlsplit(started.redirect_url).path, urlencode(form).encode(), form_type)


def wait_for(condition, seconds=5):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def kinds(shop):
    return [json.loads(body)["type"] for body, _ in shop.notices]


# The process


def test_the_bank_imports_no_django():
    code = "import sys, orders.gateways.demo_bank.server.__main__; print([m for m in sys.modules if 'django' in m])"

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_the_process_starts_serves_and_keeps_its_book(tmp_path):
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


def test_opening_is_repeatable_by_key(bank):
    request = request_of()

    first, second = DemoBank().create(request), DemoBank().create(request)

    assert first == second
    assert DemoBank().fetch(request.key).state == "pending"


def test_the_same_key_for_another_amount_is_refused(bank):
    request = request_of()
    DemoBank().create(request)

    with pytest.raises(GatewayRefused):
        DemoBank().create(request_of(key=request.key, amount=Decimal("1.00")))


def test_an_unknown_payment_is_refused(bank):
    with pytest.raises(GatewayRefused):
        DemoBank().fetch(str(uuid.uuid4()))


def test_a_bank_that_is_gone_is_down(settings):
    settings.DEMO_BANK_URL = f"http://127.0.0.1:{free_port()}"

    with pytest.raises(GatewayDown):
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
def test_a_request_that_is_not_signed_sees_nothing(bank, header):
    key = request_of().key
    DemoBank().create(request_of(key=key))

    assert http_call(bank, "GET", f"/api/payments/{key}", headers=header)[0] == 404


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
def test_what_is_not_exactly_right_is_refused(bank, change):
    status, _, body = post_json(bank, "/api/payments", {**GOOD, **change})

    assert status == 400 and "error" in json.loads(body)
    assert bank.book.find(GOOD["key"]) is None


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b"\xff\xfe", b"[" * 10000])
def test_rubbish_is_refused(bank, body):
    assert http_call(bank, "POST", "/api/payments", body, {**signed(body), "Content-Length": str(len(body))})[0] == 400


def test_a_body_without_bounds_is_refused(bank):
    status, _, _ = http_call(bank, "POST", "/api/payments", b"", {"Content-Length": "99999999"})

    assert status == 400


# The buyer's page


def test_the_page_shows_the_sum_and_runs_no_script(bank):
    started = DemoBank().create(request_of())

    status, headers, body = http_call(bank, "GET", urlsplit(started.redirect_url).path)

    text = body.decode()
    assert status == 200 and "23.18 EUR" in text and "4QX7 K2MD" in text
    assert "<script" not in text and "style=" not in text and " on" + "click" not in text
    assert "script-src" not in headers["Content-Security-Policy"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]


def test_the_page_speaks_the_buyers_language(bank):
    started = DemoBank().create(request_of(language="ru"))

    assert "Оплатить" in http_call(bank, "GET", urlsplit(started.redirect_url).path)[2].decode()


def test_looking_at_the_page_changes_nothing(bank):
    request = request_of()
    path = urlsplit(DemoBank().create(request).redirect_url).path

    for _ in range(3):
        http_call(bank, "GET", f"{path}?outcome=pay&action=go")

    assert DemoBank().fetch(request.key).state == "pending"


@pytest.mark.parametrize(
    ("form", "state"),
    [
        ({"outcome": "pay"}, "captured"),
        ({"outcome": "decline"}, "failed"),
        ({"outcome": "silent"}, "captured"),
        ({"action": "cancel"}, "cancelled"),
        ({"outcome": "late"}, "pending"),
    ],
    ids=["pay", "decline", "silent", "cancel", "late"],
)
def test_the_buyer_decides_and_goes_back(bank, form, state):
    request = request_of()
    started = DemoBank().create(request)

    status, headers, _ = submit(bank, started, **form)

    assert (status, headers["Location"]) == (303, request.return_url)
    assert DemoBank().fetch(request.key).state == state


def test_a_closed_page_decides_nothing_more(bank):
    request = request_of()
    started = DemoBank().create(request)
    submit(bank, started, outcome="decline")

    submit(bank, started, outcome="pay")

    assert DemoBank().fetch(request.key).state == "failed"
    assert "closed" in http_call(bank, "GET", urlsplit(started.redirect_url).path)[2].decode()


@pytest.mark.parametrize("form", [{"outcome": "gift"}, {"action": "steal"}, {"delay": "x"}, {"surplus": "1"}])
def test_an_unknown_decision_is_refused(bank, form):
    request = request_of()
    started = DemoBank().create(request)

    assert submit(bank, started, **form)[0] == 400
    assert DemoBank().fetch(request.key).state == "pending"


def test_a_page_that_does_not_exist_is_a_plain_404(bank):
    assert http_call(bank, "GET", "/pay/rubbish")[0] == 404
    assert http_call(bank, "POST", "/pay/rubbish", b"outcome=pay")[0] == 404


# Money back


def test_a_refund_is_repeatable_and_never_more_than_was_captured(bank):
    request = request_of()
    submit(bank, DemoBank().create(request), outcome="pay")
    key = str(uuid.uuid4())

    first = DemoBank().refund(request.key, Decimal("20.00"), key)
    second = DemoBank().refund(request.key, Decimal("20.00"), key)

    assert first == second
    with pytest.raises(GatewayRefused):
        DemoBank().refund(request.key, Decimal("3.19"), str(uuid.uuid4()))
    assert [refund.amount for refund in DemoBank().fetch(request.key).refunds] == [Decimal("20.00")]


def test_what_was_not_captured_is_not_given_back(bank):
    request = request_of()
    DemoBank().create(request)

    with pytest.raises(GatewayRefused):
        DemoBank().refund(request.key, Decimal("1.00"), str(uuid.uuid4()))


def test_authorised_money_is_captured_once(bank):
    request = request_of()
    DemoBank().create(request)
    bank.book.authorise(bank.book.find(request.key)["id"])

    assert DemoBank().capture(request.key).state == "captured"
    assert DemoBank().capture(request.key).state == "captured"


# Notices


def test_notices_are_signed_and_tell_the_whole_state(bank, shop):
    request = request_of()
    submit(bank, DemoBank().create(request), outcome="pay")
    wait_for(lambda: len(shop.notices) == 3)

    body, header = next(notice for notice in shop.notices if b"payment.captured" in notice[0])
    event = DemoBank().parse_event(body, {signing.HEADER: header}, at=now())
    facts = DemoBank().read_facts(event.body)

    assert sorted(kinds(shop)) == ["payment.authorised", "payment.captured", "payment.created"]
    assert (event.key, facts.state, facts.amount) == (request.key, "captured", Decimal("23.18"))


def test_a_notice_the_shop_did_not_take_is_sent_again(bank, shop):
    shop.answers = [500]

    DemoBank().create(request_of())

    wait_for(lambda: len(shop.notices) == 2)
    assert shop.notices[0][0] == shop.notices[1][0]


def test_a_silent_bank_sends_nothing(bank, shop):
    started = DemoBank().create(request_of())
    wait_for(lambda: len(shop.notices) == 1)

    submit(bank, started, outcome="silent")

    assert bank.book.due_notices() == []


def test_faults_on_demand_duplicate_notices_and_change_the_amount(bank, shop):
    request = request_of()
    started = DemoBank().create(request)

    submit(bank, started, outcome="pay", duplicate="3", amount="-1")

    wait_for(lambda: kinds(shop).count("payment.captured") == 3)
    assert DemoBank().fetch(request.key).amount == Decimal("23.17")


def test_a_late_payment_comes_after_the_session(bank, shop):
    request = request_of()
    started = DemoBank().create(request)
    submit(bank, started, outcome="late")
    row = bank.book.find(request.key)
    assert row["late_at"] > bank.config.now()

    with bank.book._writing() as db:
        db.execute("UPDATE payment SET late_at = 1")

    wait_for(lambda: DemoBank().fetch(request.key).state == "captured")


@pytest.mark.parametrize("values", [{"delay": "-1"}, {"duplicate": "1000"}, {"drop": "yes"}, {"x": "1"}])
def test_faults_out_of_bounds_are_refused(values):
    with pytest.raises(ValueError):
        parse_faults(values)


def test_faults_are_read_from_a_query():
    assert parse_faults({"delay": "0.5", "drop": "1", "currency": "USD"}) == Faults(0.5, 1, True, 0, "USD")


# The shop's reading


def body_of(**changes):
    payment = {
        "id": "pay_1", "key": str(uuid.uuid4()), "reference": "4QX7K2MD", "merchant": "vitrine", "amount": "5.20",
        "currency": "EUR", "state": "captured", "reason": "", "refunds": [],
    }  # fmt: skip
    return json.dumps({"id": "evt_1", "type": "payment.captured", "payment": {**payment, **changes}}).encode()


@pytest.mark.parametrize("case", ["none", "one byte", "serialised again", "other secret", "old", "empty secret"])
def test_a_tampered_notice_is_refused(settings, case):
    settings.DEMO_BANK_SECRET = "" if case == "empty secret" else SECRET
    body = body_of()
    secret = {"other secret": "another", "empty secret": ""}.get(case, SECRET)
    headers = signed(body, secret, seconds=time.time() - 301 if case == "old" else None)
    if case == "none":
        headers = {}
    elif case == "one byte":
        body = body.replace(b"5.20", b"5.21")
    elif case == "serialised again":
        body = json.dumps(json.loads(body), indent=1).encode()

    with pytest.raises(BadSignature):
        DemoBank().parse_event(body, headers, at=now())


def test_both_secrets_are_accepted_while_one_is_replaced(settings):
    settings.DEMO_BANK_SECRET = "new,old"
    body = body_of()

    assert DemoBank().parse_event(body, signed(body, "old"), at=now()).event_id == "evt_1"
    assert DemoBank().parse_event(body, signed(body, "new"), at=now()).event_id == "evt_1"
    settings.DEMO_BANK_SECRET = "new"
    with pytest.raises(BadSignature):
        DemoBank().parse_event(body, signed(body, "old"), at=now())


@pytest.mark.parametrize(
    "change", [{"state": "gold"}, {"amount": 5.2}, {"amount": "NaN"}, {"refunds": 5}, {"refunds": [5]}], ids=str
)
def test_facts_that_cannot_be_read_are_not_guessed(change):
    with pytest.raises(ValueError):
        DemoBank().read_facts(json.loads(body_of(**change)))
