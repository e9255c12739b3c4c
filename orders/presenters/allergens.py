"""The allergens of an order's lines: those contained, and those that may be contained in traces."""

from collections.abc import Iterable

from orders.models import OrderLine


def allergens_of(lines: Iterable[OrderLine]) -> str:
    """Return the allergens of all lines, each once, in the order of the lines."""
    return ", ".join(_names(line.allergens for line in lines))


def may_contain_of(lines: Iterable[OrderLine]) -> str:
    """Return the allergens that may be contained in traces, each once, without those that a line contains anyway."""
    rows = list(lines)
    contained = _names(line.allergens for line in rows)
    return ", ".join(name for name in _names(line.may_contain for line in rows) if name not in contained)


def _names(texts: Iterable[str]) -> list[str]:
    names = (name.strip() for text in texts for name in text.split(","))
    return list(dict.fromkeys(name for name in names if name))
