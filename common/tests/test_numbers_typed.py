"""Numbers that people type: an accepted one has a single reading, whatever convention its author uses."""

import re
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from common.numbers_typed import BadNumber, Kind, read_number, read_percent, spell

FINE = Kind(places=3, least=Decimal(0), most=Decimal(9_999_999))
COLD = Kind(places=1, least=Decimal(-99), most=Decimal(9999))
WHOLE = Kind(places=0, least=Decimal(1), most=Decimal(90))
PERCENT = Kind(places=2, least=Decimal(0), most=Decimal("99.99"))

READ = [
    ("plain", "12", "12"),
    ("point", "3.90", "3.90"),
    ("comma", "3,90", "3.90"),
    ("one decimal", "0,3", "0.3"),
    ("three decimals after a nought", "0,250", "0.250"),
    ("three decimals after four digits", "1250.125", "1250.125"),
    ("a nought more says that it is a fraction", "1,2550", "1.255"),
    ("no nought before the point", ".5", "0.5"),
    ("leading noughts", "007", "7"),
    ("space between thousands", "1 250", "1250"),
    ("space between thousands, with decimals", "12 345,5", "12345.5"),
    ("no-break space between thousands", "1\u00a0250", "1250"),
    ("narrow no-break space", "1\u202f250,50", "1250.50"),
    ("thousands by the site's sign, with decimals", "1,250.50", "1250.50"),
    ("millions by the site's sign", "1,250,000", "1250000"),
    ("spaces around", "  7 ", "7"),
    ("Arabic digits", "٣٫٩٠", "3.90"),
    ("Arabic thousands", "١٬٢٥٠", "1250"),
    ("Bengali digits", "১২.৫", "12.5"),
    ("full-width digits", "１２．５", "12.5"),
    ("marks of a copied page", "\ufeff3.90\u200e", "3.90"),
]
REFUSED = [
    ("nothing", ""),
    ("a space", " "),
    ("exponent", "1e3"),
    ("capital exponent", "1E3"),
    ("underscore", "1_000"),
    ("underscore before the last digit", "1_0"),
    ("hexadecimal", "0x10"),
    ("not a number", "NaN"),
    ("infinity", "inf"),
    ("a minus", "-5"),
    ("a real minus", "\u22125"),
    ("a plus", "+5"),
    ("a fraction", "1/2"),
    ("a vulgar fraction", "½"),
    ("a superscript", "1²"),
    ("a Roman numeral", "Ⅳ"),
    ("two scripts", "1٢"),
    ("a unit", "300 g"),
    ("a currency", "€3.90"),
    ("a point at the end", "5."),
    ("a comma at the end", "1,250,"),
    ("two points", "1.2.3"),
    ("two commas", "1,2,3"),
    ("groups of two", "12,34,567"),
    ("a group of four after a space", "1 2500"),
    ("two numbers", "12 5"),
    ("a comma and a comma of decimals", "1,250,50"),
    ("groups of another language", "1.250,50"),
    ("millions of another language", "1.250.000"),
    ("groups of two kinds", "1 250,000.5"),
    ("an apostrophe where nobody writes it", "1'250"),
    ("a tab", "1\t250"),
    ("a line break", "1\n2"),
    ("an override of direction", "\u202e09.3"),
    ("a nought byte", "1\x002"),
    ("endless", "1" * 5000),
    ("endless decimals", "1." + "0" * 40 + "1"),
]


@pytest.mark.parametrize(("_case", "text", "number"), READ, ids=[case for case, *_rest in READ])
def test_an_unambiguous_number_is_read(_case, text, number):
    assert read_number(text, FINE) == Decimal(number)


@pytest.mark.parametrize(("_case", "text"), REFUSED, ids=[case for case, _text in REFUSED])
def test_anything_but_a_number_is_refused(_case, text):
    with pytest.raises(BadNumber) as refusal:
        read_number(text, FINE)

    assert refusal.value.message == "Enter a number, for example 12."
    assert "readings" not in refusal.value.extra


@pytest.mark.parametrize(
    ("text", "first", "second"),
    [
        ("1,250", "1.25", "1250"),
        ("1.250", "1.25", "1250"),
        ("1,000", "1", "1000"),
        ("12.500", "12.5", "12500"),
        ("999,999", "999.9990", "999999"),
        ("1,255", "1.2550", "1255"),
        ("١,٢٥٠", "1.25", "1250"),
        ("１，２５０", "1.25", "1250"),
    ],
)
@pytest.mark.parametrize("language", ["en", "de", "ru"])
def test_an_ambiguous_number_is_questioned(language, text, first, second):
    with translation.override(language), pytest.raises(BadNumber) as refusal:
        read_number(text, FINE)

    assert refusal.value.extra == {"readings": [first, second]}
    assert {read_number(answer, FINE) for answer in (first, second)} == {Decimal(first), Decimal(second)}


