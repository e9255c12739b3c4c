"""Races of money on real PostgreSQL: expiry against payment (CON-05), one payment told three ways at once (PAY-01)."""

import contextlib
import datetime as dt
import json
import os
import threading
import urllib.error
import urllib.request
from dataclasses import replace

import pytest
from django.db import connection, connections

from common.actors import GUEST
from common.clock import now
from common.models import OutboxMessage
from common.registry import invariants
from orders.gateways import registry
from orders.gateways.demo_bank import signing
from orders.gateways.demo_bank.adapter import DemoBank
from orders.models import Order, Payment, Refund
from orders.payments.inbox import receive_and_process
from orders.payments.reconcile import check_payment
from orders.payments.refunds import kept
from orders.payments.services import start_payment
from orders.services.expire import expire_orders
from orders.tests.factories import make_order, make_shop, make_sku
from orders.tests.fake_bank import FakeBank, notice
from stock.models import Reservation, StockLevel
from stock.services.reserve import OutOfStock

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 20 if os.environ.get("SHORT") else int(os.environ.get("ROUNDS", "50"))
CONTROL_ROUNDS = 200
HALF_HOUR = dt.timedelta(minutes=30)
LATER = dt.timedelta(hours=1)
MONEY = {"I09", "I10", "I11", "I12", "I15", "I34"}


@pytest.fixture(autouse=True)
def _real_database():
    assert connection.vendor == "postgresql", "a race on SQLite proves nothing"


@pytest.fixture
def bank(monkeypatch):
    fake = FakeBank()
    monkeypatch.setattr(fake, "parse_event", DemoBank().parse_event)
    monkeypatch.setitem(registry._KNOWN, "demo_bank", lambda: fake)
    return fake


def together(*actions):
    """Run all actions at once, each on a connection of its own; return what went wrong."""
    barrier, errors = threading.Barrier(len(actions)), []

    def run(action):
        try:
            barrier.wait(10)
            action()
        except Exception as error:  # noqa: BLE001 - every fault of a racer is a finding
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return errors


def broken(at):
    return {check.id for check in invariants() if check.id in MONEY | {"I01", "I02"} and list(check.find(at))}


def say(payment, body, at):
    receive_and_process(
        gateway="demo_bank", event_id=body["id"], kind=body["type"], payment_public_id=str(payment.public_id),
        body=body, at=at,
    )  # fmt: skip


def expiry_against_payment(bank, at):
    """Race one round; return what is wrong afterwards."""
    bank.is_down = False
    shop, sku = make_only_shop(), make_sku()
    order = make_order(at, online=True, shop=shop, sku=sku, stock="2")
    payment = start_payment(order_id=order.pk, return_url="http://shop.example/", actor=GUEST, at=at)
    bank.is_down = True
    body, end = notice(payment, "captured"), at + HALF_HOUR

    def somebody_else():
        with contextlib.suppress(OutOfStock):
            make_order(end, shop=shop, sku=sku, quantity="2", stock=None)

    errors = together(lambda: expire_orders(at=end), lambda: say(payment, body, end), somebody_else)

    order.refresh_from_db()
    held = Reservation.objects.filter(reference=order.number, state="held").count()
    others = Reservation.objects.filter(sku=sku, state="held").exclude(reference=order.number).count()
    reserved = StockLevel.objects.get(sku=sku).reserved
    refunds = Refund.objects.filter(payment=payment).count()
    wrong = [repr(error) for error in errors]
    end_state = (order.status, held, others, reserved, refunds)
    if end_state not in [("placed", 1, 0, 2, 0), ("cancelled", 0, 1, 2, 1)]:
        wrong.append(f"status, held, others, reserved, refunds: {end_state}")
    if order.status == "placed" and kept(order) != order.total:
        wrong.append("placed without its money")
    return wrong + sorted(broken(at + LATER) & MONEY)


_shops: list = []


def make_only_shop():
    """Return one shop for all rounds of a test: letters run out at 26."""
    found = [shop for shop in _shops if type(shop).objects.filter(pk=shop.pk, code=shop.code).exists()]
    if not found:
        _shops[:] = found = [make_shop()]
    return found[0]


def test_con_05_a_hold_that_ends_while_the_money_comes(at, bank):
    seen = [wrong for _ in range(ROUNDS) if (wrong := expiry_against_payment(bank, at))]

    assert seen == []
    assert broken(at) == set()


@pytest.mark.violates
def test_con_05_is_seen_when_orders_are_not_locked(at, bank, settings):
    settings.TEST_LOCKS_OFF = True

    assert any(expiry_against_payment(bank, at) for _ in range(CONTROL_ROUNDS))


def told_three_ways(bank, live_server):
    """Let webhook, returning browser and reconciliation meet on one paid order; return what is wrong."""
    moment = now()
    order = make_order(moment, online=True, shop=make_only_shop(), sku=make_sku(), stock="2")
    payment = start_payment(order_id=order.pk, return_url="http://shop.example/", actor=GUEST, at=moment)
    key = str(payment.public_id)
    bank.book[key] = replace(bank.book[key], state="captured")
    body = json.dumps(notice(payment, "captured")).encode()
    header = {signing.HEADER: signing.sign(body, "only-for-tests", int(moment.timestamp()))}

    def webhook():
        request = urllib.request.Request(f"{live_server.url}/payments/demo_bank/webhook/", body, header)
        with urllib.request.urlopen(request, timeout=20) as answer:
            assert answer.status == 200

    def browser():
        opener = urllib.request.build_opener(_Stay)
        with pytest.raises(urllib.error.HTTPError) as answer:
            opener.open(f"{live_server.url}/orders/{order.token}/return/?status=success", timeout=20)
        answer.value.close()
        assert answer.value.code == 303

    errors = together(webhook, webhook, browser, lambda: check_payment(payment_id=payment.pk, at=now()))

    order.refresh_from_db()
    steps = order.events.filter(to_status="placed").count()
    mails = OutboxMessage.objects.filter(event="order.paid", payload__order_id=order.pk).count()
    state = (order.status, order.version, steps, mails, Payment.objects.get(pk=payment.pk).state)
    wrong = [repr(error) for error in errors]
    return wrong + ([str(state)] if state != ("placed", 2, 1, 1, "captured") else [])


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args):
        return None


def test_pay_01_one_payment_told_by_all_at_once_counts_once(live_server, bank):
    seen = [wrong for _ in range(ROUNDS) if (wrong := told_three_ways(bank, live_server))]

    assert seen == []
    assert Order.objects.exclude(status="placed").count() == 0


@pytest.mark.violates
def test_pay_01_is_seen_when_orders_are_not_locked(live_server, bank, settings):
    settings.TEST_LOCKS_OFF = True

    assert any(told_three_ways(bank, live_server) for _ in range(CONTROL_ROUNDS))
