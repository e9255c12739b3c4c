"""The nightly check, and what waits for people on the admin's first screen."""

import datetime as dt
import re
from html import unescape

import pytest
from django.utils import timezone

from common.actors import GUEST, SETUP
from orders.models import Order, Payment
from orders.payments.inbox import receive_and_process
from orders.payments.start import start_payment
from orders.tests.factories import make_order, make_shop
from orders.tests.fake_bank import FakeBank, notice, put_in_place
from staff.tests.factories import make_employee, sign_in
from storefront.models import NightlyCheck
from storefront.services.nightly import check_nightly
from storefront.services.setup import set_up

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def _pages_and_groups(at):
    set_up(owners=[], actor=SETUP, at=at)


def panel_of(user) -> str:
    """Return the words of the panel, "" without one."""
    html = sign_in(user).get("/admin/").content.decode()
    found = re.search(r'id="waiting-section".*?</section>', html, re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", found[0])).split()) if found else ""


@pytest.fixture
def parked(at, monkeypatch, stopped_clock):
    """An order whose payment differs by a cent and waits for a person."""
    put_in_place(FakeBank(), monkeypatch)
    order = make_order(at, online=True)
    payment = start_payment(order_id=order.pk, return_url="http://shop.example/", actor=GUEST, at=at)
    body = notice(payment, "captured", amount="5.19")
    receive_and_process(
        gateway="demo_bank", event_id=body["id"], kind="x", payment_public_id=str(payment.public_id), body=body, at=at
    )
    assert Payment.objects.get().state == "parked"
    return order


def test_it_is_made_once_a_night(at):
    three = timezone.localtime(at).replace(hour=3, minute=0)

    assert check_nightly(at=three - HOUR) == 1
    moments = [three - HOUR / 2, three, three + HOUR, three + 22 * HOUR, three + 24 * HOUR]
    assert [check_nightly(at=moment) for moment in moments] == [0, 1, 0, 0, 1]

    assert [check.broken for check in NightlyCheck.objects.all()] == [{}, {}, {}]


@pytest.mark.parametrize("day", [dt.date(2026, 3, 29), dt.date(2026, 10, 25)])
def test_it_is_made_once_in_nights_of_23_and_25_hours(day, settings):
    zone = timezone.get_default_timezone()
    start = dt.datetime.combine(day - dt.timedelta(days=1), dt.time(12), zone).astimezone(dt.UTC)

    assert sum(check_nightly(at=start + number * HOUR / 4) for number in range(4 * 48)) == 3


def test_old_results_are_deleted(at):
    check_nightly(at=at - dt.timedelta(days=40))

    check_nightly(at=at)

    assert [check.at for check in NightlyCheck.objects.all()] == [at]


@pytest.mark.violates("I07")
def test_the_owner_reads_what_it_found(at, stopped_clock):
    order = make_order(at)
    Order.objects.filter(pk=order.pk).update(tax_total=0)
    check_nightly(at=at)

    text = panel_of(make_employee(role="owner"))

    assert "found one thing that does not hold: an order's total and tax are the sums of its lines" in text
    assert "(1 case)" in text


def test_the_owner_reads_that_all_is_well(at, stopped_clock):
    owner = make_employee(role="owner")
    assert "the first check is still to come" in panel_of(owner)

    check_nightly(at=at)

    assert "No payment, refund or message needs a decision." in panel_of(owner)
    assert "checked on 10 March 2026, 09:00: all is well" in panel_of(owner)
    assert "the worker does not run" not in panel_of(owner)
    stopped_clock(at + dt.timedelta(days=3))
    assert "the worker does not run" in panel_of(owner)


def test_money_that_waits_is_counted_for_those_who_decide(parked):
    manager, elsewhere = (
        make_employee(parked.shop, role="shop_manager"),
        make_employee(make_shop(), role="shop_manager"),
    )

    assert "1 matter needs a decision" in panel_of(make_employee(role="owner"))
    assert "1 matter needs a decision" in panel_of(manager)
    assert panel_of(elsewhere) == ""


@pytest.mark.parametrize("role", ["editor", "price_manager"])
def test_nobody_else_sees_it(parked, role):
    make_employee(role="owner")

    assert panel_of(make_employee(role=role)) == ""
