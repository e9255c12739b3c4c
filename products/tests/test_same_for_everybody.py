"""Catalogue pages are identical for everybody, may be cached by proxies, and answer 304."""

from decimal import Decimal

import pytest
from django.contrib import messages
from django.contrib.messages.storage.cookie import CookieStorage
from django.core.signing import get_cookie_signer
from django.http import HttpRequest, HttpResponse
from django.test import Client
from wagtail.models import PageViewRestriction

from accounts.models import User
from accounts.services.staff import create_staff
from checkout.services.cart import add
from common import clock
from common.actors import SETUP
from common.kept_pages import store
from common.public_pages import PageLeak, mark_public
from products.models import Sku
from storefront.services.role_groups import make_groups

pytestmark = pytest.mark.django_db
PATHS = ["home", "category", "catalogue", "product", "variant", "search", "nothing", "suggest", "content"]


def customer(**fields: object) -> Client:
    client = Client()
    client.force_login(User.objects.create_user("somebody@example.com", "a long password", **fields))
    return client


def staff(role: str) -> Client:
    make_groups()
    # Every shop with staff has an owner.
    _owner, anna = (
        create_staff(email=f"{code}@example.com", name="Anna", role=code, actor=SETUP, at=clock.now())
        for code in ("owner", role)
    )
    client = Client()
    client.force_login(anna)
    return client


def with_cart() -> Client:
    client = Client()
    added = add(token=None, user=None, code="RYE", quantity=Decimal(1), at=clock.now())
    client.cookies["cart"] = get_cookie_signer(salt="cartcart").sign(added.cart.token)
    client.cookies["shop"] = "canal"
    client.cookies["shop_state"] = "1"
    return client


def with_queued_message() -> Client:
    """Queue a message in the cookie, as before a redirect after a POST."""
    client = Client()
    storage, response = CookieStorage(HttpRequest()), HttpResponse()
    storage.add(messages.SUCCESS, "Saved for somebody")
    storage.update(response)
    client.cookies.update(response.cookies)
    assert client.cookies
    return client


def with_session(key: str) -> Client:
    client = Client()
    client.cookies["sessionid"] = key
    return client


VISITORS = {
    "customer": customer,
    "employee": lambda: staff("employee"),
    "editor": lambda: staff("editor"),
    "superuser": lambda: customer(is_superuser=True),
    "cart": with_cart,
    "russian": lambda: Client(headers={"accept-language": "ru"}),
    "message": with_queued_message,
    "empty session": lambda: with_session(""),
    "session that cannot be": lambda: with_session("none"),
    "session that is gone": lambda: with_session("x" * 32),
}


@pytest.mark.parametrize("visitor", VISITORS)
def test_every_visitor_gets_the_same_bytes(site, visitor):
    other = VISITORS[visitor]()
    for name in PATHS:
        plain = Client().get(site[name])
        store.clear()
        own = other.get(site[name])

        assert (plain.status_code, own.status_code) == (200, 200), name
        assert own.content == plain.content, name
        assert own.headers["Cache-Control"] == plain.headers["Cache-Control"], name
        assert "public" in own.headers["Cache-Control"], name
        assert own.headers["Vary"] == "Accept-Encoding", name
        assert not own.cookies, name
        assert own.headers["ETag"] == plain.headers["ETag"], name


@pytest.mark.parametrize("name", PATHS)
def test_an_unchanged_page_is_not_sent_again(site, client, name):
    tag = client.get(site[name]).headers["ETag"]

    assert client.get(site[name], headers={"if-none-match": tag}).status_code == 304
    assert client.head(site[name]).status_code == 200


@pytest.mark.parametrize("name", ["home", "category", "product", "search"])
def test_the_page_contains_nothing_personal_or_transient(site, client, name):
    html = client.get(site[name]).content.decode()

    for word in ("csrfmiddlewaretoken", "sessionid", "nonce=", "7 left", "wagtail-userbar"):
        assert word not in html


def test_a_page_changes_at_once_with_its_product(site, client):
    before = client.get(site["home"]).headers["ETag"]
    page = Sku.objects.get(code="RYE").product.pages.get()
    page.title = "Rye, sliced"
    page.save_revision().publish()

    response = client.get(site["home"], headers={"if-none-match": before})

    assert response.status_code == 200
    assert "Rye, sliced" in response.content.decode()


def test_a_restricted_page_is_private_and_in_no_list(site, client):
    page = Sku.objects.get(code="RYE").product.pages.get()
    PageViewRestriction.objects.create(page=page, restriction_type="login")

    response = client.get(page.url)

    assert response.status_code == 302
    assert "public" not in response.headers["Cache-Control"]
    assert "Rye loaf" not in client.get("/").content.decode()
    inside = customer(is_superuser=True).get(page.url)
    assert inside.status_code == 200
    assert "public" not in inside.headers["Cache-Control"]


def test_a_page_that_reads_the_session_is_detected(site, client, monkeypatch):
    def leak(request, *args, **kwargs):
        request.session.get("x")
        return mark_public(request, HttpResponse("x"))

    monkeypatch.setattr("storefront.models.HomePage.serve", lambda self, request, *args: leak(request))

    with pytest.raises(PageLeak, match="session read"):
        client.get("/")
