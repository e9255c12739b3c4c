"""Webhooks: thousands of a bank's notices, doubled, shuffled, days late, forged or about the wrong amount.

The bank is the demo bank's own server with its ledger. Notices come through the shop's address, the worker works every
ten minutes, people decide about what is parked. In the end the shop's totals are the bank's, to the cent. EVENTS says
how many notices, WEBHOOK_SEED repeats a run.
"""

import datetime as dt
import heapq
import json
import logging
import os
import random
from collections import Counter
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client

from accounts.actors import actor_of
from common.actors import GUEST
from common.models import OutboxMessage
from common.money import ZERO
from common.outbox.services import deliver_due
from orders.attention import may_accept, may_refund, seen_of
from orders.gateways.demo_bank import signing
from orders.gateways.demo_bank.server.config import Faults
from orders.gateways.tests.providers import DemoBankHere
from orders.models import Order, Payment, PaymentEvent
from orders.models.status import OPEN
from orders.payments.balance import kept
from orders.payments.by_hand import accept_payment, refund_by_hand
from orders.payments.inbox import process
from orders.payments.reconcile import reconcile
from orders.payments.start import start_payment
from orders.services.cancel import cancel_order
from orders.services.expire import expire_orders
from orders.tests.bank_server import SECRET
from orders.tests.factories import make_order, make_shop
from staff.tests.factories import make_employee

pytestmark = pytest.mark.django_db
EVENTS = int(os.environ.get("EVENTS", "300"))
SEED = os.environ.get("WEBHOOK_SEED", "20261129")
LATEST = dt.timedelta(hours=72)
TICK = dt.timedelta(minutes=10)
MINUTE = dt.timedelta(minutes=1)
WEBHOOK = "/payments/demo_bank/webhook/"
# Parts of a hundred.
DOUBLED, FORGED, WRONG_AMOUNT, CANCELLED, REFUNDED_THERE = 30, 5, 2, 10, 5
ACTS = {"pay": 70, "authorise": 8, "decline": 8, "cancel": 8, "nothing": 6}


class Days:
    """Days of a shop: what happens when. Everything is drawn from the seed."""

    def __init__(self, bank: DemoBankHere, at: dt.datetime, stop_at: Callable[[dt.datetime], None]) -> None:
        self.bank, self.at, self.stop_at, self.rng = bank, at, stop_at, random.Random(SEED)
        self.shop, self.client, self.owner = make_shop(), Client(), actor_of(make_employee(role="owner"))
        self.plan: list[tuple[dt.datetime, int, Callable[[], None]]] = []
        self.told = self.number = 0
        self.done: Counter[str] = Counter()

    def chance(self, percent: int) -> bool:
        return self.rng.random() * 100 < percent

    def later(self, longest: dt.timedelta) -> dt.datetime:
        return self.at + longest * self.rng.random()

    def do_at(self, moment: dt.datetime, what: Callable[[], None]) -> None:
        self.number += 1
        heapq.heappush(self.plan, (moment, self.number, what))

    def run(self) -> None:
        """Sell until there were enough notices, then live until all of it has happened."""
        tick = self.at
        while self.done["notices"] < EVENTS or self.plan:
            if self.done["notices"] < EVENTS:
                self.do_at(self.at, self.sell)
            tick += TICK
            while self.plan and self.plan[0][0] <= tick:
                moment, _number, what = heapq.heappop(self.plan)
                self.go(max(moment, self.at))
                what()
                self.hear()
            self.go(tick)
            self.work()
        for _ in range(20):
            self.go(self.at + dt.timedelta(hours=7))
            self.work()

    def go(self, moment: dt.datetime) -> None:
        self.at = moment
        self.stop_at(moment)

    def work(self) -> None:
        for work in (process, deliver_due, reconcile, expire_orders):
            work(at=self.at)
        self.decide()
        self.hear()

    def sell(self) -> None:
        for _ in range(6):
            order = make_order(self.at, shop=self.shop, online=True)
            payment = start_payment(order_id=order.pk, return_url="http://shop.example/", actor=GUEST, at=self.at)
            act = self.rng.choices(list(ACTS), list(ACTS.values()))[0]
            if act != "nothing":
                self.do_at(self.later(29 * MINUTE), lambda act=act, payment=payment: self.pay(act, payment))
            if self.chance(CANCELLED):
                self.do_at(self.later(40 * MINUTE), lambda order=order: self.cancel(order))

    def pay(self, act: str, payment: Payment) -> None:
        found = self.bank.bank.book.find(str(payment.public_id))
        if act == "pay" and self.chance(WRONG_AMOUNT):
            self.done["wrong amount"] += 1
            self.bank.bank.book.approve(found["id"], Faults(amount=self.rng.choice((-1, 1))))
            return
        self.bank.act(act, payment)
        if act == "pay" and self.chance(REFUNDED_THERE):
            self.do_at(self.later(LATEST), lambda: self.refund(payment))

    def refund(self, payment: Payment) -> None:
        """Somebody at the bank refunds a euro, if that much is left."""
        truth = self.bank.truth(payment)
        if truth.state == "captured" and truth.taken - truth.refunded >= 1:
            self.done["refunded there"] += 1
            self.bank.act("refund a part", payment)

    def cancel(self, order: Order) -> None:
        order.refresh_from_db()
        if order.status in (Order.Status.AWAITING_PAYMENT, Order.Status.PLACED):
            self.done["cancelled"] += 1
            cancel_order(order_id=order.pk, reason="", actor=GUEST, at=self.at)

    def hear(self) -> None:
        """Let what the bank has just said arrive some time: now, or up to three days later, perhaps twice or never."""
        said = self.bank.said()[self.told :]
        self.told += len(said)
        for body in said:
            copies = 2 if self.chance(DOUBLED) else 1
            self.done["doubled"] += copies - 1
            for _ in range(copies):
                self.done["notices"] += 1
                late = dt.timedelta() if self.chance(60) else LATEST * self.rng.random() ** 3
                self.do_at(self.at + late, lambda body=body: self.deliver(body))
            if self.chance(FORGED):
                self.do_at(self.later(LATEST), lambda body=body: self.forge(body))

    def deliver(self, body: bytes) -> None:
        assert self.post(body, self.bank.headers(body, self.at)) == 200

    def forge(self, body: bytes) -> None:
        """Send a notice that the bank did not: paid, under a new id, and none of the signatures is right."""
        data = json.loads(body)
        data["id"] = f"evt_forged_{self.done['forged']}"
        data["payment"] |= {"state": "captured"}
        self.done["forged"] += 1
        forged, now = json.dumps(data).encode(), int(self.at.timestamp())
        header = self.rng.choice(
            [
                "",
                signing.sign(forged, "another secret", now),
                signing.sign(body, SECRET, now),
                signing.sign(forged, SECRET, now - 301),
                signing.sign(forged, SECRET, now + 301),
                f"t={now},v1=",
                signing.sign(json.dumps(data, indent=1).encode(), SECRET, now),
            ]
        )
        assert self.post(forged, {signing.HEADER: header}) == 401

    def post(self, body: bytes, headers: dict[str, str]) -> int:
        return self.client.post(WEBHOOK, body, content_type="application/json", headers=headers).status_code

    def decide(self) -> None:
        """People decide about what is parked: accept it where that can be done, or refund it."""
        for payment in Payment.objects.parked().select_related("order"):
            if self.chance(90):
                continue
            can_accept = may_accept(payment.order, payment)
            if not can_accept and not may_refund(payment.order, payment):
                continue
            decision = accept_payment if can_accept and self.chance(50) else refund_by_hand
            decision(payment_id=payment.pk, seen=seen_of(payment), note="", actor=self.owner, at=self.at)
            self.done["decided"] += 1


