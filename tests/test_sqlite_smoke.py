"""The engines on both databases: exact decimals, one buyer after another, a whole purchase."""

from decimal import Decimal as D

import pytest

from checkout.tests.factories import make_cart, place
from common.actors import SETUP
from orders.models import Order
from orders.services.cancel import cancel_order
from products.tests.factories import make_product, make_sku, make_tree
from stock.models import Reservation, StockLevel, StockMovement
from stock.services.count import count
from stock.services.issue import issue
from stock.services.reserve import OutOfStock, release, reserve
from stock.tests.factories import make_shop

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db]


@pytest.fixture
def shop():
    make_tree()
    return make_shop()


@pytest.fixture
def cake(shop):
    page = make_product(title="Cake", codes=())
    return make_sku(page.product, "CAKE", price="27.00", stock={shop: "0.3"}, unit="kg", step="0.1")


def take(shop, sku, quantity, at, reference):
    reserve(shop_id=shop.pk, wanted={sku.pk: D(quantity)}, reference=reference, expires_at=None, at=at)


@pytest.mark.violates("I05")
def test_three_tenths_can_be_sold_as_one_tenth_and_two_tenths(shop, cake, at):
    take(shop, cake, "0.1", at, "AAAA0001")
    take(shop, cake, "0.2", at, "AAAA0002")

    level = StockLevel.objects.get(sku=cake)
    assert (level.on_hand, level.reserved, level.band) == (D("0.3"), D("0.3"), 0)
    with pytest.raises(OutOfStock) as refused:
        take(shop, cake, "0.001", at, "AAAA0003")
    assert refused.value.extra["short"] == {cake.pk: D("0")}


def test_one_tenth_can_be_sold_three_times(shop, cake, at):
    for number in range(3):
        take(shop, cake, "0.1", at, f"AAAA000{number}")
    for number in range(3):
        issue(reference=f"AAAA000{number}", actor=SETUP, at=at)

    level = StockLevel.objects.get(sku=cake)
    assert (level.on_hand, level.reserved) == (D("0"), D("0"))
    assert StockMovement.objects.filter(kind="issue").count() == 3


def test_released_stock_can_be_sold_again(shop, cake, at):
    for number in range(40):
        take(shop, cake, "0.1", at, f"AAAA{number:04}")
        take(shop, cake, "0.2", at, f"BBBB{number:04}")
        release(reference=f"AAAA{number:04}", at=at)
        release(reference=f"BBBB{number:04}", at=at, state="expired")

    assert StockLevel.objects.get(sku=cake).reserved == D("0")


def test_tenths_can_be_counted(shop, cake, at):
    for counted in ("0.7", "0.1", "0.3"):
        count(shop_id=shop.pk, sku_id=cake.pk, counted=D(counted), actor=SETUP, at=at)

    assert StockLevel.objects.get(sku=cake).on_hand == D("0.3")


def test_all_lines_are_reserved_or_none(shop, cake, at):
    bun = make_sku(code="BUN", stock={shop: "5"})
    wanted = {cake.pk: D("0.4"), bun.pk: D("6")}

    with pytest.raises(OutOfStock) as refused:
        reserve(shop_id=shop.pk, wanted=wanted, reference="AAAA0001", expires_at=None, at=at)

    assert refused.value.extra["short"] == {cake.pk: D("0.3"), bun.pk: D("5")}
    assert not Reservation.objects.exists()
    assert set(StockLevel.objects.values_list("reserved", flat=True)) == {D("0")}


def test_a_purchase_and_its_cancellation(shop, cake, at):
    order = place(make_cart(at, CAKE="0.3"), shop, at)

    assert (order.total, order.status) == (D("8.10"), Order.Status.PLACED)
    cancel_order(order_id=order.pk, reason="Plans changed", actor=SETUP, at=at)
    assert place(make_cart(at, CAKE="0.3"), shop, at).total == D("8.10")