def test_the_question_names_both_numbers():
    with pytest.raises(BadNumber, match=r"^Is it 1\.25 or 1250\? Type one of these\.$"):
        read_number("1,250", FINE)


def test_a_language_groups_digits_by_its_own_separator():
    with translation.override("de"):
        assert read_number("1.250,50", FINE) == Decimal("1250.50")
        with pytest.raises(BadNumber):
            read_number("1,250.50", FINE)


@pytest.mark.parametrize(
    ("kind", "text", "sentence"),
    [
        (FINE, "0.1234", "At most 3 decimals."),
        (COLD, "0.12", "At most 1 decimal."),
        (WHOLE, "2.5", "Enter a whole number."),
        (WHOLE, "0", "Enter at least 1."),
        (WHOLE, "91", "Enter at most 90."),
        (FINE, "9999999.001", "Enter at most 9999999."),
        (COLD, "-99.1", "Enter at least -99."),
    ],
)
def test_the_refusal_says_what_is_wrong(kind, text, sentence):
    with pytest.raises(BadNumber) as refusal:
        read_number(text, kind)

    assert refusal.value.message == sentence


def test_a_minus_is_read_where_negative_numbers_exist():
    assert read_number("-18", COLD) == read_number("\u221218,0", COLD) == Decimal(-18)
    assert str(read_number("-0", COLD)) == "0"
    with pytest.raises(BadNumber) as refusal:
        read_number("-1,250", COLD)
    assert refusal.value.extra == {"readings": ["-1.25", "-1250"]}


@pytest.mark.parametrize(
    ("text", "rate"),
    [("9", "0.09"), ("9,5 %", "0.095"), ("21%", "0.21"), ("0", "0"), ("0 %", "0"), ("0.5 %", "0.005"), ("٩٪", "0.09")],
)
def test_percentages_are_read(text, rate):
    assert read_percent(text, PERCENT) == Decimal(rate)


@pytest.mark.parametrize("text", ["", "%", "9 % %", "9%%", "% 9", "100", "-1", "9.125", "9 percent"])
def test_anything_but_a_percentage_is_refused(text):
    with pytest.raises(BadNumber):
        read_percent(text, PERCENT)


def test_a_percentage_below_one_is_questioned():
    with pytest.raises(BadNumber, match=r"^Is it 0\.21 % or 21 %\? Type one of these\.$"):
        read_percent("0.21", PERCENT)


SEPARATORS = ("", " ", ",", ".", "'", "٬")
MARKS = (",", ".", "٫")


def all_readings(text):
    """Return the readings of a text of ASCII digits in any convention: a thousands and a decimal separator."""
    found = set()
    for gap in SEPARATORS:
        for mark in MARKS:
            if gap == mark:
                continue
            whole = rf"[1-9]\d{{0,2}}(?:{re.escape(gap)}\d{{3}})+|\d+" if gap else r"\d+"
            match = re.fullmatch(rf"({whole})?(?:{re.escape(mark)}(\d+))?", text, re.ASCII)
            if match and (match[1] or match[2]):
                digits = (match[1] or "0").replace(gap, "") if gap else match[1] or "0"
                found.add(Decimal(f"{digits}.{match[2] or 0}"))
    return found


@given(st.text(alphabet="0123456789,. '٬٫", max_size=14) | st.from_regex(r"\A[0-9]{1,4}([ ,.'][0-9]{2,4}){0,3}\Z"))
def test_an_accepted_number_has_one_reading(text):
    try:
        number = read_number(text, FINE)
    except BadNumber as refusal:
        assert not refusal.extra or len(all_readings(text.strip())) > 1
    else:
        assert all_readings(text.strip()) == {number}


@given(st.text(max_size=30))
def test_an_empty_field_is_an_error(text):
    try:
        number = read_number(text, FINE)
    except BadNumber:
        return
    assert 0 <= number <= FINE.most
    assert number % Decimal("0.001") == 0


@given(st.decimals(min_value=0, max_value=9_999_999, places=3))
def test_a_number_shown_in_an_input_is_read_as_the_same_number(value):
    assert read_number(spell(value), FINE) == value


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [("3.9", 2, "3.90"), ("1250", 0, "1250"), ("1.25", 0, "1.25"), ("1.255", 0, "1.2550"), ("0.125", 0, "0.125")],
)
def test_numbers_are_formatted_for_inputs(value, places, text):
    assert spell(Decimal(value), places) == text
