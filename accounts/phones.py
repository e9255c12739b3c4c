"""Phone numbers as people type them, and as they are kept: E.164. The one reader for every form and look-up."""

import re

import phonenumbers
from django.conf import settings
from django.utils.translation import gettext

from common.errors import DomainError
from common.typed_text import clean_identifier

MAX_TYPED = 40
_EXTENSION = re.compile(
    r"[\s,;.]*(?:extension|extn|ext|ex|x|#|доб(?:авочный)?|tst|toestel)[\s.:=]*\d{1,7}\s*\Z", re.IGNORECASE
)
_DIALLED = re.compile(r"\+?[\d\s().\-/\u2010-\u2015\u2212]+\Z")
_Kind = phonenumbers.PhoneNumberType
# Kinds that cost what a call costs. Personal numbers (070 in Great Britain), pagers, company numbers may cost more.
_ORDINARY = (_Kind.MOBILE, _Kind.FIXED_LINE_OR_MOBILE, _Kind.FIXED_LINE, _Kind.VOIP, _Kind.TOLL_FREE)
# Of networks that belong to no country: satellites, ships, +88x.
_NOWHERE = "001"


class BadPhone(DomainError):
    """The text is not a phone number that can be kept."""

    code = "bad_phone"


def read_phone(text: object) -> str:
    """Return what was typed in E.164. Raises BadPhone, with a sentence that helps.

    Digits of any script, spaces, hyphens, dots, brackets and a trunk prefix are accepted; a number without a country
    code is read as dialled in PHONENUMBER_DEFAULT_REGION. An extension is refused: it could not be kept.
    """
    number = normalise(text)
    if number is None and look_up_form(text) is not None:
        raise BadPhone(gettext("We cannot keep an extension. Enter the phone number without it."))
    if number is None:
        raise BadPhone(hint())
    return number


def normalise(text: object, region: str | None = None) -> str | None:
    """Return a typed number in E.164, read as dialled in `region`; None if it is no number or has an extension."""
    typed = clean_identifier(text)
    if len(typed) > MAX_TYPED or not _DIALLED.match(typed):
        return None
    try:
        number = phonenumbers.parse(typed, region or settings.PHONENUMBER_DEFAULT_REGION)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def is_costly(number: str) -> bool:
    """Return whether it may cost more than usual to reach this number (E.164), by its kind or its network."""
    parsed = phonenumbers.parse(number)
    is_global = phonenumbers.region_code_for_country_code(parsed.country_code or 0) == _NOWHERE
    return is_global or phonenumbers.number_type(parsed) not in _ORDINARY


def look_up_form(text: object) -> str | None:
    """Return a typed number as it would have been kept, an extension left out: for finding, never for keeping."""
    return normalise(_EXTENSION.sub("", clean_identifier(text)))


def hint() -> str:
    """Return the sentence that says how to type a number here, and one from abroad."""
    return gettext(
        "Enter a phone number with its area code, for example %(example)s; from abroad with +%(code)s or your own "
        "country code."
    ) % {"example": _example(), "code": _foreign_code()}


def _example() -> str:
    number = phonenumbers.example_number(settings.PHONENUMBER_DEFAULT_REGION)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL) if number else "+31 20 555 0142"


def _foreign_code() -> str:
    return "31" if settings.PHONENUMBER_DEFAULT_REGION == "DE" else "49"
