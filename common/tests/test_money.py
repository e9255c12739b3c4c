"""Money."""

from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.money import format_money, round_money, spread, tax_included

cents = st.integers(0, 10_000_00).map(lambda n: D(n) / 100)


@pytest.mark.parametrize(
    ("amount", "rounded"), [("1.005", "1.01"), ("1.004", "1.00"), ("-1.005", "-1.01"), ("2", "2.00")]
)
def test_rounds_half_away_from_zero(amount, rounded):
    assert round_money(D(amount), "EUR") == D(rounded)


def test_tax_is_what_the_gross_price_contains():
    assert tax_included(D("121.00"), D("0.21"), "EUR") == D("21.00")


@given(total=cents, weights=st.lists(cents, min_size=1, max_size=30))
def test_shares_sum_to_the_total_and_none_is_a_cent_off(total, weights):
    shares = spread(total, weights, "EUR")

    if sum(weights) == 0:
        assert shares == [D(0)] * len(weights)
        return
    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share - total * weight / sum(weights)) < D("0.01")


@pytest.mark.parametrize(
    ("currency", "language", "text"),
    [
        ("EUR", "en", "€1,234.50"),
        ("USD", "en", "$1,234.50"),
        ("RUB", "en", "₽1,234.50"),
        ("EUR", "ru", "1\xa0234,50\xa0€"),
        ("RUB", "ru", "1\xa0234,50\xa0₽"),
        ("JPY", "en", "¥1,235"),
    ],
)
def test_formats_as_the_language_writes(currency, language, text):
    assert format_money(D("1234.50"), currency, language) == text
