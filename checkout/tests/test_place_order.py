"""Placing an order."""

from decimal import Decimal as D

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from checkout.models import Cart, CartLine
from checkout.services import cart as carts
from checkout.services.place_order import (
    Buyer,
    CartEmpty,
    CartGone,
    LineNotOnSale,
    OutOfStock,
    ShopClosed,
    TotalChanged,
    place_order,
    quote_cart,
)
from common.actors import GUEST
from common.models import OutboxMessage
from orders.models import Order
from products.models import Sku
from products.tests.factories import make_product, make_tree
from stock.models import Reservation, StockLevel
from stock.tests.factories import make_shop

pytestmark = pytest.mark.django_db(transaction=True)
BUYER = Buyer("Mila Berg", "+31205550142", "mila@example.com")


@pytest.fixture
def shop():
    make_tree()
    return make_shop()


@pytest.fixture
def loaf(shop):
    return make_product(title="Loaf", price="3.90", codes=("LOAF",), stock={shop: "10"})


def cart_of(at, **wanted):
    cart = None
    for code, quantity in wanted.items():
        cart = carts.add(token=cart.token if cart else None, user=None, code=code, quantity=D(quantity), at=at).cart
    return cart


def place(cart, shop, at, total=None, **extra):
    wanted = {
        "cart_id": cart.pk,
        "buyer": BUYER,
        "shop_id": shop.pk,
        "payment_method": "on_collection",
        "confirmed_total": total if total is not None else quote_cart(cart_id=cart.pk, at=at).total,
        "language": "en",
        "actor": GUEST,
        "at": at,
        **extra,
    }
    return place_order(**wanted)


def test_an_order_reserves_its_stock_and_closes_the_cart(loaf, shop, at):
    cart = cart_of(at, LOAF="2")

    order = place(cart, shop, at)

    assert (order.status, order.total, order.tax_total) == ("placed", D("7.80"), order.tax_total)
    assert Reservation.objects.get().quantity == D("2")
    assert Cart.objects.get(pk=cart.pk).closed_at == at
    assert OutboxMessage.objects.filter(event="order.received").count() == 1


def test_a_later_submit_of_the_same_cart_leads_to_the_same_order(loaf, shop, at):
    cart = cart_of(at, LOAF="2")
    first = place(cart, shop, at)

    assert place(cart, shop, at, total=D("7.80")) == first
    with pytest.raises(TotalChanged):
        place(cart, shop, at, total=D("7.79"))
    assert Order.objects.count() == 1


@pytest.mark.parametrize("total", ["0", "7.79", "7.81", "-7.80"])
def test_another_total_than_the_confirmed_is_never_charged(loaf, shop, at, total):
    cart = cart_of(at, LOAF="2")

    with pytest.raises(TotalChanged) as refused:
        place(cart, shop, at, total=D(total))

    assert refused.value.extra["quote"].total == D("7.80")
    assert not Order.objects.exists()
    assert CartLine.objects.get().quantity == D("2")


def test_all_short_lines_are_named_and_the_cart_is_kept(loaf, shop, at):
    make_product(title="Bun", price="1.00", codes=("BUN",), stock={shop: "5"})
    cart = cart_of(at, LOAF="2", BUN="3")
    StockLevel.objects.update(on_hand=1, band=1)

    with pytest.raises(OutOfStock) as refused:
        place(cart, shop, at)
    StockLevel.objects.filter(sku__code="LOAF").update(on_hand=10, band=2)
    StockLevel.objects.filter(sku__code="BUN").update(on_hand=5, band=2)

    assert set(refused.value.extra["short"].values()) == {D("1")}
    assert len(refused.value.extra["short"]) == 2
    assert (Order.objects.count(), Reservation.objects.count(), cart.lines.count()) == (0, 0, 2)


def test_an_archived_line_is_refused_by_name(loaf, shop, at):
    cart = cart_of(at, LOAF="1")
    Sku.objects.update(is_active=False)

    with pytest.raises(LineNotOnSale) as refused:
        place(cart, shop, at, total=D("0"))
    Sku.objects.update(is_active=True)

    assert refused.value.extra["codes"] == ["LOAF"]


def test_a_paused_shop_offers_the_others(loaf, shop, at):
    market = make_shop("market")
    cart = cart_of(at, LOAF="1")
    shop.is_active = False
    shop.save()

    with pytest.raises(ShopClosed) as refused:
        place(cart, shop, at, total=D("3.90"))
    shop.is_active = True
    shop.save()

    assert refused.value.extra["shops"] == [market]


def test_an_empty_and_a_missing_cart_are_refused(shop, at):
    cart = Cart.objects.create(created_at=at, updated_at=at)

    with pytest.raises(CartEmpty):
        place(cart, shop, at, total=D("0"))
    Cart.objects.all().delete()
    with pytest.raises(CartGone):
        place(cart, shop, at, total=D("0"))


def test_an_online_order_waits_for_payment_and_expires_with_the_hold(loaf, shop, at):
    cart = cart_of(at, LOAF="1")

    order = place(cart, shop, at, payment_method="demo_bank")

    assert order.status == "awaiting_payment"
    assert (order.expires_at - at).total_seconds() == shop.hold_minutes * 60


@pytest.mark.parametrize("lines", [1, 20])
def test_placing_takes_the_same_number_of_queries_for_1_and_20_lines(shop, at, lines):
    codes = [f"C{number}" for number in range(lines)]
    for code in codes:
        make_product(title=code, price="1.00", codes=(code,), stock={shop: "9"})
    cart = cart_of(at, **dict.fromkeys(codes, "1"))
    total = quote_cart(cart_id=cart.pk, at=at).total

    with CaptureQueriesContext(
        connection,
    ) as seen:
        place(cart, shop, at, total=total)

    assert len(seen) == 25, [query["sql"][:90] for query in seen]
