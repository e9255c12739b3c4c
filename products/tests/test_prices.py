"""Prices, future prices, and the columns that lists sort by."""

import datetime as dt
from decimal import Decimal

import pytest

from common.actors import WORKER
from products.models import Price, Product, Sku
from products.services.prices import BadPrice, SkuGone, apply_due, set_price
from products.services.rows import refresh
from products.tests.factories import make_product, make_sku

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def set_to(sku, amount, at, starts_at=None):
    return set_price(sku_id=sku.pk, amount=amount, starts_at=starts_at, source="test", actor=WORKER, at=at)


def test_an_immediate_price_updates_the_sku_and_the_from_price(at):
    page = make_product(codes=("A", "B"), price="5.00")
    sku = Sku.objects.get(code="A")

    row = set_to(sku, Decimal("4.25"), at)

    sku.refresh_from_db()
    assert (row.amount, row.starts_at, row.actor_label) == (Decimal("4.25"), at, "worker")
    assert sku.price_now == Decimal("4.25")
    assert Product.objects.get(pk=page.product_id).from_price == Decimal("4.25")
    assert Price.objects.filter(sku=sku).count() == 2


@pytest.mark.violates  # at the end it is tomorrow
def test_a_future_price_waits_for_its_start(at):
    page = make_product(codes=("A",), price="5.00")
    sku = Sku.objects.get(code="A")

    set_to(sku, Decimal("6"), at, starts_at=at + DAY)

    sku.refresh_from_db()
    assert sku.price_now == Decimal("5")
    assert apply_due(at=at) == 0
    assert apply_due(at=at + DAY) == 1
    assert apply_due(at=at + DAY) == 0
    sku.refresh_from_db()
    assert sku.price_now == Decimal("6")
    assert Product.objects.get(pk=page.product_id).from_price == Decimal("6")


def test_of_two_prices_with_the_same_start_the_later_row_wins(at):
    make_product(codes=("A",), price="5.00")
    sku = Sku.objects.get(code="A")

    set_to(sku, Decimal("6"), at)
    set_to(sku, Decimal("7"), at)

    sku.refresh_from_db()
    assert sku.price_now == Decimal("7")


@pytest.mark.parametrize(
    "amount",
    [Decimal("0"), Decimal("-1"), Decimal("NaN"), Decimal("Infinity"), Decimal("1e9"), "abc", Decimal("0.00001"), None],
    ids=str,
)
def test_an_invalid_price_is_refused_and_nothing_changes(at, amount):
    make_product(codes=("A",), price="5.00")
    sku = Sku.objects.get(code="A")

    with pytest.raises(BadPrice) as refusal:
        set_to(sku, amount, at)

    assert refusal.value.message.endswith(".")
    sku.refresh_from_db()
    assert sku.price_now == Decimal("5")
    assert Price.objects.count() == 1


def test_an_unknown_sku_has_no_price(at):
    with pytest.raises(SkuGone):
        set_price(sku_id=0, amount=Decimal("1"), starts_at=None, source="test", actor=WORKER, at=at)


def test_the_from_price_ignores_archived_skus_and_inactive_suppliers(at):
    page = make_product(codes=("A", "B"), price="5.00")
    make_sku(page.product, "C", price="3.00", is_active=False)

    refresh([page.product_id])

    assert Product.objects.get(pk=page.product_id).from_price == Decimal("5")


def test_refreshing_many_products_makes_two_statements(at, django_assert_num_queries):
    ids = [make_product(title=f"P{n}", codes=(f"C{n}",)).product_id for n in range(5)]

    with django_assert_num_queries(4):  # a savepoint around lock and UPDATE
        refresh(ids)


@pytest.mark.violates  # at the end it is tomorrow
def test_due_prices_of_many_products_make_few_statements(at, django_assert_num_queries):
    make_product(codes=tuple(f"C{n}" for n in range(8)))
    for sku in Sku.objects.all():
        set_to(sku, Decimal("8"), at, starts_at=at + DAY)

    with django_assert_num_queries(9):  # find, savepoint, lock, move, (savepoint, lock, refresh, release), release
        assert apply_due(at=at + DAY) == 8
