"""Finding an order as a guest, and a customer's list of orders."""

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.urls import reverse

from common.models import ThrottleCount
from orders.models import Order
from orders.tests.factories import make_order, make_person
from tests.markup import squeezed

pytestmark = pytest.mark.django_db


def url(order):
    return reverse("orders:status", args=[order.token])


# Finding


@pytest.mark.parametrize(
    "contact",
    [
        "mira@example.com",
        "MIRA@Example.com ",
        "\ufeffmira@ex\u200bample.com",
        "+31205550112",
        "020 555 0112",
        "(020) 555-0112",
        "020 555 0112 ext 7",
        "\uff10\uff12\uff10 555 0112",
        "\u200e020 555 0112\u202c",
    ],
)
def test_a_guest_finds_the_order_by_number_and_contact(client, at, contact):
    order = make_order(at)
    number = f" {order.number[:4].lower()}-\u200b{order.number[4:]}\ufeff"

    answer = client.post("/orders/find/", {"number": number, "contact": contact})

    assert (answer.status_code, answer["Location"]) == (303, url(order))


@pytest.mark.parametrize(
    ("number", "contact"),
    [
        ("ZZZZ 0000", "mira@example.com"),
        (None, "other@example.com"),
        (None, "+31205550113"),
        ("rubbish", "rubbish"),
        (None, "@"),
        (None, "0"),
        ("' OR 1=1", "x@y"),
    ],
)
def test_every_failed_look_up_gets_the_same_answer(client, at, number, contact):
    order = make_order(at)
    miss = client.post("/orders/find/", {"number": "0000 0000", "contact": "nobody@example.com"})

    answer = client.post("/orders/find/", {"number": number or order.number, "contact": contact})

    assert (answer.status_code, miss.status_code) == (422, 422)
    assert answer.content.decode().count("t find an order") == miss.content.decode().count("t find an order") > 0


def test_an_order_without_contact_details_cannot_be_found(client, at):
    order = make_order(at)
    Order.objects.update(email=None, phone=None)

    for contact in ("", " ", "@", "None", "0"):
        assert client.post("/orders/find/", {"number": order.number, "contact": contact}).status_code == 422


def miss(client, **other):
    return client.post("/orders/find/", {"number": "0000 0000", "contact": "x@y.z"}, **other)


def test_guessing_is_stopped(client, at):
    order = make_order(at)
    misses = [miss(client).status_code for _ in range(12)]

    answer = client.post("/orders/find/", {"number": order.number, "contact": "mira@example.com"})

    assert misses == [422] * 10 + [429] * 2
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 600
    assert "Too many attempts. Please try again in 10 minutes." in answer.content.decode()


def test_finding_an_order_is_not_counted(client, at):
    order = make_order(at)
    right = {"number": order.number, "contact": "mira@example.com"}
    for _ in range(8):
        miss(client)

    found = [client.post("/orders/find/", right).status_code for _ in range(13)]

    assert found == [303] * 13
    assert [miss(client).status_code for _ in range(3)] == [422, 422, 429]


def test_an_incomplete_form_is_not_counted(client, at):
    order = make_order(at)
    for _ in range(11):
        client.post("/orders/find/", {"number": "0000 0000", "contact": ""})

    answer = client.post("/orders/find/", {"number": order.number, "contact": "mira@example.com"})

    assert answer.status_code == 303


def test_a_successful_look_up_writes_nothing(client, at):
    order = make_order(at)

    client.post("/orders/find/", {"number": order.number, "contact": "mira@example.com"})

    assert not ThrottleCount.objects.exists()


def test_guesses_are_counted_by_network_and_outlive_the_cache(client, at):
    for _ in range(10):
        miss(client, REMOTE_ADDR="2001:db8:0:1::5")
    cache.clear()

    assert miss(client, REMOTE_ADDR="2001:db8:0:1:ffff::9").status_code == 429
    assert miss(client, REMOTE_ADDR="2001:db8:0:2::5").status_code == 422


def test_an_empty_form_names_both_fields_and_keeps_the_entered_values(client):
    answer = client.post("/orders/find/", {"number": "4QX7 K2MD", "contact": ""})

    text = answer.content.decode()
    assert answer.status_code == 422 and 'value="4QX7 K2MD"' in text and "Error:" in text
    assert 'href="#id_contact"' in text


# My orders


def test_a_customer_sees_their_orders_and_those_of_their_verified_address(client, at):
    user = make_person()
    EmailAddress.objects.create(user=user, email="Mira@example.com", verified=True)
    own, guest = make_order(at, user=user), make_order(at)
    foreign = make_order(at, user=make_person(), email="mira@example.com")
    client.force_login(user)

    text = client.get(reverse("orders:list")).content.decode()

    assert own.token in text and guest.token in text and foreign.token not in text


@pytest.mark.parametrize(("fulfilment", "word"), [("collection", "Collected"), ("delivery", "Delivered")])
@pytest.mark.violates  # the status is set without its steps
def test_the_list_says_how_an_order_ended(client, at, fulfilment, word):
    user = make_person()
    order = make_order(at, user=user)
    Order.objects.filter(pk=order.pk).update(status="completed", fulfilment=fulfilment)
    client.force_login(user)

    text = squeezed(client.get(reverse("orders:list")))

    assert f'<span class="meta">{word}</span>' in text


def test_an_unverified_address_shows_nothing(client, at):
    user = make_person()
    EmailAddress.objects.create(user=user, email="mira@example.com", verified=False)
    guest = make_order(at)
    client.force_login(user)

    text = client.get(reverse("orders:list")).content.decode()

    assert guest.token not in text


def test_the_list_asks_to_sign_in(client):
    answer = client.get("/account/orders/")

    assert answer.status_code == 302 and "/accounts/login/" in answer["Location"]
