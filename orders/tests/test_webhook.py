"""The gateway's notices over HTTP."""

import datetime as dt
import json
import time

import pytest
from django.db import OperationalError

from common import clock
from common.actors import GUEST
from orders.gateways.demo_bank import signing
from orders.gateways.demo_bank.adapter import DemoBank
from orders.models import Order, PaymentEvent
from orders.payments import inbox
from orders.payments.start import start_payment
from orders.tests.factories import make_order
from orders.tests.fake_bank import notice

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def a_minute_later(stopped_clock, at):
    stopped_clock(at + dt.timedelta(minutes=1))


def post_notice(client, body, secret="only-for-tests", seconds=None):
    stamp = int(clock.now().timestamp() if seconds is None else seconds)
    return client.post(
        "/payments/demo_bank/webhook/",
        body,
        content_type="application/json",
        headers={signing.HEADER: signing.sign(body, secret, stamp)},
    )


@pytest.fixture
def paying(at, bank, monkeypatch):
    """Return an order whose buyer is at the bank, with notices read by the real adapter."""
    order = make_order(at, online=True)
    payment = start_payment(order_id=order.pk, return_url="http://shop.example/", actor=GUEST, at=at)
    monkeypatch.setattr(bank, "parse_event", DemoBank().parse_event)
    return payment


def test_a_signed_notice_pays_the_order(client, paying):
    answer = post_notice(client, json.dumps(notice(paying, "captured")).encode())

    assert answer.status_code == 200
    assert Order.objects.get().status == "placed"


def test_fifty_copies_of_a_notice_have_one_effect(client, paying):
    body = json.dumps(notice(paying, "captured")).encode()

    codes = {post_notice(client, body).status_code for _ in range(50)}

    assert codes == {200}
    assert Order.objects.get().events.count() == 2


@pytest.mark.parametrize("case", ["unsigned", "forged", "changed", "old", "rubbish", "not json"])
def test_a_forged_notice_has_no_effect(client, paying, case):
    body = json.dumps(notice(paying, "captured")).encode()
    if case == "unsigned":
        answer = client.post("/payments/demo_bank/webhook/", body, content_type="application/json")
    elif case == "changed":
        stamp = int(clock.now().timestamp())
        header = {signing.HEADER: signing.sign(body, "only-for-tests", stamp)}
        changed = body.replace(b"5.20", b"0.01")
        answer = client.post("/payments/demo_bank/webhook/", changed, content_type="application/json", headers=header)
    elif case == "old":
        answer = post_notice(client, body, seconds=clock.now().timestamp() - 301)
    elif case == "rubbish":
        answer = post_notice(client, b'{"id": 5}')
    elif case == "not json":
        answer = post_notice(client, b"\xff{")
    else:
        answer = post_notice(client, body, secret="another")

    assert answer.status_code in (400, 401)
    assert (PaymentEvent.objects.count(), Order.objects.get().status) == (0, "awaiting_payment")


@pytest.mark.parametrize("gateway", ["on_collection", "unknown", "stripe"])
def test_a_notice_for_a_gateway_without_notices_is_refused(client, gateway):
    answer = client.post(f"/payments/{gateway}/webhook/", b"{}", content_type="application/json")

    assert answer.status_code in (401, 404)


def test_a_huge_notice_is_not_read(client, paying):
    assert post_notice(client, b"x" * (64 * 1024 + 1)).status_code == 413


def test_a_notice_that_fails_in_processing_is_kept_for_the_worker(client, paying, monkeypatch):
    def fail(**_):
        raise OperationalError("lock timeout")

    monkeypatch.setattr(inbox, "fold", fail)
    answer = post_notice(client, json.dumps(notice(paying, "captured")).encode())
    monkeypatch.undo()

    assert answer.status_code == 200
    assert PaymentEvent.objects.get().processed_at is None
    assert inbox.process(at=paying.created_at) == 1
    assert Order.objects.get().status == "placed"


def test_acknowledging_is_quick(client, paying):
    started = time.monotonic()

    post_notice(client, json.dumps(notice(paying, "captured")).encode())

    assert time.monotonic() - started < 1


@pytest.mark.parametrize(
    "sign", [r"\u0000", r"\ud800", "NaN", "1e999", "["], ids=["nul", "surrogate", "nan", "inf", "deep"]
)
def test_a_signed_notice_that_cannot_be_stored_is_refused(client, paying, sign):
    odd = sign * 20_000 if sign == "[" else sign if sign in ("NaN", "1e999") else f'"{sign}"'
    body = json.dumps(notice(paying, "captured"))[:-1] + f', "odd": {odd}}}'

    answer = post_notice(client, body.encode())

    assert (answer.status_code, answer.content) == (400, b"unreadable\n")
    assert PaymentEvent.objects.count() == 0
