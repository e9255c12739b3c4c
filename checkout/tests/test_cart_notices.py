"""Notices of the cart: no cookies are kept; what the goods contain."""

import re

import pytest
from django.test import Client

from checkout.tests.browsing import OURS
from products.models import ProductAllergen
from products.tests.factories import make_product

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


@pytest.mark.parametrize("code", ["SECRET", "NONE"])
def test_a_removal_does_not_tell_a_draft_from_an_article_that_does_not_exist(client, loaf, shop, code):
    make_product(title="Secret", codes=("SECRET",), stock={shop: "5"}, live=False)
    post(client)

    page = page_of(client, f"/cart/?removed={code}&quantity=1")
    answer = client.post("/cart/update/", {"code": code, "remove": "1"}, headers={**OURS, "Accept": "application/json"})

    assert "Removed from your cart." in page
    assert answer.json()["message"] == "Removed from your cart."


def test_a_form_that_comes_back_without_cookies_says_what_to_allow(loaf):
    strict = Client(enforce_csrf_checks=True)
    form = {"login": "mila@example.com", "password": "x"}

    without = strict.post("/accounts/login/", form, headers=OURS)
    with_some = strict.post("/accounts/login/", form, headers=OURS)

    assert "allow cookies from this site" in without.content.decode()
    assert "allow cookies from this site" not in with_some.content.decode()
    assert (without.status_code, with_some.status_code) == (403, 403)
