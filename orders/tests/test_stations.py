"""The stations of an order: each is called, in the order of locks."""

import datetime as dt
from decimal import Decimal

import pytest

from common.actors import GUEST, WORKER
from common.errors import DomainError
from orders import stations
from orders.models import Order, OrderLine, Refund
from orders.payments.inbox import receive_and_process
from orders.payments.start import start_payment
from orders.services.cancel import cancel_order
from orders.services.expire import expire_orders
from orders.stations import Claim
from orders.tests.factories import make_order, take_to_ready
from orders.tests.fake_bank import notice
from orders.tests.test_cancel import pay
from stock.models import Reservation, StockLevel

pytestmark = pytest.mark.django_db
LATER = dt.timedelta(minutes=30)


class NoSlot(DomainError):
    code = "no_slot"


class Slots:
    """A station that records its calls and refuses claims if told to."""

    def __init__(self):
        self.asked, self.is_full = [], False

    def claim(self, claim, *, at):
        self.asked.append(("claim", claim))
        if self.is_full:
            raise NoSlot("Full")

    def release(self, number, *, at, is_expired):
        self.asked.append(("release", number, is_expired))

    def set_end(self, number, ends_at):
        self.asked.append(("end", number, ends_at))


@pytest.fixture
def slots(monkeypatch):
    station = Slots()
    monkeypatch.setattr(stations, "STATIONS", (*stations.STATIONS, station))
    return station


def test_cancelling_releases_every_station(at, slots):
    order = make_order(at)

    cancel_order(order_id=order.pk, reason="", actor=WORKER, at=at)

    assert slots.asked == [("release", order.number, False)]
    assert Reservation.objects.get().state == "released"


def test_expiry_releases_every_station_as_expired(at, bank, slots):
    order = make_order(at, online=True)

    expire_orders(at=at + LATER)

    assert slots.asked == [("release", order.number, True)]
    assert Reservation.objects.get().state == "expired"


def test_every_station_is_told_of_a_changed_expiry(at, bank, slots):
    paid, ready = make_order(at, online=True), make_order(at)
    pay(paid, at)

    take_to_ready(ready, at)

    ready.refresh_from_db()
    assert slots.asked == [("end", paid.number, None), ("end", ready.number, ready.expires_at)]


def test_late_money_claims_again_at_every_station(at, bank, slots):
    order = make_order(at, online=True)
    payment = start_payment(order_id=order.pk, return_url="http://shop.example/", actor=GUEST, at=at)
    expire_orders(at=at + LATER)

    pay_late(payment, at)

    sku_id = order.lines.get().sku_id
    claim = Claim(order.number, order.shop_id, {sku_id: Decimal(2)}, None)
    assert slots.asked[1:] == [("claim", claim), ("end", order.number, None)]
    assert Order.objects.get().status == "placed"


def test_late_money_is_refunded_if_any_station_refuses_and_nothing_stays_claimed(at, bank, slots):
    order = make_order(at, online=True)
    payment = start_payment(order_id=order.pk, return_url="http://shop.example/", actor=GUEST, at=at)
    expire_orders(at=at + LATER)
    slots.is_full = True

    pay_late(payment, at)

    assert (Order.objects.get().status, StockLevel.objects.get().reserved) == ("cancelled", 0)
    assert Refund.objects.get().amount == order.total


def test_an_article_no_longer_sold_is_not_claimed_again(at, bank):
    order = make_order(at, online=True)
    payment = start_payment(order_id=order.pk, return_url="http://shop.example/", actor=GUEST, at=at)
    expire_orders(at=at + LATER)
    OrderLine.objects.update(sku=None)

    pay_late(payment, at)

    assert (Order.objects.get().status, StockLevel.objects.get().reserved) == ("cancelled", 0)
    assert Refund.objects.get().amount == order.total


def pay_late(payment, at):
    body = notice(payment, "captured")
    receive_and_process(
        gateway="demo_bank", event_id=body["id"], kind=body["type"], payment_public_id=str(payment.public_id),
        body=body, at=at + 2 * LATER,
    )  # fmt: skip
