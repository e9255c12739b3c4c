"""The code that is texted to a phone: derived, so that neither it nor a hash of it is in any table or log."""

import datetime as dt
import secrets

from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import PhoneCode
from common.typed_text import clean_identifier

KEPT = dt.timedelta(minutes=10)
DIGITS = 6
ATTEMPTS = 5


def new_salt() -> str:
    """Return what makes the code of a row differ from every other."""
    return secrets.token_hex(16)


def code_of(row: PhoneCode) -> str:
    """Return the code that belongs to a row; the same at each delivery."""
    digest = salted_hmac("accounts.phone_codes", f"{row.pk}:{row.salt}:{row.phone}", algorithm="sha256").digest()
    return f"{int.from_bytes(digest) % 10**DIGITS:0{DIGITS}}"


def is_code_of(row: PhoneCode, typed: str) -> bool:
    """Return whether somebody typed the code of a row: spaces, hyphens and digits of other scripts do not matter."""
    digits = "".join(str(int(letter)) for letter in clean_identifier(typed) if letter.isdecimal())
    return constant_time_compare(digits, code_of(row))
