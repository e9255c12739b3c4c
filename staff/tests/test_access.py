"""Who may open which page of the panel, and the answer about an order of another shop."""

import pytest
from django.test import Client
from django.urls import reverse

from orders.models import Order
from staff import scan_urls, urls
from staff.tests.factories import make_employee, make_open_order, make_shop, sign_in

PAGES = ["staff:board", "staff:live", "staff:recall", "staff:find", "staff:scan"]
OF_AN_ORDER = ["staff:order", "staff:hand-over", "staff:slip"]
POSTS = ["staff:step", "staff:undo", "staff:cancel", "staff:show-phone", "staff:hand-over"]
OUTSIDERS = {"a customer": None, "a courier": "courier", "an editor": "editor", "a price manager": "price_manager"}


@pytest.fixture
def order(shop):
    return make_open_order("ready", shop=shop)


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.django_db
def test_an_anonymous_visitor_is_sent_to_sign_in_and_back(name):
    response = Client().get(reverse(name))

    assert response.status_code == 302
    assert response.headers["Location"] == f"/accounts/login/?next={reverse(name)}"
    assert "no-store" in response.headers["Cache-Control"]


def test_a_post_after_the_session_expired_returns_to_the_board(order):
    response = Client().post(reverse("staff:step", args=[order.number]), {"step": "ready:1"})

    assert response.headers["Location"] == "/accounts/login/?next=%2Fstaff%2F&ended=1"


@pytest.mark.parametrize("role", OUTSIDERS.values(), ids=OUTSIDERS.keys())
@pytest.mark.parametrize("name", [*PAGES, *OF_AN_ORDER, "collect"])
def test_people_who_do_not_work_at_the_counter_get_not_found(order, name, role):
    args = {"collect": [order.collect_secret]}.get(name, [order.number] if name in OF_AN_ORDER else [])
    client = sign_in(make_employee(order.shop, role=role))

    assert client.get(reverse(name, args=args)).status_code == 404


@pytest.mark.parametrize("role", ["employee", "shop_manager", "owner"])
@pytest.mark.parametrize("name", [*PAGES, *OF_AN_ORDER])
def test_people_who_work_at_the_counter_may_enter(order, name, role):
    client = sign_in(make_employee(order.shop, role=role))

    response = client.get(reverse(name, args=[order.number] if name in OF_AN_ORDER else []))

    assert response.status_code == 200
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.parametrize("name", OF_AN_ORDER)
def test_an_order_of_another_shop_is_not_found(order, name):
    client = sign_in(make_employee(make_shop()))

    foreign = client.get(reverse(name, args=[order.number]))
    missing = client.get(reverse(name, args=["00000000"]))

    assert foreign.status_code == missing.status_code == 404
    assert foreign.content == missing.content


@pytest.mark.parametrize("number", ["%00", "0A1B%002C3D", "9" * 40, "%F0%9F%8D%9E"])
def test_an_invalid_number_is_not_found(order, number):
    client = sign_in(make_employee(order.shop))

    assert client.get(f"/staff/orders/{number}/").status_code == 404


@pytest.mark.parametrize("name", POSTS)
def test_nothing_can_be_done_to_an_order_of_another_shop(order, name):
    client = sign_in(make_employee(make_shop()))
    data = {"step": f"ready:{order.version}", "version": order.version, "reason": "x", "nonce": "n" * 16}

    response = client.post(reverse(name, args=[order.number]), data)

    assert response.status_code == 404
    assert Order.objects.get(pk=order.pk).version == order.version


def test_an_owner_works_in_every_shop_without_being_assigned(order):
    client = sign_in(make_employee(role="owner"))

    assert client.get(reverse("staff:order", args=[order.number])).status_code == 200
    assert order.number in client.get(f"/staff/?shop={order.shop.code}").content.decode()


@pytest.mark.parametrize("name", POSTS[:-1])
def test_views_that_change_something_accept_posts_only(order, name):
    client = sign_in(make_employee(order.shop))

    assert client.get(reverse(name, args=[order.number])).status_code == 405


def test_every_view_of_the_panel_declares_its_right():
    patterns = [*urls.urlpatterns, *scan_urls.urlpatterns]

    assert [pattern.name for pattern in patterns if not getattr(pattern.callback, "staff_action", "")] == []


def test_posts_without_a_token_are_refused(order):
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_employee(order.shop))

    response = client.post(reverse("staff:undo", args=[order.number]), {"version": order.version})

    assert response.status_code == 403
    assert Order.objects.get(pk=order.pk).status == "ready"
