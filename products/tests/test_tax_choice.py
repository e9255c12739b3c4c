"""No tax class is guessed: it is the only one, or the original's, or chosen by a person."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from products.models import Product, ProductPage
from products.tests.factories import make_product, make_tax_class, make_tree
from products.tests.test_publishing import make_draft, messages_of, spoil_tax

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(stopped_clock):
    client = Client()
    client.force_login(User.objects.create_superuser("root@example.com", "secret"))
    return client


def test_a_new_product_gets_no_tax_class_if_there_are_several():
    make_tax_class(), make_tax_class("reduced", "0.0900")

    new = make_tree().index.add_child(instance=ProductPage(title="New", live=False))

    assert new.product.tax_class is None


def test_a_new_product_gets_the_only_tax_class():
    only = make_tax_class()

    new = make_tree().index.add_child(instance=ProductPage(title="New", live=False))

    assert new.product.tax_class == only


def test_a_copy_keeps_its_tax_class_and_is_a_draft(admin):
    reduced = make_tax_class("reduced", "0.0900")
    make_tax_class()
    page = make_product(product=Product.objects.create(tax_class=reduced), codes=("RYE",))
    data = {"new_title": "Copy", "new_slug": "copy", "new_parent_page": make_tree().index.pk, "publish_copies": "on"}

    response = admin.post(reverse("wagtailadmin_pages:copy", args=[page.pk]), data, follow=True)

    copy = ProductPage.objects.get(slug="copy")
    assert (copy.product.tax_class, copy.live, copy.live_revision) == (reduced, False, None)
    assert copy.product_id != page.product_id
    assert "The copy is a draft: it has no variants yet. Add them, then publish it." in " ".join(messages_of(response))


@pytest.mark.parametrize("recursive", [False, True], ids=["a page", "a tree"])
def test_no_copy_is_live(recursive):
    page = make_product()
    source = make_tree().index if recursive else page

    source.copy(recursive=recursive, keep_live=True, update_attrs={"slug": "copy"})

    copy = ProductPage.objects.exclude(pk=page.pk).get()
    assert (copy.live, copy.live_revision, copy.first_published_at) == (False, None, None)
    assert copy.product.tax_class == page.product.tax_class


def test_the_variants_tab_lists_classes_with_rates_and_none_preselected(admin):
    make_tax_class("reduced", "0.0900")
    page = make_draft()
    spoil_tax(page)

    html = admin.get(reverse("products_admin:variants", args=[page.pk])).content.decode()

    assert '<option value="" selected>Not chosen yet</option>' in html
    assert "Reduced (9%)" in html and "Standard (20%)" in html
