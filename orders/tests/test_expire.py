"""Orders whose hold has expired: which are ended, and which are kept longer."""

import datetime as dt
from dataclasses import replace

import pytest
from django.core.management import call_command

from common.actors import GUEST, WORKER
from orders.gateways.base import GatewayUnavailable
from orders.models import Order, Payment
from orders.payments.start import start_payment
from orders.services import expire
from orders.services.change_status import change_status, undo
from orders.services.expire import expire_orders
from orders.tests.factories import make_order, make_shop, take_to_ready
from orders.tests.test_cancel import pay
from stock.models import Reservation, Shop, StockLevel

pytestmark = pytest.mark.django_db
LATER = dt.timedelta(minutes=30)
# 10 March is a Tuesday; the shop's next open day ends at 20:00 in Amsterdam.
NEXT_DAY_OVER = dt.datetime(2026, 3, 11, 19, tzinfo=dt.UTC)


def ends(order):
    """Return the end of the order's hold, in its own row and in its reservations."""
    order.refresh_from_db()
    held = Reservation.objects.filter(reference=order.number, state="held")
    return order.expires_at, list(held.values_list("expires_at", flat=True))


def assert_ended(order):
    order.refresh_from_db()
    assert (order.status, order.cancel_reason, order.expires_at) == ("cancelled", "expired", None)
    assert (StockLevel.objects.get().reserved, Reservation.objects.get().state) == (0, "expired")


def test_an_unpaid_order_expires_with_its_hold_and_not_before(at, bank):
    order = make_order(at, online=True)

    assert expire_orders(at=at + LATER - dt.timedelta(seconds=1)) == 0
    assert expire_orders(at=at + LATER) == 1
    assert expire_orders(at=at + LATER) == 0

    assert_ended(order)
    assert order.events.last().code == "not_paid_in_time"


def test_a_sweep_out_of_time_ends_no_order_and_asks_no_bank(at, bank):
    order = make_order(at, online=True)
    start_payment(order_id=order.pk, return_url="http://shop.example/", actor=GUEST, at=at)
    bank.calls = []

    assert expire_orders(at=at + LATER, seconds=0) == 0

    order.refresh_from_db()
    assert (order.status, bank.calls) == ("awaiting_payment", [])
    assert expire_orders(at=at + LATER) == 1


def test_a_ready_order_expires_if_not_collected_in_time_and_not_before(at):
    order = take_to_ready(make_order(at), at)

    assert expire_orders(at=NEXT_DAY_OVER - dt.timedelta(seconds=1)) == 0
    assert expire_orders(at=NEXT_DAY_OVER) == 1
    assert expire_orders(at=NEXT_DAY_OVER) == 0

    assert_ended(order)
    assert order.events.last().code == "not_collected_in_time"


@pytest.mark.parametrize("status", ["placed", "preparing", "in_transit"])
@pytest.mark.violates("I15")  # the status is set without its steps
def test_an_order_the_shop_is_late_with_is_kept_longer(at, status):
    order = make_order(at)
    fulfilment = "delivery" if status == "in_transit" else "collection"
    Order.objects.filter(pk=order.pk).update(status=status, fulfilment=fulfilment)

    assert expire_orders(at=at + LATER) == 0
    assert expire_orders(at=at + LATER) == 0

    assert ends(order) == (NEXT_DAY_OVER, [NEXT_DAY_OVER])
    assert (order.status, StockLevel.objects.get().reserved) == (status, 2)
    event = order.events.last()
    assert (event.code, event.params, event.actor_label) == (
        "hold_extended",
        {"until": NEXT_DAY_OVER.isoformat()},
        WORKER.label,
    )
    assert order.events.filter(code="hold_extended").count() == 1


def test_an_order_of_a_closed_shop_is_kept_too(at):
    shop = make_shop()
    order = make_order(at, shop=shop)
    shop.hours.all().delete()
    Shop.objects.update(is_active=False)

    assert expire_orders(at=at + LATER) == 0

    until = at + LATER + dt.timedelta(days=2)
    assert ends(order) == (until, [until])


