"""Posts without a valid token, at every address: one from our own page is offered again, another site's never."""

from itertools import cycle, product

import pytest
from django.test import Client
from django.urls import get_resolver, resolve
from django.utils.html import escape

from accounts.models import User
from checkout.models import CartLine
from orders.models import Order
from products.tests.factories import make_product
from stock.models import Shop
from stock.tests.factories import make_shop
from storefront.views import LABELS, SHOWN_AGAIN
from tests.access_matrix import OURS, Row, Who
from tests.test_access import address, exists, make_person, walk

pytestmark = pytest.mark.django_db
OWN = {"sec-fetch-site": "same-origin"}
SITES = ("cross-site", "same-site", "none", None)
ORIGINS = ("https://elsewhere.example", "null", None)
# The browser names neither another site nor ours.
SILENT = ({}, {"sec-fetch-site": "none"}, {"sec-fetch-site": "none", "origin": "http://testserver"})
WITHOUT_TOKEN = {
    "cart:add": "Change my cart",
    "cart:update": "Change my cart",
    "cart:again": "Order again",
    "choose-shop": "Choose this shop",
}
# Read-only addresses of packages: a post to them changes nothing.
READ_ONLY = ("sitemap", "wagtailadmin_api:")
FIELDS = {
    "code": "LOAF",
    "quantity": "7",
    "remove": "1",
    "shop": "market",
    "name": "Thief",
    "phone": "020 555 0142",
    "email": "thief@example.com",
    "payment_method": "on_collection",
    "confirmed_total": "3.90",
    "pause": "resume",
    "oldpassword": "a secret of mine",
}


def headers_of(site: str | None, origin: str | None) -> dict[str, str]:
    return {name: value for name, value in (("sec-fetch-site", site), ("origin", origin)) if value}


FOREIGN = [
    *(headers for headers in (headers_of(*pair) for pair in product(SITES, ORIGINS)) if headers not in SILENT),
    {"sec-fetch-site": "cross-site", "origin": "http://testserver"},
    {"sec-fetch-site": "something new"},
    {"referer": "https://elsewhere.example/"},
    {"sec-fetch-site": "none", "referer": "http://testserver.elsewhere.example/"},
]


def rows() -> list[Row]:
    """Return every address of ours that a browser's cookie can open."""
    return [row for row in OURS if exists(row) and row.who not in (Who.MACHINE, Who.TOKEN)]


@pytest.fixture
def strict():
    """Return the browser of a superuser with a loaf in the cart, on a site that checks tokens."""
    canal = make_shop("canal")
    make_shop("market")
    make_product(title="Loaf", codes=("LOAF",), price="3.90", stock={canal: "9"})
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create_superuser("root@example.com", "a long password"))
    client.post("/cart/add/", {"code": "LOAF", "quantity": "1"}, headers=OWN)
    return client


def state() -> tuple[object, ...]:
    return (
        Order.objects.count(),
        list(CartLine.objects.values_list("sku__code", "quantity")),
        list(User.objects.values_list("email", "password", "is_active")),
        list(Shop.objects.order_by("code").values_list("code", "paused_until")),
    )


def test_every_address_asks_for_the_token_but_cart_shop_notice_and_api():
    exempt = {name for _, name, pattern in walk(get_resolver()) if getattr(pattern.callback, "csrf_exempt", False)}

    # The API reads no cookie, so no browser can be led to act there for somebody.
    assert {name for name in exempt if not name.startswith((*READ_ONLY, "api:"))} == {*WITHOUT_TOKEN, "payment-webhook"}


def test_no_address_obeys_a_post_from_another_site(strict):
    before = state()

    for row, headers in product(rows(), FOREIGN):
        response = strict.post(address(row), FIELDS, headers={**headers, "accept": "application/json"})
        assert (response.status_code, response.json()["code"]) == (403, "foreign_post"), (row.name, headers)
        assert not response.cookies

    assert state() == before


def test_no_address_offers_another_sites_post_again(strict):
    for row, headers in zip(rows(), cycle(FOREIGN), strict=False):
        response = strict.post(address(row), FIELDS, headers=headers)
        text = response.content.decode()
        assert response.status_code == 403, row.name
        assert "csrfmiddlewaretoken" not in text, row.name
        assert "thief@example.com" not in text, row.name


def test_a_browser_that_names_no_site_is_asked_to_confirm_for_cart_and_shop_only(strict):
    before, offered = state(), {}

    for row, headers in zip(rows(), cycle(SILENT), strict=False):
        response = strict.post(address(row), FIELDS, headers=headers)
        text = response.content.decode()
        assert response.status_code == 403, row.name
        if "csrfmiddlewaretoken" in text:
            offered[row.name] = text.split('<button class="btn">')[1].split("<")[0]
        else:
            assert "thief@example.com" not in text

    assert offered == WITHOUT_TOKEN
    assert state() == before


def test_a_script_is_refused_in_json(strict):
    headers = {"sec-fetch-site": "cross-site", "accept": "application/json"}

    response = strict.post("/cart/add/", FIELDS, headers=headers)

    assert response.status_code == 403
    assert response.json() == {
        "code": "foreign_post",
        "message": "This was not sent from our site. Nothing has been changed.",
    }


def posts() -> dict[str, str]:
    """Return our addresses that accept a post with a token, each with its name in the list of labels."""
    boss = make_person("owner")
    taken = {}
    for row in rows():
        client = Client()
        client.force_login(boss)
        if client.post(address(row)).status_code not in (403, 405):
            taken[address(row)] = resolve(address(row)).view_name
    return {path: name for path, name in taken.items() if name not in {*WITHOUT_TOKEN, *SHOWN_AGAIN, *READ_ONLY}}


def test_a_stale_form_of_ours_is_offered_again_with_a_button_that_says_what_it_does(strict):
    names = posts()

    assert {*names.values(), "account_reauthenticate"} == set(LABELS)
    for path, name in names.items():
        response = strict.post(path, FIELDS, headers=OWN)
        text = response.content.decode()
        assert response.status_code == 403, name
        assert f'action="{path}"' in text, name
        assert f'<button class="btn">{escape(LABELS[name])}</button>' in text, name
        assert "thief@example.com" in text, name
        assert "a secret of mine" not in text, name


def test_a_stale_form_of_a_package_is_offered_again_with_a_neutral_button(strict):
    response = strict.post("/admin/reports/locked/", {"a": "b"}, headers=OWN)

    assert response.status_code == 403
    assert '<button class="btn">Send this form again</button>' in response.content.decode()


def test_a_checkout_with_a_stale_token_is_shown_again_as_filled_in_and_orders_nothing(strict):
    response = strict.post("/checkout/", {**FIELDS, "shop": "canal", "name": "Mila Berg"}, headers=OWN)

    text = response.content.decode()
    assert response.status_code == 403
    assert "This page was open for a long time." in text
    assert 'name="name" value="Mila Berg"' in text
    assert 'id="checkout" method="post" action="/checkout/"' in text
    assert not Order.objects.exists()
