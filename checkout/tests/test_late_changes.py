"""Changes after pricing or ordering are never ignored: nothing is sold or answered as if nothing had changed."""

from dataclasses import replace
from decimal import Decimal as D

import pytest

from checkout.refusals import AlreadyOrdered, LineNotOnSale, TotalChanged
from checkout.services import place_order
from checkout.tests.factories import BUYER, make_cart, place
from common.actors import SETUP
from orders.models import Order
from products.models import ProductPage, Sku, Supplier
from products.services.prices import set_price
from products.services.skus import archive_sku
from stock.models import Reservation, Shop
from stock.tests.factories import make_shop

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("asked", "differs"),
    [
        ({"total": D("7.79")}, ["confirmed_total"]),
        ({"shop": "market"}, ["shop"]),
        ({"payment_method": "demo_bank"}, ["payment_method"]),
        ({"buyer": replace(BUYER, name="Bo Berg")}, ["name"]),
        ({"buyer": replace(BUYER, phone="+31205550199")}, ["phone"]),
        ({"buyer": replace(BUYER, email="bo@example.com")}, ["email"]),
        ({"buyer": replace(BUYER, comment="Sliced")}, ["comment"]),
        ({"shop": "market", "payment_method": "demo_bank"}, ["shop", "payment_method"]),
    ],
    ids=["total", "shop", "payment", "name", "phone", "email", "note", "two"],
)
def test_a_later_submit_that_says_something_else_is_refused(loaf, shop, at, asked, differs):
    make_shop("market")
    cart = make_cart(at, LOAF="2")
    order = place(cart, shop, at)
    before = list(Order.objects.values())
    wanted = {"total": D("7.80"), **asked}

    with pytest.raises(AlreadyOrdered) as refused:
        place(cart, Shop.objects.get(code=wanted.pop("shop", "canal")), at, **wanted)

    assert refused.value.extra == {"order": order, "differs": differs}
    assert list(Order.objects.values()) == before


def then(monkeypatch, change):
    """Let `change` happen between the pricing of a cart and the lock on it."""
    lock = place_order._lock_cart

    def late(cart_id):
        change()
        return lock(cart_id)

    monkeypatch.setattr(place_order, "_lock_cart", late)


@pytest.mark.parametrize("way", ["archived", "supplier off", "page taken down"])
def test_what_goes_off_sale_between_pricing_and_lock_is_not_sold(loaf, shop, at, monkeypatch, way):
    cart = make_cart(at, LOAF="2")
    changes = {
        "archived": lambda: archive_sku(sku_id=Sku.objects.get().pk, actor=SETUP, at=at),
        "supplier off": lambda: Sku.objects.update(supplier=Supplier.objects.create(name="Mill", is_active=False)),
        "page taken down": lambda: ProductPage.objects.update(live=False),
    }
    then(monkeypatch, changes[way])

    with pytest.raises(LineNotOnSale) as refused:
        place(cart, shop, at, total=D("7.80"))

    assert refused.value.extra["codes"] == ["LOAF"]
    assert (Order.objects.count(), Reservation.objects.count(), cart.lines.count()) == (0, 0, 1)


def test_a_price_that_changes_between_pricing_and_lock_is_asked_about(loaf, shop, at, monkeypatch):
    cart = make_cart(at, LOAF="2")
    sku_id = Sku.objects.get().pk
    change = {"sku_id": sku_id, "amount": D("4.20"), "starts_at": None, "source": "test", "actor": SETUP, "at": at}
    then(monkeypatch, lambda: set_price(**change))

    with pytest.raises(TotalChanged):
        place(cart, shop, at, total=D("7.80"))

    assert not Order.objects.exists()
