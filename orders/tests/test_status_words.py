"""The words of the buyer's page: one message for each state, accurate, with days and times."""

import datetime as dt
import re
from dataclasses import replace

import pytest
from django.urls import reverse

from accounts.tests.factories import make_customer
from common.actors import GUEST
from orders.models import Order, OrderLine
from orders.presenters.status import build
from orders.services.cancel import cancel_order
from orders.tests.factories import actor_of, make_order, make_person
from orders.tests.test_views import get, url
from stock.models import ShopDay
from tests.markup import squeezed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def a_minute_later(stopped_clock, at):
    stopped_clock(at + dt.timedelta(minutes=1))


def test_a_failed_payment_is_reported_in_one_message(client, at, bank):
    order = make_order(at, online=True)
    client.post(url(order, "pay"))
    key = str(order.payments.get().public_id)
    bank.book[key] = replace(bank.book[key], state="failed", reason="insufficient_funds")

    text = squeezed(client.get(client.get(url(order, "return"))["Location"]))

    assert "The payment did not go through</h1>" in text
    assert "Pay again by 10:30. Ready at 10:20 at Canal." in text
    assert "Thank you" not in text and "by 10:20" not in text


@pytest.mark.parametrize("state", ["pending", "failed"])
def test_nobody_is_told_to_pay_after_the_hold(client, at, bank, state):
    order = make_order(at, online=True)
    client.post(url(order, "pay"))
    key = str(order.payments.get().public_id)
    bank.book[key] = replace(bank.book[key], state=state)
    client.get(url(order, "return"))
    Order.objects.update(expires_at=at)

    text = client.post(url(order, "pay")).content.decode()

    assert "This order is no longer waiting for a payment." in text
    assert "Your order has expired." in text and f'action="{url(order, "pay")}"' not in text
    assert "you can pay again" not in text and "carry on" not in text


def test_an_order_for_another_day_names_that_day(client, at):
    order = make_order(at)
    Order.objects.update(promised_at=order.promised_at + dt.timedelta(days=1))

    assert '<span class="no-print">Ready tomorrow 10:20 at Canal</span>' in get(client, order).content.decode()


def test_a_printed_page_names_the_day_of_every_time(client, at):
    order = make_order(at)
    next_day = order.promised_at + dt.timedelta(days=1)
    Order.objects.update(promised_at=next_day, expires_at=next_day + dt.timedelta(hours=9))

    page = squeezed(get(client, order))

    paper = re.sub(r'<span class="no-print">.*?</span>', "", page[page.index("<main") : page.index("Updated at")])
    assert '<span class="print-only">Ready Wednesday 11 March, 10:20 at Canal</span>' in paper
    assert '<span class="print-only">by Wednesday 11 March, 10:20</span>' in paper
    assert '<span class="print-only">held until Wednesday 11 March, 19:20</span>' in paper
    assert '<span class="print-only">Tuesday 10 March, 10:00</span>' in paper
    assert "tomorrow" not in paper


def test_the_words_for_cancelling_depend_on_the_payment(client, at, bank):
    unpaid, paid = make_order(at), make_order(at, online=True)
    client.post(url(paid, "pay"))
    key = str(paid.payments.get().public_id)
    bank.book[key] = replace(bank.book[key], state="captured")
    client.get(url(paid, "return"))

    assert "You will not be charged." in get(client, unpaid).content.decode()
    assert "We will refund you the way you paid." in get(client, paid).content.decode()


def test_the_shops_reason_for_cancelling_is_shown(client, at):
    order = make_order(at)
    cancel_order(order_id=order.pk, reason="no <b>flour</b>", actor=actor_of(make_person("employee")), at=at)

    assert "The shop says: no &lt;b&gt;flour&lt;/b&gt;" in get(client, order).content.decode()


def test_the_buyers_reason_is_not_shown_as_the_shops(client, at):
    order = make_order(at)
    cancel_order(order_id=order.pk, reason="", actor=GUEST, at=at)

    text = get(client, order).content.decode()

    assert "Cancelled by you" in text and "The shop says" not in text


def test_a_customer_can_sign_out_from_each_page_of_their_account(client, at):
    customer = make_customer()
    client.force_login(customer)

    texts = [client.get(reverse(name)).content.decode() for name in ("orders:overview", "orders:list")]

    assert f"Signed in as {customer.email}" in texts[0]
    assert all(f'action="{reverse("account_logout")}"' in text for text in texts)
    assert all(reverse("mine:security") in text for text in texts)
    assert client.post(reverse("account_logout")).status_code == 303
    assert client.get(reverse("orders:list")).status_code == 302


def test_a_promise_made_late_in_the_evening_has_its_day_and_time(client, at, bank, stopped_clock):
    """The shop closes at 20:00 and needs 15 minutes: paid at 19:57, the order is ready the next morning."""
    evening = dt.datetime(2026, 3, 10, 18, 57, tzinfo=dt.UTC)
    order = make_order(evening, online=True)
    stopped_clock(evening)
    client.post(url(order, "pay"))
    key = str(order.payments.get().public_id)
    bank.book[key] = replace(bank.book[key], state="failed")

    text = client.get(client.get(url(order, "return"))["Location"]).content.decode()

    assert "Pay again by 20:27. Ready tomorrow 7:12 at Canal." in text


@pytest.mark.violates("I35")
def test_the_page_says_that_a_payment_is_being_checked_until_a_person_decides(client, at, bank):
    order = make_order(at, online=True)
    client.post(url(order, "pay"))
    key = str(order.payments.get().public_id)
    bank.book[key] = replace(bank.book[key], state="captured", amount=order.total - 1)

    text = squeezed(client.get(client.get(url(order, "return"))["Location"]))
    cancelled = client.get(client.post(url(order, "cancel"))["Location"]).content.decode()

    assert "We are checking your payment</h1>" in text and "we will refund anything the bank took" in text
    for page in (text, cancelled):
        assert "Payment is being checked" in page and "Nothing was charged" not in page
        assert "You will not be charged" not in page and f'action="{url(order, "pay")}"' not in page


def test_the_page_names_traces_and_the_special_days_of_the_shop(client, at):
    order = make_order(at)
    OrderLine.objects.update(may_contain="sesame")
    ShopDay.objects.create(
        shop=order.shop, date=at.date() + dt.timedelta(days=3), opens=dt.time(10), closes=dt.time(14)
    )

    text = squeezed(get(client, order))

    assert "May contain: sesame" in text
    assert "Fri 13 Mar</dt><dd>10:00–14:00" in text


@pytest.mark.parametrize(
    ("status", "fulfilment", "heading", "last"),
    [
        ("ready", "collection", "Ready now at Canal", "Collected"),
        ("completed", "collection", "Collected at 10:00", "Collected"),
        ("ready", "delivery", "Waiting for the courier", "Delivered"),
        ("in_transit", "delivery", "On its way", "Delivered"),
        ("completed", "delivery", "Delivered at 10:00", "Delivered"),
    ],
)
@pytest.mark.violates  # the status is set without its steps
def test_collection_and_delivery_have_words_of_their_own(at, status, fulfilment, heading, last):
    order = make_order(at)
    Order.objects.update(status=status, fulfilment=fulfilment)
    order.refresh_from_db()

    page = build(order, at=at, is_owner=True)

    assert (page.heading, page.steps[-1].label) == (heading, last)
