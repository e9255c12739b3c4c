"""Unit prices as printed: never rounded, so that they multiply to the amount charged."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

from django.utils.translation import gettext

from common.money import ZERO, exact_places, format_exact, minor_units, round_money
from common.quantity import UNITS, format_number

# A gram or a millilitre costs less than a cent, so the price of a hundred is printed.
HUNDRED = Decimal(100)
BY_THE_HUNDRED = ("g", "ml")
# The most decimals of a comparison price: enough for any net amount.
FINEST = 6


@dataclass(frozen=True)
class PrintedPrice:
    """The exact price of `size` units: 100 for grams and millilitres, one for all others."""

    amount: Decimal
    size: Decimal
    unit: str

    @property
    def is_measured(self) -> bool:
        return UNITS[self.unit].is_measured

    @property
    def per(self) -> str:
        """Return the amount the price is for: 100 g, kg, pc."""
        label = str(UNITS[self.unit].label)
        return f"{format_number(self.size)} {label}" if self.size != 1 else label

    @property
    def text(self) -> str:
        """Return the price, with its amount when the unit is measured: €2.505, €1.25 per 100 g."""
        figures = format_exact(self.amount)
        if not self.is_measured:
            return figures
        return gettext("%(price)s per %(unit)s") % {"price": figures, "unit": self.per}


def printed_price(price: Decimal, unit: str) -> PrintedPrice:
    """Return the price of one `unit` as it is printed."""
    size = HUNDRED if unit in BY_THE_HUNDRED else Decimal(1)
    return PrintedPrice(price * size, size, unit)


def unit_price_text(price: Decimal, unit: str, currency: str | None = None, language: str | None = None) -> str:
    """Return the price of one `unit` in words: €2.505 each, €12.50 per kg, €1.25 per 100 g."""
    printed = printed_price(price, unit)
    figures = format_exact(printed.amount, currency, language)
    if unit == "pc":
        return gettext("%(price)s each") % {"price": figures}
    return gettext("%(price)s per %(unit)s") % {"price": figures, "unit": printed.per}


def comparison_price(price: Decimal, net: Decimal, factor: Decimal = Decimal(1)) -> Decimal:
    """Return the price of `factor` units when `net` units cost `price`: per kg, per litre.

    Rounded to the fewest decimals that still multiply back to `price`.
    """
    exact = price / net * factor
    rounded = exact
    for places in range(minor_units(), FINEST + 1):
        rounded = exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
        if round_money(rounded * net / factor) == round_money(price):
            break
    return rounded


def least_charged(price: Decimal, step: Decimal) -> Decimal:
    """Return the smallest number of whole steps whose rounded price is above zero."""
    half = Decimal(1).scaleb(-minor_units()) / 2
    return (half / (price * step)).to_integral_value(ROUND_CEILING) * step if price > ZERO else ZERO


def exact_number(amount: Decimal) -> str:
    """Return an amount for machines: 3.90, 0.0125."""
    return f"{amount:.{exact_places(amount)}f}"
