"""The quote: exact to the cent, independent of the order of the lines, and explained by its steps."""

import itertools
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout.services.quote import Customer, QuoteInput, quote

CENT = Decimal("0.01")
prices = st.decimals(min_value=0, max_value=9999, places=4)
quantities = st.decimals(min_value=Decimal("0.001"), max_value=999, places=3)
rates = st.sampled_from([Decimal(rate) for rate in ("0", "0.0500", "0.0900", "0.1000", "0.2000", "0.2100")])
lines = st.builds(QuoteInput, st.integers(1, 10**6), quantities, prices, rates, st.just(1))
carts = st.lists(lines, max_size=12, unique_by=lambda line: line.sku_id)


def to_cents(value: Fraction) -> Decimal:
    """Round half up with integers, without the function under test."""
    cents = value * 100
    whole = cents.numerator * 2 + cents.denominator
    return Decimal(whole // (cents.denominator * 2)) / 100


@pytest.mark.parametrize(
    ("quantity", "price", "amount", "tax"),
    [
        ("2", "3.90", "7.80", "0.71"),
        ("0.3", "27.00", "8.10", "0.74"),
        ("0.333", "0.015", "0.00", "0.00"),
        ("3", "0.3350", "1.01", "0.09"),
        ("0.5", "0.01", "0.01", "0.00"),
    ],
)
def test_a_line_is_rounded_once_half_up(quantity, price, amount, tax):
    priced = quote([QuoteInput(1, Decimal(quantity), Decimal(price), Decimal("0.10"), 1)], currency="EUR")

    assert (priced.total, priced.lines[0].amount, priced.tax) == (Decimal(amount), Decimal(amount), Decimal(tax))


def test_a_currency_without_cents_has_whole_amounts():
    priced = quote([QuoteInput(1, Decimal("0.3"), Decimal("115"), Decimal("0.10"), 1)], currency="JPY")

    assert (priced.total, priced.tax) == (Decimal("35"), Decimal("3"))


def test_an_empty_cart_costs_nothing():
    assert quote([], currency="EUR").total == 0


@given(carts)
def test_totals_are_exact_to_the_cent(cart):
    priced = quote(cart, currency="EUR")

    for line, source in zip(priced.lines, cart, strict=True):
        assert line.amount == to_cents(Fraction(source.quantity) * Fraction(source.unit_price))
        exact = Fraction(line.amount) - Fraction(line.amount) / (1 + Fraction(source.tax_rate))
        assert abs(Fraction(line.tax_amount) - exact) < Fraction(2, 100)
        assert 0 <= line.discount <= line.amount
    assert priced.total == sum((line.amount - line.discount for line in priced.lines), Decimal(0)) + priced.delivery
    assert priced.tax == sum((line.tax_amount for line in priced.lines), Decimal(0))
    assert 0 <= priced.tax <= priced.total
    assert priced.total == priced.total.quantize(CENT, ROUND_HALF_UP)


@given(carts)
def test_the_tax_of_a_rate_is_computed_from_the_sum_of_its_lines(cart):
    priced = quote(cart, currency="EUR")

    for rate in {line.tax_rate for line in priced.lines}:
        mine = [line for line in priced.lines if line.tax_rate == rate]
        gross = Fraction(sum((line.amount - line.discount for line in mine), Decimal(0)))
        assert sum((line.tax_amount for line in mine), Decimal(0)) == to_cents(gross - gross / (1 + Fraction(rate)))


def test_ten_small_lines_are_taxed_as_their_sum():
    lines = [QuoteInput(sku_id, Decimal(1), Decimal("3.30"), Decimal("0.09"), 1) for sku_id in range(1, 11)]

    priced = quote(lines, currency="EUR")

    assert priced.tax == Decimal("2.72")
    assert sorted(line.tax_amount for line in priced.lines) == [Decimal("0.27")] * 8 + [Decimal("0.28")] * 2


def test_each_rate_in_a_cart_is_taxed_separately():
    low = [QuoteInput(sku_id, Decimal(1), Decimal("3.30"), Decimal("0.09"), 1) for sku_id in (1, 2)]
    high = [QuoteInput(sku_id, Decimal(1), Decimal("1.03"), Decimal("0.21"), 1) for sku_id in (3, 4)]

    priced = quote([*low, *high], currency="EUR")

    assert [str(line.tax_amount) for line in priced.lines] == ["0.27", "0.27", "0.18", "0.18"]
    assert priced.tax == Decimal("0.90")


@given(carts)
def test_the_steps_add_up_to_the_result(cart):
    priced = quote(cart, currency="EUR")

    assert sum((step.amount for step in priced.steps), Decimal(0)) == priced.total
    for line in priced.lines:
        assert sum((step.amount for step in line.steps), Decimal(0)) == line.amount - line.discount


@given(carts, st.randoms(use_true_random=False))
def test_the_order_of_the_lines_does_not_matter(cart, random):
    shuffled = list(cart)
    random.shuffle(shuffled)

    first, second = quote(cart, currency="EUR"), quote(shuffled, currency="EUR")

    assert {line.sku_id: line for line in first.lines} == {line.sku_id: line for line in second.lines}
    assert (first.total, first.tax, first.goods, first.steps) == (
        second.total, second.tax, second.goods, second.steps,
    )  # fmt: skip


@given(carts)
def test_no_figure_is_a_float(cart):
    priced = quote(cart, currency="EUR")

    figures = [priced.total, priced.tax, priced.goods, priced.discount, priced.delivery]
    figures += itertools.chain.from_iterable((line.amount, line.tax_amount, line.unit_price) for line in priced.lines)
    assert all(type(figure) is Decimal for figure in figures)


def test_a_quote_names_its_customer():
    regular = Customer(tier="gold")

    assert quote([], customer=regular, currency="EUR").customer == regular
    assert quote([], currency="EUR").customer == Customer(is_first_order=False, tier="")


@given(carts, st.randoms())
def test_the_fingerprint_does_not_depend_on_the_order_of_the_lines(cart, random):
    shuffled = list(cart)
    random.shuffle(shuffled)

    assert quote(cart, currency="EUR").fingerprint == quote(shuffled, currency="EUR").fingerprint


@pytest.mark.parametrize(
    "changed",
    [{"sku_id": 3}, {"quantity": Decimal("2.5")}, {"unit_price": Decimal("3.9010")}, {"unit_price": Decimal("3.91")}],
    ids=str,
)
def test_the_fingerprint_changes_with_any_line(changed):
    line = QuoteInput(1, Decimal(2), Decimal("3.90"), Decimal("0.10"), 1)
    other = QuoteInput(2, Decimal(1), Decimal("1.00"), Decimal("0.10"), 1)

    before = quote([line, other], currency="EUR").fingerprint

    assert quote([replace(line, **changed), other], currency="EUR").fingerprint != before
    assert quote([replace(line, quantity=Decimal("2.000")), other], currency="EUR").fingerprint == before
