"""Finding the page of an address: as Wagtail does, with the same number of queries at any depth."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import Locale

from products.models import CataloguePage, CategoryPage
from products.tests.factories import make_category, make_product

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite, pytest.mark.usefixtures("nothing_kept")]


@pytest.fixture(autouse=True)
def fresh_cache():
    cache.clear()
    yield
    cache.clear()


def queries_of(client, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(url).status_code == 200
    return len(seen)


def test_depth_costs_no_queries(client):
    deep = make_category("Dark", parent=make_category("Rye", parent=make_category("Bread")))
    flat = make_category("Tea")
    make_product("Loaf", codes=("LOAF",), categories=[deep])
    make_product("Sencha", codes=("TEA",), categories=[flat])

    assert queries_of(client, deep.url) == queries_of(client, flat.url)


@pytest.mark.parametrize(
    "path", ["/products/nothing/", "/catalogue/loaf/", "/loaf/", "/products/loaf/more/", "/a%00b/"]
)
def test_an_address_without_a_page_is_not_found(client, path):
    assert make_product("Loaf", categories=[make_category()]).url == "/products/loaf/"

    assert client.get(path).status_code == 404


def test_a_page_may_have_addresses_inside_it(client, monkeypatch):
    category = make_category("Bread")
    usual = CategoryPage.route
    monkeypatch.setattr(
        CategoryPage, "route", lambda page, request, rest: usual(page, request, [] if rest == ["week"] else rest)
    )

    assert client.get(f"{category.url}week/").status_code == 200
    assert client.get(f"{category.url}month/").status_code == 404


def test_a_page_is_found_wherever_it_moved_and_only_while_it_is_live(client):
    bread = make_category("Bread")
    rye = make_category("Rye", parent=bread)

    rye.move(CataloguePage.objects.get(), "last-child")
    assert client.get("/catalogue/rye/").status_code == 200
    assert client.get("/catalogue/bread/rye/").headers["Location"] == "/catalogue/rye/"

    bread.refresh_from_db()
    bread.slug = "loaves"
    bread.save()
    assert client.get("/catalogue/loaves/").status_code == 200
    bread.unpublish()
    assert client.get("/catalogue/loaves/").status_code == 404


def test_each_language_has_its_own_tree(client):
    page = make_product("Rye loaf", codes=("RYE",))
    russian = Locale.objects.get_or_create(language_code="ru")[0]
    page.get_parent().specific.get_parent().specific.copy_for_translation(russian).save_revision().publish()
    page.get_parent().specific.copy_for_translation(russian).save_revision().publish()
    twin = page.copy_for_translation(russian)
    twin.title = "\u0420\u0436\u0430\u043d\u043e\u0439"
    twin.save_revision().publish()

    assert twin.title in client.get(f"/ru/products/{twin.slug}/").content.decode()
    assert "Rye loaf" in client.get(page.url).content.decode()
