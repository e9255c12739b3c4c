"""Templates make no queries: views and get_context have loaded everything before rendering."""

import sys
from collections.abc import Iterable, Iterator

import pytest
from django.core.cache import cache
from django.db import connection
from django.template import Context
from django.template.base import Template
from django.test import Client
from django.urls import reverse
from wagtail.models import Page

from accounts.tests.factories import make_customer
from checkout.tests.factories import make_cart, place
from common.page_changes.parts import forget_parts
from products.tests.factories import make_category, make_product
from staff.tests.factories import make_employee
from stock.models import Shop
from stock.tests.factories import make_shop
from storefront.models import ContentPage, HomePage, ShopPage
from storefront.shell import load_shell

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("pages_drawn_anew")]
OURS = {"Sec-Fetch-Site": "same-origin"}
# Code that may make queries while a template renders, and why.
ALLOWED = {
    "wagtail.rich_text": "loads the pages and pictures named in an editor's text",
    "wagtail.blocks": "loads the pictures of the editor's bands",
    "wagtail.admin.userbar": "checks the editor's rights on the page",
}
Asked = list[tuple[str, str]]


def allowed() -> bool:
    """Say whether the query comes from code that may make it."""
    frame = sys._getframe()
    while frame is not None:
        if frame.f_globals.get("__name__", "").startswith(tuple(ALLOWED)):
            return True
        frame = frame.f_back
    return False


@pytest.fixture
def asked(monkeypatch) -> Asked:
    """Return the queries made while templates render, as (template, SQL)."""
    found: Asked = []
    render = Template._render

    def watched(self, context):
        def note(execute, sql, params, many, names):
            if not allowed():
                found.append((str(self.name), sql))
            return execute(sql, params, many, names)

        with connection.execute_wrapper(note):
            return render(self, context)

    monkeypatch.setattr(Template, "_render", watched)
    return found


@pytest.fixture
def shop() -> Iterator[Shop]:
    cache.clear()
    shop = make_shop()
    make_shop("market")
    bread = make_category("Bread")
    make_category("Rye", parent=bread)
    rye = make_product("Rye loaf", codes=("RYE", "RYE-L"), categories=[bread], stock={shop: 7})
    make_product("Bun", codes=("BUN",), categories=[bread], stock={shop: 7}, description="<p>Soft.</p>")
    home = HomePage.objects.get()
    home.hero_link_page = Page.objects.get(pk=rye.pk)
    home.save()
    home.add_child(instance=ContentPage(title="About", in_footer=True))
    home.add_child(instance=ShopPage(title="Canal street", shop=shop))
    yield shop
    cache.clear()


PUBLIC = (
    "/",
    "/?shop=canal",
    "/catalogue/",
    "/catalogue/bread/",
    "/catalogue/?shop=canal&to=9",
    "/products/",
    "/products/rye-loaf/",
    "/products/rye-loaf/?sku=RYE-L",
    "/about/",
    "/canal-street/",
    "/search/",
    "/search/?q=rye",
    "/search/?q=nothing",
    "/search/suggest/?q=r",
    "/orders/find/",
    "/accounts/login/",
    "/accounts/signup/",
)


def asking(client: Client, urls: Iterable[str], asked: Asked) -> dict[str, Asked]:
    """Return the queries of templates by address, on the second visit: the first fills the shared caches.

    Of parts only the frame is known, which other pages load from their templates.
    """
    found = {}
    for url in urls:
        client.get(url)
        forget_parts()
        load_shell()
        asked.clear()
        response = client.get(url)
        assert response.status_code == 200, url
        if asked:
            found[url] = list(asked)
    return found


def test_public_pages_are_loaded_before_they_are_rendered(client, shop, asked):
    assert asking(client, PUBLIC, asked) == {}


def test_language_links_are_loaded_before_a_page_is_rendered(client, shop, asked, settings):
    settings.LANGUAGES = settings.WAGTAIL_CONTENT_LANGUAGES = [("en", "English"), ("ru", "Russian")]

    assert asking(client, ["/", "/products/rye-loaf/", "/about/", "/search/"], asked) == {}


@pytest.mark.parametrize("is_customer", [False, True], ids=["guest", "customer"])
def test_a_cart_is_priced_before_it_is_rendered(shop, asked, at, stopped_clock, is_customer):
    client = Client()
    if is_customer:
        client.force_login(make_customer())
    client.post("/cart/add/", {"code": "BUN", "quantity": "2"}, headers=OURS)
    client.post("/cart/add/", {"code": "RYE", "quantity": "1"}, headers=OURS)

    assert asking(client, ["/cart/", "/cart/drawer/", "/checkout/", "/fragments/header/"], asked) == {}


def test_a_checkout_with_errors_makes_no_more_queries(client, shop, asked, at, stopped_clock):
    client.post("/cart/add/", {"code": "BUN", "quantity": "2"}, headers=OURS)
    client.get("/checkout/")
    asked.clear()

    response = client.post("/checkout/", {}, headers=OURS)

    assert (response.status_code, asked) == (422, [])


@pytest.fixture
def order(shop, at):
    return place(make_cart(at, BUN="2"), shop, at)


def test_an_order_is_loaded_before_its_page_is_rendered(client, order, asked):
    urls = [reverse(name, args=[order.token]) for name in ("orders:status", "orders:fragment")]

    assert asking(client, urls, asked) == {}


def test_the_staff_panel_is_loaded_before_it_is_rendered(order, shop, asked):
    client = Client()
    client.force_login(make_employee(shop))
    urls = [reverse(f"staff:{name}") for name in ("board", "live", "scan", "recall", "find")]
    urls += [reverse(f"staff:{name}", args=[order.number]) for name in ("order", "slip")]

    assert asking(client, urls, asked) == {}


def test_a_query_in_a_template_is_detected(shop, asked):
    Template("{{ pages.count }}", name="curious.html").render(Context({"pages": Page.objects.all()}))

    assert [name for name, _sql in asked] == ["curious.html"]
