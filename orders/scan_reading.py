"""Reading of scanned and typed text: an order's number, the secret of its QR code, or a phone number."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings

from accounts.phones import look_up_form
from common.typed_text import clean_identifier
from orders import numbers
from orders.keyboards import meant_on_us

MAX_LENGTH = 200
_SECRET = rf"([0-9A-Za-z]{{{numbers.SECRET_LENGTH}}})"
_NUMBER = rf"([0-9A-Za-z]{{{numbers.NUMBER_LENGTH}}})"
# The address in a QR code ends in the secret. A hand scanner set to another keyboard mangles the punctuation before it
# (":" and "/"), and on some keyboards letters and digits too.
_ENDS_IN_SECRET = re.compile(rf"[^0-9A-Za-z]{_SECRET}[^0-9A-Za-z]*\Z", re.ASCII)
_ENDS_IN_NUMBER = re.compile(rf"orders[^0-9A-Za-z]{_NUMBER}[^0-9A-Za-z]*\Z", re.ASCII | re.IGNORECASE)
_IS_OURS = re.compile(rf"/(?:c/{_SECRET}|staff/orders/{_NUMBER})/?\Z", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True)
class Wanted:
    """The result of a reading: at most one of `secret` and `number`; `phone` (E.164) may come with a number."""

    secret: str = ""
    number: str = ""
    phone: str = ""


def read_code(text: str) -> Wanted:
    """Read untrusted `text`; an empty result means that it is unknown."""
    text = clean_identifier(text)
    if not text or len(text) > MAX_LENGTH:
        return Wanted()
    if found := _ENDS_IN_SECRET.search(text):
        return Wanted(secret=_secret(found.group(1)))
    if found := _ENDS_IN_NUMBER.search(text):
        return Wanted(number=_number(found.group(1)))
    return Wanted(secret=_secret(text), number=_number(text), phone=look_up_form(text) or "")


def read_by_layouts(text: str) -> list[Wanted]:
    """Read `text` as typed on other keyboard layouts; return only readings that are an address of ours."""
    return list(dict.fromkeys(_addresses(text))) if len(text) <= MAX_LENGTH else []


def is_garbled(text: str) -> bool:
    """Return whether `text` seems to be an address of ours, typed by a scanner that is set to another keyboard."""
    if "://" in text or len(text) > MAX_LENGTH:
        return False
    return len(text.strip()) in _lengths() or bool(read_by_layouts(text))


def _lengths() -> tuple[int, int]:
    """Return the lengths of our addresses: each key writes one character, on unknown layouts too."""
    site = len(settings.SITE_URL)
    return site + len("/c//") + numbers.SECRET_LENGTH, site + len("/staff/orders//") + numbers.NUMBER_LENGTH


def _addresses(text: str) -> Iterator[Wanted]:
    # Translated as typed: a compatible form of a character is another key.
    for meant in meant_on_us(text.strip()):
        if found := _IS_OURS.search(clean_identifier(meant)):
            yield Wanted(secret=_secret(found.group(1) or ""), number=_number(found.group(2) or ""))


def _secret(text: str) -> str:
    code = numbers.normalise(text)
    return code if numbers.is_secret(code) else ""


def _number(text: str) -> str:
    code = numbers.normalise(text)
    return code if numbers.is_number(code) else ""
