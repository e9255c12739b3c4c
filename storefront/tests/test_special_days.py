"""Special days appear, with their notes, wherever the weekly hours are printed."""

import datetime as dt
import re

import pytest
from django.core.cache import cache

from products.tests.factories import make_product, make_tree
from stock.models import ShopDay
from stock.tests.factories import make_shop
from storefront.models import ContentPage, HomePage, ShopPage

pytestmark = pytest.mark.django_db
CLOSED = "Thu 19 Mar: closed (Stocktaking)"
SHORT = "Fri 20 Mar: 9:00–13:00"


@pytest.fixture
def site(at, monkeypatch):
    monkeypatch.setattr("common.clock.now", lambda: at)
    cache.clear()
    make_tree()
    shop = make_shop()
    day = at.date()
    ShopDay.objects.create(shop=shop, date=day + dt.timedelta(days=9), note={"en": "Stocktaking"})
    ShopDay.objects.create(shop=shop, date=day + dt.timedelta(days=10), opens=dt.time(9), closes=dt.time(13))
    ShopDay.objects.create(shop=shop, date=day + dt.timedelta(days=30), note={"en": "Far off"})
    make_product("Loaf", stock={shop: "5"})
    home = HomePage.objects.get()
    home.add_child(instance=ContentPage(title="About", body=[{"type": "shop_hours", "value": None}]))
    home.add_child(instance=ShopPage(title="Canal street", shop=shop))
    yield
    cache.clear()


def plain(client, url: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", client.get(url).content.decode()))


@pytest.mark.parametrize(
    ("url", "times"),
    [("/", 2), ("/products/loaf/", 2), ("/about/", 2), ("/search/", 1), ("/cart/", 1)],
    ids=["home and footer", "product and footer", "block and footer", "footer", "footer of the cart"],
)
def test_they_are_printed_once_for_each_place_with_hours(client, site, url, times):
    text = plain(client, url)

    assert (text.count(CLOSED), text.count(SHORT)) == (times, times)
    assert "Far off" not in text


def test_the_page_of_the_shop_has_them_in_its_table(client, site):
    text = plain(client, "/canal-street/")

    assert "Thu 19 Mar closed (Stocktaking)" in text
    assert "Fri 20 Mar 9:00–13:00" in text
