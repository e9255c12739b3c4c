"""Cart, checkout and the order's page show shops and product pages as they are kept; placing never decides by them."""

import datetime as dt

import pytest

from checkout.tests.browsing import add, submit, text_of
from common import clock
from orders.models import Order, OrderLine
from products.models import ProductPage
from stock.models import Shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def cart(client, loaf):
    """Fill a cart and look at it, so that its parts are kept."""
    add(client)
    assert "Loaf" in text_of(client.get("/cart/"))
    client.get("/checkout/")


@pytest.mark.parametrize("path", ["/cart/", "/checkout/"])
def test_a_new_title_is_shown(client, cart, loaf, path):
    loaf.title = "Round loaf"
    loaf.save()

    assert "Round loaf" in text_of(client.get(path))


def test_a_page_taken_down_is_not_on_sale(client, cart, loaf):
    loaf.unpublish()

    assert "This is not on sale any more" in text_of(client.get("/cart/"))


@pytest.mark.parametrize("path", ["/cart/", "/checkout/"])
def test_a_pause_is_shown(client, cart, shop, path):
    Shop.objects.update(paused_until=clock.now() + dt.timedelta(hours=1))

    assert "No orders until" in text_of(client.get(path))


@pytest.fixture
def nothing_heard(settings, cart):
    """Let the process go on with what it keeps, as if it had not asked for changes yet."""
    settings.PAGE_FEED_SECONDS = 3600


def test_a_page_taken_down_that_is_still_kept_is_not_sold(client, nothing_heard, loaf):
    ProductPage.objects.update(live=False)

    answer = submit(client)

    assert answer.status_code == 409
    assert not Order.objects.exists()


def test_an_order_has_the_names_of_the_moment(client, nothing_heard, loaf):
    ProductPage.objects.update(title="Round loaf")

    submit(client)

    assert OrderLine.objects.get().name == "Round loaf"


def test_a_shop_that_is_still_kept_as_open_promises_nothing(client, nothing_heard, shop):
    Shop.objects.update(paused_until=clock.now() + dt.timedelta(hours=1))

    answer = submit(client)

    assert answer.status_code == 409
    assert not Order.objects.exists()
