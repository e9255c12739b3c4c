"""Printed unit prices: multiplied by the quantity they give the amount charged, whatever the price and unit."""

import re
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.money import format_exact, format_money, round_money
from common.quantity import UNITS, format_quantity
from common.unit_prices import comparison_price, least_charged, printed_price, unit_price_text

prices = st.integers(1, 99_999_9999).map(lambda n: D(n) / 10_000)
units = st.sampled_from(sorted(UNITS))
steps = st.integers(1, 5_000).map(lambda n: D(n) / 1000)
IN_UNITS = {("g", "kg"): D(1000), ("ml", "l"): D(1000)}


def numbers(text: str) -> list[D]:
    return [D(found.replace(",", "")) for found in re.findall(r"[0-9][0-9,.]*", text)]


@given(price=prices, unit=units, step=steps, count=st.integers(1, 400))
def test_printed_price_times_printed_quantity_rounds_to_the_printed_line(price, unit, step, count):
    quantity = step * count
    amount, *size = numbers(unit_price_text(price, unit, "EUR", "en"))
    shown_unit = unit_price_text(price, unit, "EUR", "en").split()[-1].replace("each", "pc")
    (bought,) = numbers(format_quantity(quantity, unit))
    bought_unit = format_quantity(quantity, unit).split()[-1]

    product = amount / (size[0] if size else 1) * bought / IN_UNITS.get((bought_unit, shown_unit), D(1))

    assert format_money(product, "EUR", "en") == format_money(round_money(price * quantity, "EUR"), "EUR", "en")


@pytest.mark.parametrize(
    ("price", "unit", "text"),
    [
        ("3.9000", "pc", "€3.90 each"),
        ("2.505", "pc", "€2.505 each"),
        ("2.5", "pack", "€2.50 per pack"),
        ("0.0125", "g", "€1.25 per 100 g"),
        ("0.004", "ml", "€0.40 per 100 ml"),
        ("12.5", "kg", "€12.50 per kg"),
        ("1234.5678", "m", "€1,234.5678 per m"),
    ],
)
def test_a_price_is_printed_for_an_amount_people_buy(price, unit, text):
    assert unit_price_text(D(price), unit, "EUR", "en") == text


@pytest.mark.parametrize(
    ("currency", "language", "text"),
    [
        ("EUR", "ru", "2,505\xa0€"),
        ("RUB", "en", "₽2.505"),
        ("JPY", "en", "¥2.505"),
    ],
)
def test_decimals_are_written_as_in_the_language(currency, language, text):
    assert format_exact(D("2.5050"), currency, language) == text


def test_a_currency_without_cents_has_no_needless_decimals():
    assert format_exact(D("300.0000"), "JPY", "en") == "¥300"


def test_bare_figures_name_the_amount_of_measured_goods_only():
    assert printed_price(D("2.505"), "pc").text == "€2.505"
    assert printed_price(D("0.0125"), "g").text == "€1.25 per 100 g"


@given(price=prices, net=steps)
def test_the_price_of_a_pack_follows_from_its_price_per_kilogram(price, net):
    shown = comparison_price(price, net * 1000, D(1000))

    assert round_money(shown * net, "EUR") == round_money(price, "EUR") or shown.as_tuple().exponent == -6


@pytest.mark.parametrize(
    ("price", "net", "factor", "shown"),
    [("2.40", "250", "1000", "9.60"), ("3.20", "350", "1000", "9.14"), ("19.99", "25", "1", "0.7996")],
)
def test_a_price_per_kilogram_has_the_decimals_it_needs(price, net, factor, shown):
    assert comparison_price(D(price), D(net), D(factor)) == D(shown)


@pytest.mark.parametrize(
    ("price", "step", "least"),
    [("0.004", "1", "2"), ("0.005", "1", "1"), ("0.0001", "1", "50"), ("0.0001", "7", "56"), ("3.90", "0.1", "0.1")],
)
def test_the_smallest_sale_is_whole_steps_that_cost_a_cent(price, step, least):
    found = least_charged(D(price), D(step))

    assert found == D(least)
    assert round_money(found * D(price), "EUR") > 0
    assert found == D(step) or round_money((found - D(step)) * D(price), "EUR") == 0
