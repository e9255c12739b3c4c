"""The kit that every gateway passes: notices in any order, doubled, lost or late, and a crash at every point.

A provider that runs here joins by one class and one line in PROVIDERS (`providers.py`). The kit lets buyers and shop do
something, delivers what the provider said about it in many ways, lets the worker work, and compares: the shop's rows
say what the provider's book says, no cent is lost, and each way of delivery ends in the same state.
"""

import datetime as dt
import itertools
import pathlib
import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, ClassVar

from django.db.models import Sum
from django.test import Client

from common.actors import GUEST
from common.models import OutboxMessage
from common.money import ZERO
from common.outbox.services import deliver_due
from orders.models import Order, Payment, PaymentEvent
from orders.models.status import OPEN
from orders.payments.balance import kept
from orders.payments.inbox import process
from orders.payments.reconcile import reconcile
from orders.payments.start import start_payment
from orders.services.cancel import cancel_order
from orders.services.expire import expire_orders
from orders.tests.factories import make_order, make_shop
from stock.models import Shop

# Longer than the lease of a message that a dead worker had claimed.
TICK = dt.timedelta(minutes=6)
TICKS = 14
DAY = dt.timedelta(hours=25)
CANCEL, EXPIRE, SETTLE = "shop cancels", "order expires", "worker works"
# What buyers, the provider's own staff and the shop do, one after the other. A provider leaves out what it cannot do.
SCENARIOS: dict[str, tuple[str, ...]] = {
    "paid": ("pay",),
    "declined": ("decline",),
    "abandoned": ("cancel",),
    "authorised": ("authorise",),
    "refunded in part there": ("pay", SETTLE, "refund a part"),
    "refunded there": ("pay", SETTLE, "refund all"),
    "paid, then cancelled": ("pay", CANCEL),
    "paid, known, then cancelled": ("pay", SETTLE, CANCEL),
    "cancelled, then paid": (CANCEL, "pay"),
    "cancelled, then authorised": (CANCEL, "authorise"),
    "expired, then paid": (EXPIRE, "pay"),
}


class Crash(BaseException):
    """The process has died. Not an Exception: nothing may catch it."""


@dataclass(frozen=True)
class Truth:
    """What the provider's own book says about a payment."""

    state: str
    taken: Decimal
    refunded: Decimal


class Provider(ABC):
    """A provider on this machine that does what a test says, and whose notices the test delivers."""

    code: ClassVar[str]
    acts: ClassVar[frozenset[str]]

    @abstractmethod
    def running(self, settings: Any, folder: pathlib.Path) -> AbstractContextManager[None]:
        """Serve until the block ends, with the shop's settings pointing here."""

    @abstractmethod
    def act(self, name: str, payment: Payment) -> None:
        """Let the buyer or the provider's staff do something."""

    @abstractmethod
    def said(self) -> list[bytes]:
        """Return the bodies of all notices so far, in the order in which things happened."""

    @abstractmethod
    def headers(self, body: bytes, at: dt.datetime) -> dict[str, str]:
        """Return the headers of a notice that is sent now."""

    @abstractmethod
    def truth(self, payment: Payment) -> Truth:
        """Return what the book says."""


@dataclass
class Delivery:
    """A way to deliver notices: their `order` by number, some lost, each `copies` times; a crash at a point."""

    order: Sequence[int] = ()
    lost: frozenset[int] = frozenset()
    copies: int = 1
    crash_at: int = 0


@dataclass
class Points:
    """Counts the crash points that are passed, and crashes at one of them once."""

    crash_at: int = 0
    passed: int = 0

    def __call__(self, name: str) -> None:
        self.passed += 1
        if self.passed == self.crash_at:
            raise Crash(name)


