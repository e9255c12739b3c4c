"""Refunds that the bank makes by itself, and its outages, in the list and on the order's page."""

import datetime as dt
from decimal import Decimal

import pytest

from common import clock
from orders.gateways.base import RefundFacts
from orders.models import GatewayOutage
from orders.payments.balance import due
from orders.tests.conftest import bank  # noqa: F401 - a fixture
from orders.tests.fake_bank import notice
from orders.tests.test_payments import say, start
from staff.tests.factories import make_employee, make_order, make_shop, sign_in
from tests.markup import squeezed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bank")]
LIST = "/staff/attention/"


@pytest.fixture
def shop(db):
    return make_shop()


@pytest.fixture
def manager(shop):
    return sign_in(make_employee(shop, role="shop_manager"))


def refunded(shop, amount):
    at = clock.now()
    order = make_order(at, shop=shop, online=True)
    payment = start(order, at)
    say(payment, notice(payment, "captured"), at)
    say(payment, notice(payment, "captured", refunds=(RefundFacts("ref_own", "", Decimal(amount)),)), at)
    order.refresh_from_db()
    return order


def page(order):
    return f"/staff/orders/{order.number}/"


def decide(client, order, verb, **data):
    return client.post(f"{LIST}orders/{order.number}/{verb}/", data)


def test_an_order_refunded_in_full_is_listed_and_charged_again(manager, shop):
    order = refunded(shop, "5.20")
    text = squeezed(manager.get(LIST))
    assert "The bank refunded an open order" in text
    assert "Take €5.20 at the counter" in text and "It was agreed" in text

    answer = decide(manager, order, "charge", seen="5.20")

    order.refresh_from_db()
    assert (answer.status_code, due(order)) == (303, Decimal("5.20"))
    assert "Nothing needs your attention." in squeezed(manager.get(LIST))
    assert "Decided to charge the €5.20 refunded by the bank again, at the counter." in squeezed(
        manager.get(page(order))
    )


def test_a_full_refund_can_be_agreed_with_a_note(manager, shop):
    order = refunded(shop, "5.20")

    refused = decide(manager, order, "agree", seen="5.20", note="")
    answer = decide(manager, order, "agree", seen="5.20", note="Burnt bread")

    order.refresh_from_db()
    assert (refused.status_code, answer.status_code, due(order)) == (422, 303, 0)
    assert "Burnt bread" in squeezed(manager.get(page(order)))


def test_people_who_may_refund_can_charge_a_part_again_from_the_orders_page(manager, shop):
    order = refunded(shop, "2.00")
    employee = sign_in(make_employee(shop))

    assert "Take €2.00 at the counter" in squeezed(manager.get(page(order)))
    assert "Take €2.00 at the counter" not in squeezed(employee.get(page(order)))
    assert "Nothing needs your attention." in squeezed(manager.get(LIST))
    assert decide(employee, order, "charge", seen="2.00").status_code == 404
    assert decide(manager, order, "charge", seen="2.00").status_code == 303
    order.refresh_from_db()
    assert due(order) == Decimal("2.00")


def test_a_decision_about_a_different_amount_is_refused(manager, shop):
    order = refunded(shop, "2.00")

    answer = decide(manager, order, "charge", seen="1.00")

    order.refresh_from_db()
    assert (answer.status_code, order.waived) == (409, Decimal("2.00"))


@pytest.mark.parametrize("verb", ["", "delete", "charge/x"])
def test_an_unknown_decision_about_an_order_is_not_found(manager, shop, verb):
    assert decide(manager, refunded(shop, "2.00"), verb, seen="2.00").status_code == 404


def test_an_order_of_another_shop_is_not_found(manager):
    assert decide(manager, refunded(make_shop(), "2.00"), "charge", seen="2.00").status_code == 404


@pytest.mark.parametrize(
    ("is_stranger", "minutes", "sentence"),
    [(False, 6, "No answer from the bank"), (True, 0, "This shop is unknown to the bank")],
)
def test_an_outage_is_listed_and_counted_for_owners(manager, shop, is_stranger, minutes, sentence):
    at = clock.now()
    since = at - dt.timedelta(minutes=minutes)
    GatewayOutage.objects.create(gateway="demo_bank", since=since, last_at=at, is_stranger=is_stranger)
    owner = sign_in(make_employee(shop, role="owner"))

    assert sentence in squeezed(owner.get(LIST))
    assert "1 matter about money or messages needs attention" in squeezed(owner.get("/staff/"))
    assert "Nothing needs your attention." in squeezed(manager.get(LIST))


def test_a_short_silence_is_not_an_outage(shop):
    at = clock.now()
    GatewayOutage.objects.create(gateway="demo_bank", since=at - dt.timedelta(minutes=4), last_at=at)
    owner = sign_in(make_employee(shop, role="owner"))

    assert "Nothing needs your attention." in squeezed(owner.get(LIST))
