"""The explorer stays fast with 20,000 products, and finds them by article."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.models import Page

from accounts.models import User
from products.models import Product, ProductPage
from products.tests.factories import make_product, make_tree
from storefront.demo.bulk import analyse

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(client):
    user = User.objects.create_superuser("root@example.com", "secret")
    client.force_login(user)
    return client


def add_many(number):
    """Copy one live page `number` times with SQL: pages, products and the child table."""
    index = make_tree().index
    model = make_product(codes=())
    step = ProductPage.steplen
    base = index.path
    columns = [field.column for field in Page._meta.local_concrete_fields if field.column not in ("id", "path", "slug")]
    changed = {"url_path": "'/x/' || n || '/'", "translation_key": "gen_random_uuid()"}
    chosen = ", ".join(changed.get(column, f'p."{column}"') for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    pattern = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    digits = " || ".join(
        f"substr('{pattern}', 1 + ((n / {36**place}) %% 36)::int, 1)" for place in reversed(range(step))
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO wagtailcore_page (path, slug, {names}) SELECT %s || {digits}, 'many-' || n, {chosen} "
            "FROM wagtailcore_page p, generate_series(2, %s) n WHERE p.id = %s",
            [base, number, model.pk],
        )
        child = [field.column for field in ProductPage._meta.local_concrete_fields if field.column != "page_ptr_id"]
        names = ", ".join(f'"{column}"' for column in child)
        cursor.execute(
            f"INSERT INTO products_productpage (page_ptr_id, {names}) "
            f"SELECT p.id, {', '.join(f'm.{column}' for column in child)} "
            "FROM wagtailcore_page p, products_productpage m WHERE p.slug LIKE 'many-%%' AND m.page_ptr_id = %s",
            [model.pk],
        )
    analyse()
    Page.objects.filter(pk=index.pk).update(numchild=number)
    assert Page.objects.child_of(index).count() == number
    return index


def listed(editor, index, query=""):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        response = editor.get(reverse("wagtailadmin_explore", args=[index.pk]) + query)
    assert response.status_code == 200
    return response, queries


def test_sorting_by_menu_order_loads_only_one_page_of_20000_products(editor):
    index = add_many(20_000)

    response, queries = listed(editor, index, "?ordering=ord")

    assert len(response.context["object_list"]) <= 50
    assert response.context["paginator"].count == 20_000
    assert len(queries) < 60


def test_a_deep_page_of_the_listing_makes_no_more_queries_than_the_first(editor):
    index = add_many(20_000)
    listed(editor, index)

    _first, few = listed(editor, index)
    response, deep = listed(editor, index, "?p=200")

    assert len(deep) <= len(few) + 3
    assert 0 < len(response.context["object_list"]) <= 50


def test_products_are_found_by_article_and_barcode(editor):
    page = make_product("Country loaf", codes=("RYE-900",))
    page.product.skus.update(barcode="4006381333931")
    ProductPage.objects.get(pk=page.pk).save_revision().publish()
    make_product("Other", codes=("OTHER",))

    for words in ("RYE-900", "4006381333931", "country"):
        found = [hit.pk for hit in ProductPage.objects.search(words)]
        assert found == [page.pk], words
    assert Product.objects.count() == 2


def test_product_pages_can_only_be_under_the_index(editor):
    tree = make_tree()

    assert ProductPage.can_create_at(tree.index)
    assert not ProductPage.can_create_at(tree.home)
    assert not ProductPage.can_create_at(tree.catalogue)
