"""Template filters of the staff panel."""

from decimal import Decimal

from django import template

from common.quantity import UNITS, format_number, format_quantity

register = template.Library()


@register.filter
def kitchen(quantity: Decimal, unit: str) -> str:
    """Return a quantity as a kitchen says it: a bare figure for pieces, 600 g for what is weighed."""
    is_measured = unit in UNITS and UNITS[unit].is_measured
    return format_quantity(quantity, unit) if is_measured else format_number(quantity)
