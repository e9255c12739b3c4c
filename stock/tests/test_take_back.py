"""Goods that come back: to the shelf, or written off; each with its movements."""

from decimal import Decimal as D

import pytest

from common.actors import SETUP
from common.models import OutboxMessage
from products.models import Product, Sku
from stock.models import Band, StockLevel, StockMovement
from stock.services.take_back import take_back
from stock.tests.factories import make_level, make_shop

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture
def shop():
    return make_shop()


@pytest.fixture
def skus(shop):
    product = Product.objects.create()
    rows = [Sku.objects.create(product=product, code=code, is_active=False) for code in ("LOAF", "BUN")]
    for sku in rows:
        make_level(shop, sku, "1", low_at="0.500")
    return [sku.pk for sku in rows]


def back(shop, at, *, to_shelf=None, written_off=None):
    take_back(
        shop_id=shop.pk, to_shelf=to_shelf or {}, written_off=written_off or {}, reference="AAAA0001", reason="damaged",
        actor=SETUP, at=at,
    )  # fmt: skip


def moved():
    rows = StockMovement.objects.exclude(kind="opening").order_by("id")
    return list(rows.values_list("sku_id", "kind", "quantity", "reference", "reason"))


def test_goods_go_back_to_the_shelf_with_a_movement_each(shop, skus, at):
    loaf, bun = skus

    back(shop, at, to_shelf={bun: D("0.1"), loaf: D("2")})

    assert {level.sku_id: level.on_hand for level in StockLevel.objects.all()} == {loaf: D("3"), bun: D("1.1")}
    assert moved() == [
        (loaf, "return", D("2"), "AAAA0001", "damaged"),
        (bun, "return", D("0.1"), "AAAA0001", "damaged"),
    ]


def test_goods_written_off_are_recorded_and_the_shelf_stays(shop, skus, at):
    back(shop, at, written_off={skus[0]: D("2")})

    assert StockLevel.objects.get(sku=skus[0]).on_hand == D("1")
    assert [row[:3] for row in moved()] == [(skus[0], "return", D("2")), (skus[0], "waste", D("-2"))]


def test_a_sold_out_band_flips_and_is_told(shop, skus, at):
    other = Sku.objects.create(product=Product.objects.create(), code="PIE", is_active=False)
    StockLevel.objects.create(shop=shop, sku=other)
    OutboxMessage.objects.all().delete()

    back(shop, at, to_shelf={other.pk: D("9")})
    back(shop, at, to_shelf={other.pk: D("1")})

    assert StockLevel.objects.get(sku=other).band == Band.IN_STOCK
    assert OutboxMessage.objects.get().payload == {"sku_id": other.pk, "shop_id": shop.pk, "band": Band.IN_STOCK}


@pytest.mark.parametrize("name", ["to_shelf", "written_off"])
@pytest.mark.parametrize("quantity", ["0", "-1"])
def test_a_quantity_that_is_not_positive_does_not_come_back(shop, skus, at, name, quantity):
    with pytest.raises(ValueError, match="positive"):
        back(shop, at, **{name: {skus[0]: D(quantity)}})

    assert moved() == []
