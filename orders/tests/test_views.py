"""The buyer's pages over HTTP."""

import datetime as dt
import uuid
from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse

from common.actors import GUEST
from orders import qr
from orders.models import Order, PaymentEvent
from orders.services.cancel import cancel_order
from orders.services.change_status import change_status
from orders.services.expire import expire_orders
from orders.tests.factories import actor_of, make_order, make_person
from tests.markup import squeezed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def a_minute_later(stopped_clock, at):
    stopped_clock(at + dt.timedelta(minutes=1))


def url(order, name="status"):
    return reverse(f"orders:{name}", args=[order.token])


def get(client, order, name="status", **extra):
    return client.get(url(order, name), **extra)


def snapshot():
    return (
        list(Order.objects.order_by("id").values()),
        PaymentEvent.objects.count(),
        [list(order.events.values()) for order in Order.objects.order_by("id")],
    )


# The page


def test_the_page_says_when_where_and_what_in_the_shops_time(client, at):
    order = make_order(at)

    page = get(client, order)

    text = page.content.decode()
    assert page.status_code == 200
    assert "Ready at 10:20 at Canal" in text
    assert f"{order.number[:4]} {order.number[4:]}" in text
    assert "Butter croissant" in text and "12 Canal Quay" in text and "€5.20" in text
    assert "To pay at the counter" in text


def test_the_page_is_private_unindexed_and_sends_no_referrer(client, at):
    page = get(client, make_order(at))

    assert page["Cache-Control"] == "private, no-store"
    assert page["X-Robots-Tag"] == "noindex, nofollow"
    assert page["Referrer-Policy"] == "same-origin"
    assert '<meta name="robots" content="noindex' in page.content.decode()


def test_the_qr_code_is_a_dark_on_light_picture_of_the_collection_address(client, at):
    order = make_order(at)

    side, path = qr.svg_path(order)
    text = get(client, order).content.decode()

    assert side <= 41
    assert f'viewBox="0 0 {side} {side}"' in text and path in text
    assert f'fill="white" d="M0 0h{side}' in text
    assert order.collect_secret not in text


def test_anybody_else_with_the_link_sees_personal_data_masked(client, at):
    text = get(client, make_order(at)).content.decode()

    assert "m•••@example.com" in text
    for secret in ("Jansen", "mira@example.com", "5550112", "Sliced, please"):
        assert secret not in text


def test_the_signed_in_buyer_sees_everything(client, at):
    user = make_person()
    client.force_login(user)

    text = get(client, make_order(at, user=user)).content.decode()

    assert "Thank you, Mira." in text and "mira@example.com" in text and "Sliced, please" in text


def test_another_customer_sees_it_masked(client, at):
    client.force_login(make_person())

    assert "Jansen" not in get(client, make_order(at, user=make_person())).content.decode()


@pytest.mark.parametrize("token", ["x", "x" * 43, "../admin", "%00" * 43, "x" * 5000, "find2"])
@pytest.mark.parametrize("tail", ["", "live/", "return/", "calendar.ics"])
def test_an_invalid_token_always_gets_the_same_404(client, token, tail):
    assert client.get(f"/orders/{token}/{tail}").status_code == 404


@pytest.mark.parametrize("name", ["pay", "cancel"])
def test_a_get_changes_nothing(client, at, name):
    order = make_order(at, online=True)
    before = snapshot()

    assert get(client, order, name).status_code == 405
    assert snapshot() == before


@pytest.mark.parametrize("name", ["status", "fragment", "calendar"])
def test_opening_the_page_changes_nothing(client, at, name):
    order = make_order(at, online=True)
    before = snapshot()

    for _ in range(3):
        assert get(client, order, name).status_code == 200

    assert snapshot() == before


def test_the_fragment_is_304_until_something_changes(client, at):
    order = make_order(at)
    first = get(client, order, "fragment")

    again = get(client, order, "fragment", headers={"If-None-Match": first["ETag"]})
    change_status(order_id=order.pk, to="preparing", actor=actor_of(make_person("employee")), at=at)
    changed = get(client, order, "fragment", headers={"If-None-Match": first["ETag"]})

    assert (again.status_code, changed.status_code) == (304, 200)
    assert "Being prepared" in changed.content.decode()


def test_the_timeline_shows_times_and_the_steps_ahead(client, at):
    order = make_order(at)
    change_status(order_id=order.pk, to="preparing", actor=actor_of(make_person("employee")), at=at)

    text = get(client, order, "fragment").content.decode()

    assert text.count("timeline__step--done") == 1
    assert text.count("timeline__step--now") == 1
    assert "10:00" in text and "by 10:20" in text


def test_a_cancelled_order_has_no_code_and_says_why(client, at):
    order = make_order(at, online=True)
    expire_orders(at=at + dt.timedelta(minutes=30))

    text = get(client, order).content.decode()

    assert "Your order has expired" in text and "order again" in text
    assert '<svg viewBox="0 0 3' not in text and 'aria-labelledby="qr-title"' not in text