@pytest.fixture
def bank(settings, tmp_path):
    here = DemoBankHere()
    with here.running(settings, tmp_path):
        yield here


@pytest.fixture(autouse=True)
def _the_bank_is_silent(caplog):
    caplog.set_level(logging.WARNING)


@pytest.fixture
def days(bank, at, stopped_clock):
    return Days(bank, at, stopped_clock)


def compare(bank: DemoBankHere) -> tuple[Decimal, Decimal]:
    """Compare every payment with the bank's book, and every order with its money; return the totals."""
    taken, refunded = ZERO, ZERO
    for payment in Payment.objects.prefetch_related("refunds"):
        truth = bank.truth(payment)
        done = sum((one.amount for one in payment.refunds.all() if one.state == "done"), ZERO)
        mine = payment.amount if payment.state == "captured" else ZERO
        assert (mine, done) == (truth.taken, truth.refunded), payment
        taken, refunded = taken + truth.taken, refunded + truth.refunded
    for order in Order.objects.all():
        assert kept(order) + order.waived >= order.total if order.status in OPEN else kept(order) == ZERO, order
    return taken, refunded


def test_the_shops_totals_are_the_banks(days, bank):
    days.run()

    taken, refunded = compare(bank)
    assert not PaymentEvent.objects.filter(event_id__startswith="evt_forged").exists()
    assert not PaymentEvent.objects.filter(processed_at=None).exists()
    assert not OutboxMessage.objects.filter(done_at=None).exists()
    assert not Payment.objects.parked().exists()
    states = dict(Counter(Order.objects.values_list("status", flat=True)))
    print(f"\nWebhooks: {dict(days.done)}; orders {states}; taken {taken}, refunded {refunded}")  # noqa: T201
    assert days.done["forged"] > 0 and days.done["doubled"] > 0
    assert taken > refunded > 0


@pytest.mark.violates
def test_a_shop_that_compares_nothing_is_found_out(days, bank, monkeypatch):
    monkeypatch.setattr("orders.payments.settle.find_difference", lambda *facts: "")
    monkeypatch.setattr("tests.webhooks.test_webhooks.WRONG_AMOUNT", 50)
    monkeypatch.setattr("tests.webhooks.test_webhooks.EVENTS", 60)
    days.run()

    with pytest.raises(AssertionError):
        compare(bank)
