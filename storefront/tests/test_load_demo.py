"""The demo shop: its contents, loading it twice, and a real shop's refusal to load it."""

import datetime as dt

import pytest
from django.core.management import CommandError, call_command

from accounts.demo import DEMO_ACCOUNTS
from accounts.models import User
from common.actors import SETUP
from common.models import OutboxMessage
from orders.models import Order
from products.models import CategoryPage, Product, ProductPage, Sku
from products.services.rows import refresh
from stock.models import Shop, ShopStaff, StockMovement
from storefront.demo.history import History
from storefront.demo.people import demo_users
from storefront.management.commands import load_demo
from storefront.services.setup import set_up

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def demo(settings, monkeypatch, stopped_clock, at):
    settings.DEMO = True
    # Resizing 70 pictures takes a minute, and every start of the browser tests' site does it.
    monkeypatch.setattr(load_demo, "render_pictures", lambda progress: None)
    set_up(owners=[], actor=SETUP, at=at)


def test_a_real_shop_refuses_it(settings):
    settings.DEMO = False

    with pytest.raises(CommandError, match="not a demo shop"):
        call_command("load_demo", history="none")

    assert (User.objects.count(), Product.objects.count()) == (0, 0)


@pytest.mark.violates("I22b")  # all messages are deleted
def test_it_has_everything_a_shop_needs_is_loaded_once_and_has_a_history(at):
    call_command("load_demo", history="none", verbosity=0)

    pages = ProductPage.objects.live()
    assert pages.count() >= 60
    assert CategoryPage.objects.live().count() >= 10
    assert Shop.objects.filter(hours__isnull=False).distinct().count() == 3
    assert Sku.objects.filter(unit="kg").exists()
    assert Product.objects.filter(skus__options__isnull=False).distinct().count() >= 3
    assert pages.filter(allergens__isnull=False).exists()
    assert pages.filter(gallery__isnull=True).count() == 0
    assert User.objects.count() == len(DEMO_ACCOUNTS)

    def counted():
        return [model.objects.count() for model in (ProductPage, Sku, StockMovement, ShopStaff, User, Order)]

    before = counted()
    call_command("load_demo", history="none", verbosity=0)
    assert counted() == before

    # A day of its history, through the services.
    writer = History(shops=list(Shop.objects.all()), **people(), seed=7)
    yesterday = at.date() - dt.timedelta(days=1)
    made = writer.write_day(yesterday, at)

    assert 0 < made == Order.objects.filter(placed_at__date=yesterday).count()
    assert writer.write_day(yesterday, at) == 0
    # Instead of the worker, which would update each product's row separately.
    refresh(Product.objects.values_list("pk", flat=True))
    OutboxMessage.objects.all().delete()


def people():
    users = demo_users()
    return {"anna": users["employee"], "customer": users["customer"]}
