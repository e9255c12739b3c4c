"""Money: decimals, one rounding function, formatting, and fair spreading of a sum over parts."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache

from babel.core import get_global
from babel.numbers import format_currency
from django.conf import settings
from django.utils.translation import get_language

ZERO = Decimal("0")

# Babel prints no space and no symbol for these in English (Babel 2.18, CLDR 47).
SYMBOLS = {"RUB": "₽"}

# ISO 4217. Babel's digits are for display (HUF 0, RSD 0), not those of the amounts.
_NO_DECIMALS = frozenset(
    [
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "UYI",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    ],
)
_OTHER_DECIMALS = frozenset(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND", "CLF", "UYW"])


def minor_units(currency: str | None = None) -> int:
    """Return how many decimals amounts of `currency` have: 0 or 2; `currency_fault` refuses all others."""
    return 0 if (currency or settings.SHOP_CURRENCY) in _NO_DECIMALS else 2


def currency_fault(code: str) -> str:
    """Return why a shop cannot keep its money in `code`, "" when it can."""
    if code in _OTHER_DECIMALS:
        return f"Amounts in {code} have more than two decimals, which this shop cannot keep."
    if code in _in_use():
        return ""
    if code.upper() in _in_use():
        return f"Write it in capitals: {code.upper()}."
    return "It is the code of a currency in use, three capital letters (ISO 4217), for example EUR."


@lru_cache(maxsize=1)
def _in_use() -> frozenset[str]:
    """Return every currency that is legal tender somewhere today."""
    countries = get_global("territory_currencies").values()
    return frozenset(code for rows in countries for code, _, until, is_tender in rows if is_tender and until is None)


def round_money(amount: Decimal, currency: str | None = None) -> Decimal:
    """Round to the currency's minor unit, half away from zero. The only rounding of money there is."""
    quantum = Decimal(1).scaleb(-minor_units(currency))
    return amount.quantize(quantum, rounding=ROUND_HALF_UP)


def tax_included(gross: Decimal, rate: Decimal, currency: str | None = None) -> Decimal:
    """Return the tax contained in a gross amount: gross - gross / (1 + rate), rate as 0.20 for 20 %."""
    return round_money(gross - gross / (1 + rate), currency)


def spread(total: Decimal, weights: Sequence[Decimal], currency: str | None = None) -> list[Decimal]:
    """Share `total`, rounded to the minor unit, over `weights`: whole minor units that sum to it exactly.

    Largest remainder method: each share is rounded down, and the rest goes one minor unit each to the largest
    remainders, ties to the first. A negative total is shared like the positive one, with the sign changed. Weights that
    are all zero count equally. Raises ValueError for a negative weight, and for a total with nothing to spread it over.
    """
    if any(weight < 0 for weight in weights):
        raise ValueError("a weight is not negative")
    places = minor_units(currency)
    signed = int(round_money(total, currency).scaleb(places))
    units, sign = abs(signed), -1 if signed < 0 else 1
    if not weights and units:
        raise ValueError("a total needs a weight to bear it")
    parts = [Fraction(weight) for weight in (weights if any(weights) else [1] * len(weights))]
    # Fractions: a Decimal quotient is rounded and may round up to a unit that is not there.
    shares = [divmod(units * part / sum(parts), 1) for part in parts]
    left = units - sum(whole for whole, _ in shares)
    raised = set(sorted(range(len(shares)), key=lambda index: -shares[index][1])[:left])
    return [Decimal(sign * (whole + (index in raised))).scaleb(-places) for index, (whole, _) in enumerate(shares)]


def format_money(amount: Decimal, currency: str | None = None, language: str | None = None) -> str:
    """Return `amount` as people of `language` write it, currency symbol included."""
    currency = currency or settings.SHOP_CURRENCY
    return _formatted(round_money(amount, currency), currency, _locale(language), minor_units(currency))


def format_exact(amount: Decimal, currency: str | None = None, language: str | None = None) -> str:
    """Return a price of one unit with all of its decimals: €0.0125, but €3.90."""
    currency = currency or settings.SHOP_CURRENCY
    return _formatted(amount, currency, _locale(language), exact_places(amount, currency))


def exact_places(amount: Decimal, currency: str | None = None) -> int:
    """Return how many decimals a price of one unit is written with: the currency's, more where it has more."""
    return max(minor_units(currency), -int(amount.normalize().as_tuple().exponent))


def _locale(language: str | None = None) -> str:
    return (language or get_language() or "en").replace("-", "_")


@lru_cache(maxsize=10_000)
def _formatted(amount: Decimal, currency: str, locale: str, places: int) -> str:
    """Babel reads its pattern anew each time; a list prints the same few prices again and again."""
    text = format_currency(amount, currency, locale=locale, currency_digits=False, format=_pattern(places, locale))
    return text.replace(currency, SYMBOLS[currency]) if currency in SYMBOLS else text


def _pattern(places: int, locale: str) -> str | None:
    decimals = f".{'0' * places}" if places else ""
    return f"¤#,##0{decimals}" if locale.startswith("en") else f"#,##0{decimals}\xa0¤"
