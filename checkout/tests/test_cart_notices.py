"""Notices of the cart: cookies are blocked; allergens; no shop takes orders."""

import datetime as dt
import html
import json
import re

import pytest
from django.test import Client

from checkout.tests.browsing import OURS
from common.actors import SETUP
from products.models import ProductAllergen
from products.tests.factories import make_product
from stock.models import Shop
from stock.services.shops import pause

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock(monkeypatch, at):
    monkeypatch.setattr("common.clock.now", lambda: at)


def post(client):
    return client.post("/cart/add/", {"code": "LOAF", "quantity": "1"}, headers=OURS)


def page_of(client, url="/cart/"):
    return client.get(url).content.decode()


def test_a_browser_that_blocks_cookies_is_told_what_to_do(client, loaf):
    location = post(client)["Location"]
    forgetful = Client()

    for url in (location, "/cart/drawer/?added=LOAF"):
        text = page_of(forgetful, url)
        assert "your browser doesn&#x27;t accept cookies" in text or "your browser doesn't accept cookies" in text
        assert "doesn't accept cookies" not in page_of(client, url)
        assert "Loaf" in page_of(client, url)


def test_a_browser_with_cookies_gets_no_such_notice(client, loaf):
    post(client)

    assert post(client)["Location"] == "/cart/"
    client.post("/cart/update/", {"code": "LOAF", "remove": "1"}, headers=OURS)
    assert "accept cookies" not in page_of(client, "/cart/?added=LOAF")
    assert "accept cookies" not in page_of(Client(), "/cart/")


def test_the_cart_lists_what_its_products_contain_and_may_contain(client, loaf):
    for allergen, level in (("gluten", "contains"), ("milk", "contains"), ("sesame", "may_contain")):
        ProductAllergen.objects.create(page=loaf, allergen=allergen, level=level)
    post(client)

    for url in ("/cart/", "/cart/drawer/"):
        text = page_of(client, url)
        assert re.search(r">Contains: [^<]*milk[^<]*\.<", text)
        assert re.search(r">May contain: [^<]*sesame[^<]*\.<", text)


@pytest.mark.parametrize("code", ["SECRET", "NONE"])
def test_removing_a_draft_is_answered_like_removing_an_unknown_article(client, loaf, shop, code):
    make_product(title="Secret", codes=("SECRET",), stock={shop: "5"}, live=False)
    post(client)

    page = page_of(client, f"/cart/?removed={code}&quantity=1")
    answer = client.post("/cart/update/", {"code": code, "remove": "1"}, headers={**OURS, "Accept": "application/json"})

    assert "Removed from your cart." in page
    assert answer.json()["message"] == "Removed from your cart."


def test_a_form_posted_without_cookies_says_what_to_allow(loaf):
    strict = Client(enforce_csrf_checks=True)
    form = {"login": "mila@example.com", "password": "x"}

    without = strict.post("/accounts/login/", form, headers=OURS)
    with_some = strict.post("/accounts/login/", form, headers=OURS)

    assert "allow cookies from this site" in without.content.decode()
    assert "allow cookies from this site" not in with_some.content.decode()
    assert (without.status_code, with_some.status_code) == (403, 403)


@pytest.fixture
def paused(shop, loaf, market, at):
    """Pause both shops: one until 14:03, one until tomorrow."""
    pause(shop_id=shop.pk, until=at.replace(hour=14, minute=3), actor=SETUP, at=at)
    pause(shop_id=market.pk, until=at + dt.timedelta(days=1), actor=SETUP, at=at)


def test_a_notice_replaces_the_button_while_no_shop_takes_orders(client, paused):
    post(client)

    page, drawer = page_of(client), page_of(client, "/cart/drawer/")

    for text in (page, drawer):
        assert "No shop takes orders at the moment. Your cart is kept for thirty days." in text
    assert "No orders until 14:03" in page
    assert "No orders until tomorrow 9:00" in page
    assert 'href="/checkout/"' not in page.split("<main")[1]
    assert 'href="/checkout/"' not in drawer


def test_the_button_is_there_while_one_shop_takes_orders(client, paused, market, at):
    pause(shop_id=market.pk, until=None, actor=SETUP, at=at)
    post(client)

    page, drawer = page_of(client), page_of(client, "/cart/drawer/")

    for text in (page, drawer):
        assert 'href="/checkout/"' in text
        assert "No shop takes orders" not in text


def test_the_header_fragment_names_what_is_in_the_cart(client, loaf, cheese):
    post(client)
    client.post("/cart/add/", {"code": "CHEESE", "quantity": "0.3"}, headers=OURS)

    assert amounts_of(client) == {"LOAF": "1", "CHEESE": "300 g"}
    assert amounts_of(Client()) == {}


def test_pages_contain_the_end_of_a_shops_pause(client, paused, shop):
    text = page_of(client, "/products/loaf/")

    assert Shop.objects.get(pk=shop.pk).paused_until.isoformat() in html.unescape(text)


def amounts_of(client):
    """Return the amounts that the script reads from the header fragment."""
    found = re.search(r'data-amounts="([^"]*)"', page_of(client, "/fragments/header/"))
    return json.loads(html.unescape(found[1]))
