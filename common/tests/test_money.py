"""Money."""

from decimal import Decimal as D
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.money import format_money, minor_units, round_money, spread, tax_included

# With four decimals like unit prices, finer than a cent.
amounts = st.integers(-10_000_0000, 10_000_0000).map(lambda n: D(n) / 10_000)
weights = st.integers(0, 10_000_0000).map(lambda n: D(n) / 10_000)
currencies = st.sampled_from(["EUR", "JPY"])


@pytest.mark.parametrize(
    ("amount", "rounded"), [("1.005", "1.01"), ("1.004", "1.00"), ("-1.005", "-1.01"), ("2", "2.00")]
)
def test_rounds_half_away_from_zero(amount, rounded):
    assert round_money(D(amount), "EUR") == D(rounded)


def test_tax_is_contained_in_the_gross_price():
    assert tax_included(D("121.00"), D("0.21"), "EUR") == D("21.00")


@given(total=amounts, weights=st.lists(weights, min_size=1, max_size=30), currency=currencies)
def test_shares_add_up_to_the_rounded_total_and_none_is_off_by_a_unit(total, weights, currency):
    rounded, unit = round_money(total, currency), D(1).scaleb(-minor_units(currency))
    weighed = weights if any(weights) else [D(1)] * len(weights)

    shares = spread(total, weights, currency)

    assert sum(shares) == rounded
    assert all(share == round_money(share, currency) for share in shares)
    assert all(share.is_signed() == (rounded < 0) for share in shares if share)
    assert not any(share.is_signed() for share in shares if not share)
    for share, weight in zip(shares, weighed, strict=True):
        assert abs(Fraction(share) - Fraction(rounded) * Fraction(weight) / Fraction(sum(weighed))) < unit


@given(total=amounts, weights=st.lists(weights, min_size=2, max_size=30))
def test_the_larger_remainder_is_raised_first(total, weights):
    shares = spread(total, weights, "EUR")

    weighed = weights if any(weights) else [D(1)] * len(weights)
    cents = abs(Fraction(round_money(total, "EUR")) * 100)
    exact = [cents * Fraction(weight) / Fraction(sum(weighed)) for weight in weighed]
    raised = [abs(share) * 100 > part for share, part in zip(shares, exact, strict=True)]
    remainders = [part % 1 for part in exact]
    lowest = min((r for r, up in zip(remainders, raised, strict=True) if up), default=1)
    assert all(r <= lowest for r, up in zip(remainders, raised, strict=True) if not up)


@given(total=amounts, weights=st.lists(weights, max_size=30).filter(any))
def test_a_refund_is_shared_like_the_payment(total, weights):
    assert spread(-total, weights, "EUR") == [-share for share in spread(total, weights, "EUR")]


@pytest.mark.parametrize(
    ("total", "weights", "shares"),
    [
        ("-1.00", ["1", "1", "1"], ["-0.34", "-0.33", "-0.33"]),
        ("1.00", ["1", "1", "1"], ["0.34", "0.33", "0.33"]),
        ("0.02", ["1", "1", "1"], ["0.01", "0.01", "0"]),
        ("1.005", ["1", "1"], ["0.51", "0.50"]),
        ("10.00", ["0", "2.50", "7.50"], ["0", "2.50", "7.50"]),
        ("0.05", ["0", "0"], ["0.03", "0.02"]),
        ("0", [], []),
    ],
    ids=["negative", "positive", "less than the parts", "finer than a cent", "a free line", "only free lines", "none"],
)
def test_shares_a_sum(total, weights, shares):
    assert spread(D(total), [D(weight) for weight in weights], "EUR") == [D(share) for share in shares]


def test_the_yen_has_no_smaller_unit():
    assert spread(D("100"), [D(1), D(1), D(1)], "JPY") == [D(34), D(33), D(33)]


@pytest.mark.parametrize(
    ("total", "weights"), [("1.00", []), ("1.00", ["2", "-1"])], ids=["nobody", "a negative weight"]
)
def test_a_sum_that_cannot_be_shared_is_refused(total, weights):
    with pytest.raises(ValueError, match="weight"):
        spread(D(total), [D(weight) for weight in weights], "EUR")


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
def test_amounts_are_formatted_for_the_language(currency, language, text):
    assert format_money(D("1234.50"), currency, language) == text


@pytest.mark.parametrize(
    ("currency", "printed"),
    [
        ("JPY", "¥1,251"),
        ("XOF", "F\u202fCFA1,251"),
        ("HUF", "HUF1,250.50"),
        ("RSD", "RSD1,250.50"),
        ("EUR", "€1,250.50"),
    ],
)
def test_amounts_have_the_decimals_from_iso_4217(currency, printed):
    assert format_money(D("1250.50"), currency, "en") == printed
    assert round_money(D("1250.505"), currency) == D("1251" if minor_units(currency) == 0 else "1250.51")