def test_an_order_ready_late_is_held_for_the_full_time_from_then(at):
    order = make_order(at)
    late = at + dt.timedelta(days=1)

    take_to_ready(order, late)

    until = NEXT_DAY_OVER + dt.timedelta(days=1)
    assert ends(order) == (until, [until])


def test_an_order_ready_early_is_held_from_its_promised_time(at):
    order = make_order(at)
    Order.objects.update(promised_at=at + dt.timedelta(days=2))

    take_to_ready(order, at)

    until = NEXT_DAY_OVER + dt.timedelta(days=2)
    assert ends(order) == (until, [until])


def test_becoming_ready_never_shortens_a_hold(at):
    order = make_order(at, hold=dt.timedelta(days=5))

    take_to_ready(order, at)

    assert ends(order) == (at + dt.timedelta(days=5), [at + dt.timedelta(days=5)])


def test_a_recalled_order_that_becomes_ready_again_is_held_from_then(at):
    order = take_to_ready(make_order(at), at)
    undo(order_id=order.pk, actor=WORKER, at=at + LATER)
    late = at + dt.timedelta(days=1)

    change_status(order_id=order.pk, to=Order.Status.READY, actor=WORKER, at=late)

    until = NEXT_DAY_OVER + dt.timedelta(days=1)
    assert ends(order) == (until, [until])


def test_a_paid_order_gets_no_expiry_when_it_becomes_ready(at, bank):
    order = make_order(at, online=True)
    pay(order, at)

    take_to_ready(order, at)

    assert ends(order) == (None, [None])


def test_a_paid_order_never_expires(at, bank):
    order = make_order(at, online=True)
    pay(order, at)

    assert expire_orders(at=at + dt.timedelta(days=30)) == 0


def test_the_bank_is_asked_once_more_before_an_order_expires(at, bank):
    order = make_order(at, online=True)
    payment = start_payment(order_id=order.pk, return_url="http://shop.example/", actor=GUEST, at=at)
    key = str(payment.public_id)
    bank.book[key] = replace(bank.book[key], state="captured")

    assert expire_orders(at=at + LATER) == 0

    assert Order.objects.get().status == "placed"


def test_a_silent_bank_does_not_keep_an_order_from_expiring(at, bank):
    order = make_order(at, online=True)
    start_payment(order_id=order.pk, return_url="http://shop.example/", actor=GUEST, at=at)
    bank.is_down = True

    assert expire_orders(at=at + LATER) == 1


def test_a_silent_bank_does_not_keep_others_from_being_asked(at, bank, monkeypatch):
    orders = [make_order(at, online=True) for _ in range(2)]
    for order in orders:
        start_payment(order_id=order.pk, return_url="http://shop.example/", actor=GUEST, at=at)
    Payment.objects.filter(order=orders[0]).update(gateway="silent_bank")
    asked = []

    def ask(*, payment_id, at):
        payment = Payment.objects.get(pk=payment_id)
        asked.append(payment.order_id)
        if payment.gateway == "silent_bank":
            raise GatewayUnavailable("no answer")

    monkeypatch.setattr(expire, "check_payment", ask)

    assert expire_orders(at=at + LATER) == 2
    assert asked == [orders[0].pk, orders[1].pk]


@pytest.mark.violates  # a payment is parked by hand
def test_a_dry_run_names_the_orders_that_would_expire(at, bank, capsys, stopped_clock):
    stopped_clock(at)
    shop = make_shop()
    unpaid, late = make_order(at, online=True, shop=shop), make_order(at, shop=shop)
    being_checked = make_order(at, online=True, shop=shop)
    make_order(at, online=True, shop=shop)
    payment = start_payment(order_id=being_checked.pk, return_url="http://s/", actor=GUEST, at=at)
    Payment.objects.filter(pk=payment.pk).update(state="parked")
    Order.objects.filter(pk__in=[unpaid.pk, late.pk, being_checked.pk]).update(expires_at=at - LATER)

    call_command("expire_reservations", dry_run=True)

    assert capsys.readouterr().out.split() == [unpaid.number]
    assert {order.status for order in Order.objects.all()} == {"awaiting_payment", "placed"}
