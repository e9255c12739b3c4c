"""Prices of one unit as they are printed: never rounded, so that they multiply to what is charged."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

from django.utils.translation import gettext

from common.money import ZERO, exact_places, format_exact, minor_units, round_money
from common.quantity import UNITS, format_number

# A gram or a millilitre costs less than a cent: what is printed is the price of a hundred.
HUNDRED = Decimal(100)
BY_THE_HUNDRED = ("g", "ml")
# Decimals a price to compare by may have at most: enough for the net amounts there are.
FINEST = 6


@dataclass(frozen=True)
class PrintedPrice:
    """The price of `size` units: of 100 for grams and millilitres, of one for all others. Exact."""

    amount: Decimal
    size: Decimal
    unit: str

    @property
    def is_measured(self) -> bool:
        return UNITS[self.unit].is_measured

    @property
    def per(self) -> str:
        """Return the amount it buys: 100 g, kg, pc."""
        label = str(UNITS[self.unit].label)
        return f"{format_number(self.size)} {label}" if self.size != 1 else label

    @property
    def text(self) -> str:
        """Return the figures, and the amount they are for when it is measured: €2.505, €1.25 per 100 g."""
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
    """Return the price of `factor` units of what `net` units cost `price`: per kg, per litre.

    Rounded as coarsely as still gives `price` when it is multiplied back.
    """
    exact = price / net * factor
    rounded = exact
    for places in range(minor_units(), FINEST + 1):
        rounded = exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
        if round_money(rounded * net / factor) == round_money(price):
            break
    return rounded


def least_charged(price: Decimal, step: Decimal) -> Decimal:
    """Return the smallest number of whole steps that costs anything once it is rounded."""
    half = Decimal(1).scaleb(-minor_units()) / 2
    return (half / (price * step)).to_integral_value(ROUND_CEILING) * step if price > ZERO else ZERO


def exact_number(amount: Decimal) -> str:
    """Return an amount for machines: 3.90, 0.0125."""
    return f"{amount:.{exact_places(amount)}f}"
