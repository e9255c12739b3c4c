"""Reading public pages writes nothing, not even at the first visit to a new shop: readers never wait for writers."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from products.tests.factories import make_category, make_product, make_tree
from stock.tests.factories import make_shop
from storefront.models import ContentPage, Identity, ShopPage
from tests.touched import text_of

pytestmark = pytest.mark.django_db
READS = ("SELECT", "DECLARE", "WITH", "SAVEPOINT", "RELEASE")
PATHS = (
    "/", "/ru/", "/catalogue/", "/catalogue/bread/", "/catalogue/?sort=price", "/products/", "/products/rye/",
    "/products/rye/?sku=RYE", "/search/", "/search/?q=rye", "/search/suggest/?q=r", "/about/", "/canal/", "/nothing/",
    "/fragments/header/", "/cart/", "/cart/drawer/", "/checkout/", "/robots.txt", "/sitemap.xml", "/favicon.ico",
    "/accounts/login/", "/accounts/signup/", "/orders/find/", "/readyz",
)  # fmt: skip


@pytest.fixture
def new_shop():
    """A shop whose owner has not entered its identity yet."""
    shop, home = make_shop(), make_tree().home
    make_product("Rye", codes=("RYE",), stock={shop: "9"}, categories=[make_category("Bread")])
    home.add_child(instance=ContentPage(title="About", in_footer=True))
    home.add_child(instance=ShopPage(title="Canal", shop=shop))
    Identity.objects.all().delete()


@pytest.mark.parametrize("path", PATHS)
def test_the_first_visitor_writes_nothing(new_shop, client, path):
    with CaptureQueriesContext(connection) as seen:
        status = client.get(path).status_code

    assert status < 500
    asked = [text_of(query["sql"]) for query in seen]
    assert [sql for sql in asked if not sql.lstrip().startswith(READS)] == []
    assert not Identity.objects.exists()


def test_a_shop_without_an_identity_shows_the_defaults(new_shop, client):
    assert "Vitrine" in client.get("/").content.decode()
