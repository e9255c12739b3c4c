"""Stock services."""

from decimal import Decimal as D

import pytest

from common.actors import SETUP
from common.models import OutboxMessage
from products.models import Product, Sku
from stock.models import Band, Reservation, StockLevel, StockMovement
from stock.services.count import CountBelowReserved, count
from stock.services.issue import issue
from stock.services.receive import receive
from stock.services.reserve import OutOfStock, release, reserve
from stock.tests.factories import make_level, make_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return make_shop()


@pytest.fixture
def sku():
    return Sku.objects.create(product=Product.objects.create(), code="LOAF", is_active=False)


def take(shop, sku, quantity, at, reference="AAAA0001"):
    reserve(shop_id=shop.pk, wanted={sku.pk: D(quantity)}, reference=reference, expires_at=None, at=at)


def level_of(shop, sku):
    return StockLevel.objects.get(shop=shop, sku=sku)


def test_receiving_makes_the_level_and_a_movement(shop, sku, at):
    level = receive(shop_id=shop.pk, sku_id=sku.pk, quantity=D("5"), actor=SETUP, at=at)

    assert (level.on_hand, level.band) == (D("5"), Band.IN_STOCK)
    assert StockMovement.objects.get().quantity == D("5")


@pytest.mark.parametrize(("quantity", "band"), [("4", Band.IN_STOCK), ("3", Band.FEW), ("0.5", Band.FEW)])
def test_band_is_of_what_is_left(shop, sku, quantity, band):
    assert make_level(shop, sku, quantity).band == band


def test_reserving_the_rest_sells_out_and_tells(shop, sku, at):
    make_level(shop, sku, "2")
    OutboxMessage.objects.all().delete()

    take(shop, sku, "2", at)

    level = level_of(shop, sku)
    assert (level.on_hand, level.reserved, level.band) == (D("2"), D("2"), Band.SOLD_OUT)
    assert OutboxMessage.objects.get().event == "stock.band_changed"


def test_a_short_line_refuses_all_lines_and_names_each(shop, sku, at):
    other = Sku.objects.create(product=sku.product, code="BUN", is_active=False)
    third = Sku.objects.create(product=sku.product, code="PIE", is_active=False)
    make_level(shop, sku, "2")
    make_level(shop, other, "1")
    wanted = {sku.pk: D("1"), other.pk: D("3"), third.pk: D("1")}

    with pytest.raises(OutOfStock) as refused:
        reserve(shop_id=shop.pk, wanted=wanted, reference="AAAA0001", expires_at=None, at=at)

    assert refused.value.extra["short"] == {other.pk: D("1"), third.pk: D("0")}
    assert level_of(shop, sku).reserved == 0
    assert not Reservation.objects.exists()


def test_tenths_of_a_kilogram_are_exact(shop, sku, at):
    make_level(shop, sku, "0.3")

    take(shop, sku, "0.1", at, "AAAA0001")
    take(shop, sku, "0.2", at, "AAAA0002")

    assert level_of(shop, sku).reserved == D("0.3")
    with pytest.raises(OutOfStock):
        take(shop, sku, "0.001", at, "AAAA0003")


def test_releasing_twice_releases_once(shop, sku, at):
    make_level(shop, sku, "2")
    take(shop, sku, "2", at)

    assert release(reference="AAAA0001", at=at) == 1
    assert release(reference="AAAA0001", at=at) == 0
    assert (level_of(shop, sku).reserved, level_of(shop, sku).band) == (D("0"), Band.FEW)


def test_issuing_moves_both_figures_and_writes_a_movement(shop, sku, at):
    make_level(shop, sku, "5")
    take(shop, sku, "2", at)

    assert issue(reference="AAAA0001", actor=SETUP, at=at) == 1
    assert issue(reference="AAAA0001", actor=SETUP, at=at) == 0

    level = level_of(shop, sku)
    assert (level.on_hand, level.reserved) == (D("3"), D("0"))
    assert StockMovement.objects.get(kind="issue").quantity == D("-2")


def test_a_count_below_what_is_reserved_is_refused_with_the_orders(shop, sku, at):
    make_level(shop, sku, "5")
    take(shop, sku, "4", at)

    with pytest.raises(CountBelowReserved) as refused:
        count(shop_id=shop.pk, sku_id=sku.pk, counted=D("3"), actor=SETUP, at=at)

    assert refused.value.extra["references"] == ["AAAA0001"]
    assert level_of(shop, sku).on_hand == D("5")


def test_a_count_becomes_the_difference(shop, sku, at):
    make_level(shop, sku, "5")

    count(shop_id=shop.pk, sku_id=sku.pk, counted=D("3"), actor=SETUP, at=at)

    assert level_of(shop, sku).on_hand == D("3")
    assert StockMovement.objects.get(kind="count").quantity == D("-2")
