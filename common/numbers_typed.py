"""The one reader of numbers that people type: prices, quantities, counts, percentages, minutes.

A text is accepted only if every way of writing numbers reads it as the same number. "1,250" is 1.25 to some people and
1250 to others: it is refused with a question that names both.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from babel.numbers import get_group_symbol
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from common.errors import DomainError

LONGEST = 24
HINT = _("Enter a number, for example 12.")
PERCENT_SIGNS = "%٪％"
_SPACES = " \u00a0\u2007\u2009\u202f"
# Marks that keyboards, bidirectional text and copied web pages leave behind; they change no digit and no order.
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u061c\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"))
_SAME = str.maketrans({**dict.fromkeys(_SPACES, " "), "，": ",", "．": ".", "’": "'"})
_DECIMAL = re.compile(r"(?P<whole>[0-9]*)[.,٫](?P<part>[0-9]+)")
_GROUPED = re.compile(
    r"(?P<whole>[1-9][0-9]{0,2}(?P<gap>[ '.,٬])[0-9]{3}(?:(?P=gap)[0-9]{3})*)"
    r"(?:(?!(?P=gap))[.,٫](?P<part>[0-9]+))?"
)
_TWO_NUMBERS = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}")


class BadNumber(DomainError):
    """The text is not a number the field takes. `extra["readings"]` names both numbers when it can mean two."""

    code = "bad_number"


@dataclass(frozen=True)
class Kind:
    """The numbers a field takes, and the refusal for others. `hint` is a sentence with an example."""

    places: int
    least: Decimal
    most: Decimal
    hint: Any = HINT
    too_small: Any = ""
    too_large: Any = ""
    refusal: type[BadNumber] = BadNumber


def read_number(text: object, kind: Kind) -> Decimal:
    """Return the exact number typed. Raises `kind.refusal` for anything but one number within its bounds.

    Decimal comma or point, digits of any one script, and thousands set apart by spaces or by the grouping of the
    reader's language. Never an exponent, an underscore, a unit or a currency; a minus only if `kind` goes below zero.
    """
    cleaned = _plain(str(text if text is not None else ""))
    if kind.least < 0 and cleaned[:1] in ("-", "\u2212"):
        return _fitting(0 - _value(cleaned[1:], kind, "-"), kind)
    return _fitting(_value(cleaned, kind), kind)


def read_percent(text: object, kind: Kind) -> Decimal:
    """Return a rate typed as a percentage, "9" or "9,5 %", as a fraction: 0.09, 0.095. `kind` bounds the percentage.

    "0.21" may be the fraction of 21 %: less than one per cent has to carry its sign.
    """
    cleaned = _plain(str(text if text is not None else ""))
    figure = cleaned.rstrip(PERCENT_SIGNS).rstrip(" ")
    if len(cleaned) - len(cleaned.rstrip(PERCENT_SIGNS)) > 1:
        raise kind.refusal(str(kind.hint))
    percent = read_number(figure, kind)
    if 0 < percent < 1 and figure == cleaned:
        readings = [f"{spell(percent)} %", f"{spell(percent * 100)} %"]
        raise kind.refusal(_question(readings), extra={"readings": readings})
    return percent / 100


def spell(value: Decimal, least_places: int = 0) -> str:
    """Return a number as our inputs show it: read back, it is the same number in any language.

    1.25, 12, 0.3. One whose point could be mistaken for a separator gets another zero: 1.255 is spelt 1.2550.
    """
    places = max(least_places, -int(value.normalize().as_tuple().exponent))
    text = f"{value:.{places}f}"
    return f"{text}0" if _TWO_NUMBERS.fullmatch(text.lstrip("-")) else text


def _plain(text: str) -> str:
    """Return the text with ASCII digits and plain spaces; characters that do not belong in a number stay."""
    cleaned = text.translate(_INVISIBLE).strip().translate(_SAME)
    scripts = {ord(letter) - int(letter) for letter in cleaned if letter.isdecimal()}
    if len(cleaned) > LONGEST or len(scripts) > 1:
        return ""
    return "".join(str(int(letter)) if letter.isdecimal() else letter for letter in cleaned)


def _value(text: str, kind: Kind, minus: str = "") -> Decimal:
    if text.isascii() and text.isdigit():
        return Decimal(text)
    if _TWO_NUMBERS.fullmatch(text):
        whole, part = re.split("[.,]", text)
        readings = [f"{minus}{spell(Decimal(f'{whole}.{part}'))}", f"{minus}{whole}{part}"]
        raise kind.refusal(_question(readings), extra={"readings": readings})
    if found := _DECIMAL.fullmatch(text):
        return Decimal(f"{found['whole'] or 0}.{found['part']}")
    found = _GROUPED.fullmatch(text)
    if found is None or found["gap"] not in _grouping():
        raise kind.refusal(str(kind.hint))
    return Decimal(f"{re.sub('[^0-9]', '', found['whole'])}.{found['part'] or 0}")


def _grouping() -> tuple[str, ...]:
    """Return the thousands separators: a space, the Arabic one, and that of the reader's language."""
    own = get_group_symbol((get_language() or "en").replace("-", "_"))
    return (" ", "٬", own.translate(_SAME))


def _question(readings: list[str]) -> str:
    first, second = readings
    return gettext("Is it %(first)s or %(second)s? Type one of these.") % {"first": first, "second": second}


def _fitting(value: Decimal, kind: Kind) -> Decimal:
    quantum = Decimal(1).scaleb(-kind.places)
    if value < kind.least:
        raise kind.refusal(str(kind.too_small) or gettext("Enter at least %(least)s.") % {"least": spell(kind.least)})
    if value > kind.most:
        raise kind.refusal(str(kind.too_large) or gettext("Enter at most %(most)s.") % {"most": spell(kind.most)})
    if value % quantum:
        if not kind.places:
            raise kind.refusal(gettext("Enter a whole number."))
        finest = ngettext("At most %(places)d decimal.", "At most %(places)d decimals.", kind.places)
        raise kind.refusal(finest % {"places": kind.places})
    return value.quantize(quantum) if -int(value.as_tuple().exponent) > kind.places else value
