"""The first steps of a new shop on the admin's home page, each ticked off once its result exists."""

import pytest
from django.urls import reverse

from accounts.tests.factories import make_staff
from common.actors import SETUP
from orders.tests.factories import make_order
from products.services.rows import refresh
from products.tests.factories import make_product
from stock.models import Shop
from stock.tests.factories import make_level, make_shop
from storefront.first_steps import first_steps
from storefront.models import ContentPage, HomePage, Identity, ShopPage
from storefront.services.setup import set_up

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def owner(at):
    set_up(owners=[], actor=SETUP, at=at)
    return make_staff(role="owner")


def done():
    return [step.done for step in first_steps()]


def write_pages(shop):
    home = HomePage.objects.get(locale__language_code="en")
    home.add_child(instance=ShopPage(title="Canal", shop=shop))
    home.add_child(instance=ContentPage(title="Privacy", in_footer=True))


def test_each_step_is_ticked_off_once_its_result_exists(at, django_assert_num_queries):
    assert done() == [False] * 7

    shop = make_shop()
    page = make_product()
    # Queries: everything that exists, the default language, the parent pages of products and others.
    with django_assert_num_queries(4):
        assert done() == [False, True, True, False, False, False, False]

    Identity.objects.create(name="Zerno")
    make_level(shop, page.product.skus.get())
    refresh([page.product_id])
    assert done() == [True, True, True, True, False, False, False]

    write_pages(shop)
    assert done() == [True] * 6 + [False]

    make_order(at, shop=shop)
    assert first_steps() == []


def test_a_shop_without_hours_cannot_sell():
    make_shop().hours.all().delete()

    assert done() == [False] * 7


@pytest.mark.parametrize(("role", "seen"), [("owner", True), ("editor", False), ("shop_manager", False)])
def test_only_owners_see_them(client, owner, role, seen):
    client.force_login(owner if role == "owner" else make_staff(role=role))

    html = client.get(reverse("wagtailadmin_home")).content.decode()

    assert ("Open your shop" in html) is seen
    assert (reverse("shops:add") in html) is seen


def test_every_step_links_to_a_page_the_owner_may_open(client, owner):
    client.force_login(owner)

    for step in first_steps():
        assert client.get(step.url, follow=True).status_code == 200, step.title


def test_drafts_and_unlinked_pages_do_not_tick_off_a_step(owner):
    write_pages(make_shop())
    ShopPage.objects.update(live=False)
    ContentPage.objects.update(in_footer=False)

    assert done()[4:6] == [False, False]


def test_they_disappear_once_all_are_done_and_an_order_exists(client, owner, at):
    Identity.objects.create(name="Zerno")
    make_product(stock={make_shop(): 9})
    write_pages(Shop.objects.get())
    make_order(at, shop=Shop.objects.get())
    client.force_login(owner)

    assert "Open your shop" not in client.get(reverse("wagtailadmin_home")).content.decode()
