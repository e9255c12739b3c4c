"""Each invariant of stock finds its planted violation."""

import datetime as dt
from decimal import Decimal as D

import pytest
from django.db import connection

from common.registry import invariants
from products.models import Product, Sku
from stock.models import Reservation, StockLevel, StockMovement
from stock.services.reserve import reserve
from stock.tests.factories import make_level, make_shop

pytestmark = [pytest.mark.django_db, pytest.mark.violates]


@pytest.fixture
def level(at):
    shop = make_shop()
    level = make_level(
        shop, Sku.objects.create(product=Product.objects.create(), code="LOAF", is_active=False), "5", low_at="1"
    )
    reserve(shop_id=shop.pk, wanted={level.sku_id: D("2")}, reference="AAAA0001", expires_at=at, at=at)
    return StockLevel.objects.get()


def found(at):
    return {check.id for check in invariants() if check.id.startswith("I0") and check.id < "I05" and [*check.find(at)]}


def change(**fields):
    StockLevel.objects.update(**fields)


def test_a_consistent_level_violates_nothing(level, at):
    assert found(at) == set()


def test_i01_finds_more_reserved_than_in_stock(level, at):
    # The database refuses this, so it can only be planted without its constraint.
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE stock_stocklevel DROP CONSTRAINT stocklevel_no_oversell")
    change(reserved=6)

    assert "I01" in found(at)


def test_i02_finds_a_reservation_missing_from_the_level(level, at):
    change(reserved=1)

    assert found(at) == {"I02"}


def test_i02_finds_a_level_that_holds_for_nobody(level, at):
    Reservation.objects.all().delete()

    assert found(at) == {"I02"}


def test_i03_finds_stock_without_a_movement(level, at):
    change(on_hand=D("5.001"))

    assert found(at) == {"I03"}


def test_i02_finds_a_reservation_at_a_shop_without_a_level(level, at):
    Reservation.objects.create(
        shop=make_shop("market"), sku_id=level.sku_id, reference="AAAA0002", quantity=1, expires_at=at, created_at=at
    )

    assert found(at) == {"I02"}


def test_i03_finds_a_movement_at_a_shop_without_a_level(level, at):
    StockMovement.objects.create(
        shop=make_shop("market"), sku_id=level.sku_id, kind="receipt", quantity=1, actor_label="test", at=at
    )

    assert found(at) == {"I03"}


def test_i04_finds_a_forgotten_hold(level, at):
    assert found(at + dt.timedelta(minutes=2)) == set()
    assert found(at + dt.timedelta(minutes=2, seconds=1)) == {"I04"}


@pytest.mark.parametrize("band", [0, 1])
def test_i04b_finds_a_wrong_band(level, at, band):
    change(band=band)

    assert found(at) == {"I04b"}
