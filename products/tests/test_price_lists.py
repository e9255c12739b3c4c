"""Many prices at once: all or none, every problem reported by line, the same few statements for any number."""

import datetime as dt
from decimal import Decimal

import pytest

from common.actors import WORKER
from products.models import Price, Product, Sku
from products.prices import FARTHEST
from products.services.prices import NewPrice, PricesRefused, set_prices
from products.tests.factories import make_product

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def set_all(prices, at):
    return set_prices(prices=prices, source="list", actor=WORKER, at=at)


def skus():
    return list(Sku.objects.order_by("pk"))


def test_a_list_of_prices_updates_variants_and_products(at):
    one = make_product("One", codes=("A", "B"), price="5.00")
    two = make_product("Two", codes=("C",), price="5.00")
    a, b, c = skus()

    rows = set_all(
        [NewPrice(c.pk, Decimal("4")), NewPrice(a.pk, Decimal("7")), NewPrice(b.pk, Decimal("6"), at + DAY)], at
    )

    assert [(row.sku_id, row.amount, row.starts_at) for row in rows] == [
        (c.pk, Decimal("4"), at),
        (a.pk, Decimal("7"), at),
        (b.pk, Decimal("6"), at + DAY),
    ]
    assert all(row.pk for row in rows)
    assert {(row.source, row.actor_label, row.created_at) for row in rows} == {("list", "worker", at)}
    assert [sku.price_now for sku in skus()] == [Decimal("7"), Decimal("5"), Decimal("4")]
    assert Product.objects.get(pk=one.product_id).from_price == Decimal("5")
    assert Product.objects.get(pk=two.product_id).from_price == Decimal("4")


def test_a_list_may_have_several_start_times_for_one_variant(at):
    make_product(codes=("A",), price="5.00")
    [a] = skus()

    set_all(
        [NewPrice(a.pk, Decimal("6"), at + DAY), NewPrice(a.pk, Decimal("4")), NewPrice(a.pk, Decimal("3"), at - DAY)],
        at,
    )

    assert Sku.objects.get().price_now == Decimal("4")
    assert Price.objects.count() == 4


def test_every_problem_is_reported_by_line_and_nothing_is_set(at):
    make_product(codes=("A", "B"), price="5.00")
    a, b = skus()

    with pytest.raises(PricesRefused) as refusal:
        set_all(
            [
                NewPrice(a.pk, Decimal("4")),
                NewPrice(a.pk, Decimal("0")),
                NewPrice(0, Decimal("4")),
                NewPrice(b.pk, Decimal("4"), at + FARTHEST + DAY),
                NewPrice(a.pk, Decimal("3"), at),
                NewPrice(b.pk, Decimal("0.00001")),
            ],
            at,
        )

    assert {line: problem.code for line, problem in refusal.value.problems.items()} == {
        1: "bad_price",
        2: "sku_gone",
        3: "bad_start",
        4: "twice_priced",
        5: "bad_price",
    }
    assert refusal.value.extra["lines"][4] == "This variant has another price for the same moment in this list."
    assert [sku.price_now for sku in skus()] == [Decimal("5"), Decimal("5")]
    assert Price.objects.count() == 2


def test_an_empty_list_changes_nothing(at):
    assert set_all([], at) == []


@pytest.mark.parametrize("number", [1, 20])
def test_a_list_makes_the_same_statements_for_any_number(at, django_assert_num_queries, number):
    for product in range(number):
        make_product(f"P{product}", codes=(f"A{product}", f"B{product}"))
    prices = [NewPrice(sku.pk, Decimal("4.50")) for sku in skus()]

    # savepoint, products of the SKUs, lock, SKUs, insert, move, (savepoint, lock, refresh, release), release
    with django_assert_num_queries(11):
        set_all(prices, at)