@dataclass
class Case:
    """One order, one way of delivery."""

    provider: Provider
    at: dt.datetime
    stop_at: Callable[[dt.datetime], None]
    delivery: Delivery
    delivered: int = 0
    again: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.client = Client()
        self.stop_at(self.at)
        self.delivered = len(self.provider.said())
        shop = Shop.objects.first() or make_shop()
        self.order = make_order(self.at, shop=shop, online=True, gateway=self.provider.code)
        self.payment = start_payment(order_id=self.order.pk, return_url="http://shop.example/", actor=GUEST, at=self.at)

    def play(self, scenario: Sequence[str]) -> None:
        for act in scenario:
            if act == SETTLE:
                self.settle()
            elif act == CANCEL:
                self.repeating(lambda: cancel_order(order_id=self.order.pk, reason="", actor=GUEST, at=self.at))
            elif act == EXPIRE:
                self.tick(dt.timedelta(minutes=31))
                self.repeating(lambda: expire_orders(at=self.at))
            else:
                self.provider.act(act, self.payment)
        self.deliver(self.delivery)
        self.settle()

    def deliver(self, delivery: Delivery) -> None:
        """Deliver what was said since the last time."""
        said = self.provider.said()[self.delivered :]
        self.delivered += len(said)
        order = [number for number in delivery.order if number < len(said)] or range(len(said))
        for number in [*order, *range(len(order), len(said))]:
            if number not in delivery.lost:
                for _ in range(delivery.copies):
                    self.send(said[number])

    def send(self, body: bytes) -> None:
        def post() -> None:
            headers = self.provider.headers(body, self.at)
            address = f"/payments/{self.provider.code}/webhook/"
            answer = self.client.post(address, body, content_type="application/json", headers=headers)
            assert answer.status_code == 200, answer.content

        if not self.surviving(post):
            self.again.append(body)

    def settle(self) -> None:
        """Let the worker work until nothing is left to do, and once a day later.

        What it makes the provider say arrives newest first.
        """
        self.work(TICK)
        for later in (*[TICK] * TICKS, DAY, *[TICK] * TICKS):
            if later == DAY or not self.is_quiet():
                self.work(later)

    def work(self, later: dt.timedelta) -> None:
        self.tick(later)
        for work in (process, deliver_due, reconcile, expire_orders):
            self.surviving(lambda work=work: work(at=self.at))
        repeated, self.again = self.again, []
        for body in repeated:
            self.send(body)
        self.deliver(Delivery(order=range(9, -1, -1)))

    def is_quiet(self) -> bool:
        waits = Order.objects.filter(pk=self.order.pk, status=Order.Status.AWAITING_PAYMENT).exists()
        undecided = Payment.objects.filter(pk=self.payment.pk, state__in=("pending", "authorised")).exists()
        left = (
            OutboxMessage.objects.filter(done_at=None).exists()
            or PaymentEvent.objects.filter(processed_at=None).exists()
        )
        return not (waits or undecided or left or self.again or self.delivered < len(self.provider.said()))

    def tick(self, passed: dt.timedelta) -> None:
        self.at += passed
        self.stop_at(self.at)

    def surviving(self, work: Callable[[], object]) -> bool:
        """Do something; return whether it ended without a crash."""
        try:
            work()
        except Crash:
            return False
        return True

    def repeating(self, work: Callable[[], object]) -> None:
        while not self.surviving(work):
            pass

    def end(self) -> tuple[object, ...]:
        """Return the end state, after comparing it with the provider's book."""
        order, payment = Order.objects.get(pk=self.order.pk), Payment.objects.get(pk=self.payment.pk)
        truth = self.provider.truth(payment)
        done = payment.refunds.filter(state="done").aggregate(sum=Sum("amount"))["sum"] or ZERO
        assert (payment.state, done) == (truth.state, truth.refunded)
        assert kept(order) == truth.taken - truth.refunded
        if order.status in OPEN:
            assert kept(order) + order.waived >= order.total
        else:
            assert kept(order) == ZERO
        assert not PaymentEvent.objects.filter(payment=payment, processed_at=None).exists()
        assert not OutboxMessage.objects.filter(done_at=None).exists()
        steps = [(event.from_status, event.to_status) for event in order.events.order_by("id") if event.is_step]
        refunds = sorted(payment.refunds.values_list("state", "amount", "reason"))
        return order.status, order.cancel_reason, order.waived, payment.state, payment.note, refunds, steps


def deliveries(count: int, rng: random.Random, most: int) -> Iterator[Delivery]:
    """Yield ways to deliver `count` notices: in order, none, and `most` more that differ in everything."""
    yield Delivery()
    yield Delivery(lost=frozenset(range(count)))
    orders = list(itertools.permutations(range(count))) if count <= 4 else []
    rng.shuffle(orders)
    for number in range(most):
        order = orders[number % len(orders)] if orders else tuple(rng.sample(range(count), count))
        lost = frozenset(one for one in range(count) if rng.random() < 0.2)
        yield Delivery(order, lost, copies=rng.choice((1, 2, 3)))


@contextmanager
def crashing(monkeypatch: Any, points: Points) -> Iterator[None]:
    """Let the process die at one of its crash points in the block."""
    with monkeypatch.context() as patch:
        for module in ("orders.payments.asking", "orders.payments.inbox", "common.outbox.services"):
            patch.setattr(f"{module}.crash_point", points)
        yield
