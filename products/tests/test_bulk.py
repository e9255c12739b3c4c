"""Products in bulk: complete, repeatable and consistent with every invariant (checked after each test)."""

import pytest

from products.models import Price, Product, ProductPage, Sku
from products.services.rows import stale
from products.tests.factories import make_category, make_tree
from stock.models import StockMovement
from stock.tests.factories import make_shop
from storefront.demo.bulk import NoIndexPage, bulk_products

pytestmark = pytest.mark.django_db


def test_products_are_complete_and_found_in_the_page_tree(at):
    tree = make_tree()
    make_shop()

    assert bulk_products(30, at=at) == 30

    pages = ProductPage.objects.live().child_of(tree.index)
    assert pages.count() == Product.objects.count() == 30
    assert Sku.objects.count() == Price.objects.count() == 30 + 2 * 10
    assert StockMovement.objects.exists()
    assert not stale(Product.objects.all()).exists()
    tree.index.refresh_from_db()
    assert tree.index.numchild == 30
    assert ProductPage.find_problems() == ([], [], [], [], [])


def test_the_same_seed_adds_only_what_is_missing(at):
    make_tree()
    make_category()
    bulk_products(4, at=at)

    assert bulk_products(4, at=at) == 0
    assert bulk_products(6, at=at) == 2
    assert bulk_products(2, seed=8, at=at) == 2
    assert Product.objects.count() == 8


def test_bulk_pages_can_be_edited_and_get_siblings(at):
    tree = make_tree()
    bulk_products(3, at=at, search=False)
    page = ProductPage.objects.first()

    page.title = "Renamed"
    page.save_revision().publish()
    tree.index.refresh_from_db()
    new = tree.index.add_child(instance=ProductPage(title="By hand", live=False))

    assert ProductPage.objects.get(pk=page.pk).title == "Renamed"
    assert new.path > page.path


def test_without_an_index_page_the_error_says_what_to_do(before_setup, at):
    with pytest.raises(NoIndexPage, match="setup_shop"):
        bulk_products(1, at=at)
