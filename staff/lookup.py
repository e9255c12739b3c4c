"""What was typed or scanned: an order's number, the secret of its QR code, a phone number, or none of these."""

import re
from dataclasses import dataclass

from accounts.phones import look_up_form
from common.typed_text import clean_identifier
from orders import numbers

MAX_LENGTH = 200
# The address in a QR code ends in the code itself; a hand scanner set to another keyboard mangles the signs
# before it (":" and "/"), not the letters and digits.
_ENDS_IN_SECRET = re.compile(rf"[^0-9A-Za-z]([0-9A-Za-z]{{{numbers.SECRET_LENGTH}}})[^0-9A-Za-z]*\Z", re.ASCII)
_ENDS_IN_NUMBER = re.compile(
    rf"orders[^0-9A-Za-z]([0-9A-Za-z]{{{numbers.NUMBER_LENGTH}}})[^0-9A-Za-z]*\Z", re.ASCII | re.IGNORECASE
)


@dataclass(frozen=True)
class Wanted:
    """At most one of `secret` and `number`; `phone` is E.164 and may stand beside a number of eight digits."""

    secret: str = ""
    number: str = ""
    phone: str = ""


def read_code(text: str) -> Wanted:
    """Return what `text` asks for; nothing in it is trusted, and an empty result means: unknown."""
    text = clean_identifier(text)
    if not text or len(text) > MAX_LENGTH:
        return Wanted()
    if found := _ENDS_IN_SECRET.search(text):
        return Wanted(secret=_secret(found.group(1)))
    if found := _ENDS_IN_NUMBER.search(text):
        return Wanted(number=_number(found.group(1)))
    return Wanted(secret=_secret(text), number=_number(text), phone=look_up_form(text) or "")


def _secret(text: str) -> str:
    code = numbers.normalise(text)
    return code if numbers.is_secret(code) else ""


def _number(text: str) -> str:
    code = numbers.normalise(text)
    return code if numbers.is_number(code) else ""
