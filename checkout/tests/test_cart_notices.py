"""Notices of the cart: no cookies are kept; what the goods contain."""

import re

import pytest
from django.test import Client

from checkout.tests.browsing import OURS
from products.models import ProductAllergen

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock(monkeypatch, at):
    monkeypatch.setattr("common.clock.now", lambda: at)


def post(client):
    return client.post("/cart/add/", {"code": "LOAF", "quantity": "1"}, headers=OURS)


def page_of(client, url="/cart/"):
    return client.get(url).content.decode()


def test_a_browser_that_keeps_no_cookies_is_told_so_and_what_to_do(client, loaf):
    location = post(client)["Location"]
    forgetful = Client()

    for url in (location, "/cart/drawer/?added=LOAF"):
        text = page_of(forgetful, url)
        assert "your browser doesn&#x27;t accept cookies" in text or "your browser doesn't accept cookies" in text
        assert "doesn't accept cookies" not in page_of(client, url)
        assert "Loaf" in page_of(client, url)


def test_a_browser_with_cookies_is_not_suspected(client, loaf):
    post(client)

    assert post(client)["Location"] == "/cart/"
    client.post("/cart/update/", {"code": "LOAF", "remove": "1"}, headers=OURS)
    assert "accept cookies" not in page_of(client, "/cart/?added=LOAF")
    assert "accept cookies" not in page_of(Client(), "/cart/")


def test_the_cart_says_what_its_goods_contain_and_may_contain(client, loaf):
    for allergen, level in (("gluten", "contains"), ("milk", "contains"), ("sesame", "may_contain")):
        ProductAllergen.objects.create(page=loaf, allergen=allergen, level=level)
    post(client)

    for url in ("/cart/", "/cart/drawer/"):
        text = page_of(client, url)
        assert re.search(r">Contains: [^<]*milk[^<]*\.<", text)
        assert re.search(r">May contain: [^<]*sesame[^<]*\.<", text)