def test_the_page_is_in_the_language_of_its_address(client, at):
    order = make_order(at)

    assert client.get(f"/ru{url(order)}").status_code == 200


def test_the_query_count_does_not_grow_with_lines(client, at, django_assert_max_num_queries):
    order = make_order(at)

    with django_assert_max_num_queries(12):
        get(client, order, "fragment")


# Calendar


def test_the_calendar_file_has_the_promised_time(client, at):
    order = make_order(at)

    answer = get(client, order, "calendar")

    lines = answer.content.decode().replace("\r\n ", "").split("\r\n")
    assert answer["Content-Type"].startswith("text/calendar")
    assert "DTSTART:20260310T092000Z" in lines
    assert all(len(line.encode()) <= 75 for line in answer.content.decode().split("\r\n"))
    assert "Jansen" not in answer.content.decode()


# Paying


def test_paying_leads_to_the_bank_and_again_to_the_same_page(client, at, bank):
    order = make_order(at, online=True)

    first, second = client.post(url(order, "pay")), client.post(url(order, "pay"))

    assert first.status_code == 303 and first["Location"].startswith("http://bank.example/pay/")
    assert first["Location"] == second["Location"]


def test_the_page_says_if_the_bank_is_down(client, at, bank):
    order = make_order(at, online=True)
    bank.is_down = True

    page = client.post(url(order, "pay"))

    assert page.status_code == 503
    assert "Your order is kept" in page.content.decode()
    assert f"{order.number[:4]} {order.number[4:]}" in page.content.decode()


@pytest.mark.parametrize("online", [True, False])
def test_an_order_that_needs_no_payment_answers_409(client, at, bank, online):
    order = make_order(at, online=online)
    if online:
        cancel_order(order_id=order.pk, reason="", actor=GUEST, at=at)

    assert client.post(url(order, "pay")).status_code == 409


def test_a_forged_return_stays_unpaid_and_says_so(client, at, bank):
    order = make_order(at, online=True)
    client.post(url(order, "pay"))

    answer = client.get(url(order, "return"), {"status": "success", "payment": str(uuid.uuid4()), "paid": "1"})

    page = client.get(answer["Location"])
    assert answer.status_code == 303
    assert "Waiting for payment" in page.content.decode()
    assert '<noscript><meta http-equiv="refresh"' in squeezed(page)
    assert Order.objects.get().status == "awaiting_payment"


def test_a_genuine_return_shows_the_paid_order(client, at, bank):
    order = make_order(at, online=True)
    client.post(url(order, "pay"))
    payment = order.payments.get()
    bank.book[str(payment.public_id)] = replace(bank.book[str(payment.public_id)], state="captured")

    page = client.get(client.get(url(order, "return"))["Location"])

    assert "Paid €5.20" in page.content.decode()


def test_a_declined_payment_says_why_and_offers_to_pay_again(client, at, bank):
    order = make_order(at, online=True)
    client.post(url(order, "pay"))
    payment = order.payments.get()
    key = str(payment.public_id)
    bank.book[key] = replace(bank.book[key], state="failed", reason="insufficient_funds")

    page = client.get(client.get(url(order, "return"))["Location"])

    text = page.content.decode()
    assert "not enough money" in text and url(order, "pay") in text and "held until 10:30" in text


def test_an_approved_payment_is_awaited_and_not_offered_again(client, at, bank):
    order = make_order(at, online=True)
    client.post(url(order, "pay"))
    key = str(order.payments.get().public_id)
    bank.book[key] = replace(bank.book[key], state="authorised")

    page = client.get(client.get(url(order, "return"))["Location"])

    text = page.content.decode()
    assert "The bank has approved your payment" in text and url(order, "pay") not in text
    assert '<noscript><meta http-equiv="refresh"' in squeezed(text)
    assert client.post(url(order, "pay")).status_code == 409
    assert order.payments.count() == 1


# Cancelling


def test_the_buyer_can_cancel_before_preparation_starts(client, at):
    order = make_order(at)

    assert client.post(url(order, "cancel")).status_code == 303
    assert client.post(url(order, "cancel")).status_code == 409

    assert Order.objects.get().status == "cancelled"


def test_an_order_in_preparation_is_not_cancelled_and_the_page_says_what_to_do(client, at):
    order = make_order(at)
    change_status(order_id=order.pk, to="preparing", actor=actor_of(make_person("employee")), at=at)

    page = client.post(url(order, "cancel"))

    assert page.status_code == 409 and "call the shop" in page.content.decode()


def test_a_post_without_a_token_is_refused(at):
    order = make_order(at)

    assert Client(enforce_csrf_checks=True).post(url(order, "cancel")).status_code == 403
    assert Order.objects.get().status == "placed"
