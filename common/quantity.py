"""Quantities: units of measure, steps, reading what people type, and exact decimals in SQL."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import DecimalField, Expression
from django.db.models.expressions import Combinable
from django.db.models.functions import Round
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.numbers_typed import BadNumber, Kind, read_number
from common.words import Words

PLACES = 3
MAX_QUANTITY = Decimal("99999")


@dataclass(frozen=True)
class Unit:
    """A unit of sale: `code` is stored, `label` is shown, `is_measured` means cut, weighed or poured."""

    code: str
    label: Words
    is_measured: bool


UNITS = {
    unit.code: unit
    for unit in (
        Unit("pc", _("pc"), False),
        Unit("pack", _("pack"), False),
        Unit("kg", _("kg"), True),
        Unit("g", _("g"), True),
        Unit("l", _("l"), True),
        Unit("ml", _("ml"), True),
        Unit("m", _("m"), True),
    )
}
UNIT_CHOICES = [(unit.code, unit.label) for unit in UNITS.values()]


class BadQuantity(BadNumber):
    """The quantity cannot be read, is not positive, or does not fit the SKU's step and limits."""

    code = "bad_quantity"


QUANTITY = Kind(
    places=PLACES,
    least=Decimal(0),
    most=MAX_QUANTITY,
    hint=_("Enter a quantity as a number, for example 2 or 0.3."),
    too_large=_("That is more than we can sell at once."),
    refusal=BadQuantity,
)


def sql_round(expression: Combinable, places: int = PLACES) -> Expression:
    """Round an SQL sum before it is compared or stored.

    SQLite computes decimals as floats: 0.3 - 0.1 - 0.1 leaves 0.0999..., and the third 0.1 is refused.
    """
    return Round(expression, places, output_field=DecimalField(max_digits=12, decimal_places=places))


def parse_quantity(text: object) -> Decimal:
    """Read a quantity as typed; see `common.numbers_typed`. Raises BadQuantity."""
    return read_number(text, QUANTITY)


def is_on_step(quantity: Decimal, step: Decimal) -> bool:
    """Return whether `quantity` is a whole number of steps."""
    return quantity % step == 0


def is_countable(quantity: Decimal, unit: str, step: Decimal) -> bool:
    """Return whether a shelf can hold this much: pieces are whole or on their step; weighed goods need not be."""
    return UNITS[unit].is_measured or quantity % 1 == 0 or is_on_step(quantity, step)


def format_number(quantity: Decimal) -> str:
    """Return a quantity without trailing zeros: 2, 0.3, 1.25."""
    text = f"{quantity.quantize(Decimal('0.001')):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def format_quantity(quantity: Decimal, unit: str) -> str:
    """Return a quantity with its unit as a customer reads it: 2 pc, 300 g, 1.5 kg."""
    if unit == "kg" and 0 < quantity < 1:
        return gettext("%(number)s g") % {"number": format_number(quantity * 1000)}
    if unit == "l" and 0 < quantity < 1:
        return gettext("%(number)s ml") % {"number": format_number(quantity * 1000)}
    return f"{format_number(quantity)} {UNITS[unit].label}"
