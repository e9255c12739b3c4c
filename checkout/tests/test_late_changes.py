"""Changes after pricing or ordering are never ignored, neither in the sale nor in the answer."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal as D

import pytest

from checkout.refusals import AlreadyOrdered, LineNotOnSale, ShopClosed, TotalChanged
from checkout.services import place_order
from checkout.services.cart import set_quantity
from checkout.services.place_order import quote_cart
from checkout.tests.factories import BUYER, make_cart, place
from common.actors import SETUP
from orders.models import Order
from products.models import ProductPage, Sku, Supplier
from products.services.prices import set_price
from products.services.skus import archive_sku
from products.tests.factories import make_product
from stock.models import Reservation, Shop, ShopHours
from stock.services.shops import pause
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
def test_a_later_submit_with_different_data_is_refused(loaf, shop, at, asked, differs):
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
    """Make `change` happen between pricing a cart and locking it."""
    close = place_order._close_cart

    def late(cart_id, at):
        change()
        return close(cart_id, at)

    monkeypatch.setattr(place_order, "_close_cart", late)


@pytest.mark.parametrize("way", ["archived", "supplier off", "page taken down"])
def test_an_article_taken_off_sale_between_pricing_and_lock_is_not_sold(loaf, shop, at, monkeypatch, way):
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


def test_a_price_changed_between_pricing_and_lock_must_be_confirmed(loaf, shop, at, monkeypatch):
    cart = make_cart(at, LOAF="2")
    sku_id = Sku.objects.get().pk
    change = {"sku_id": sku_id, "amount": D("4.20"), "starts_at": None, "source": "test", "actor": SETUP, "at": at}
    then(monkeypatch, lambda: set_price(**change))

    with pytest.raises(TotalChanged):
        place(cart, shop, at, total=D("7.80"))

    assert not Order.objects.exists()


def test_changed_prices_with_the_same_total_must_be_confirmed(shop, at):
    make_product(title="Bun", codes=("BUN",), price="2.00", stock={shop: "9"})
    make_product(title="Roll", codes=("ROLL",), price="2.00", stock={shop: "9"})
    cart = make_cart(at, BUN="1", ROLL="1")
    shown = quote_cart(cart_id=cart.pk, at=at).fingerprint
    for code, amount in (("BUN", "1.50"), ("ROLL", "2.50")):
        sku_id = Sku.objects.get(code=code).pk
        set_price(sku_id=sku_id, amount=D(amount), starts_at=at, source="test", actor=SETUP, at=at)

    with pytest.raises(TotalChanged) as refused:
        place(cart, shop, at, total=D("4.00"), confirmed_quote=shown)

    assert refused.value.message.startswith("Something in your cart has changed, although the total is the same.")
    assert not Order.objects.exists()
    assert place(cart, shop, at, confirmed_quote=quote_cart(cart_id=cart.pk, at=at).fingerprint).total == D("4.00")


def test_changed_lines_with_the_same_total_must_be_confirmed(shop, at):
    for code in ("BUN", "ROLL"):
        make_product(title=code, codes=(code,), price="2.00", stock={shop: "9"})
    cart = make_cart(at, BUN="2", ROLL="1")
    shown = quote_cart(cart_id=cart.pk, at=at).fingerprint
    set_quantity(cart_id=cart.pk, code="BUN", quantity=D(1), at=at)
    set_quantity(cart_id=cart.pk, code="ROLL", quantity=D(2), at=at)

    with pytest.raises(TotalChanged):
        place(cart, shop, at, total=D("6.00"), confirmed_quote=shown)

    assert not Order.objects.exists()


@pytest.mark.parametrize("is_kept", [True, False], ids=["kept", "not kept"])
@pytest.mark.parametrize("way", ["paused", "archived", "no hours"])
def test_a_shop_that_closes_between_pricing_and_lock_takes_no_order(
    loaf, shop, at, monkeypatch, settings, way, is_kept
):
    settings.PAGES_KEPT = is_kept
    cart = make_cart(at, LOAF="2")
    changes = {
        "paused": lambda: pause(shop_id=shop.pk, until=at + dt.timedelta(hours=1), actor=SETUP, at=at),
        "archived": lambda: Shop.objects.update(is_active=False),
        "no hours": lambda: ShopHours.objects.all().delete(),
    }
    then(monkeypatch, changes[way])

    with pytest.raises(ShopClosed):
        place(cart, shop, at, total=D("7.80"))

    assert not Order.objects.exists() and not Reservation.objects.exists()
