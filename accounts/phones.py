"""Phone numbers as people type them, and as they are kept: E.164."""

import phonenumbers
from django.conf import settings

MAX_TYPED = 40


def normalise(text: str, region: str | None = None) -> str | None:
    """Return `text` in E.164, read as dialled in `region` (default PHONENUMBER_DEFAULT_REGION), or None.

    Spaces, hyphens, dots, brackets and a trunk prefix are accepted; an extension is not.
    """
    if not text or len(text) > MAX_TYPED:
        return None
    try:
        number = phonenumbers.parse(text, region or settings.PHONENUMBER_DEFAULT_REGION)
    except phonenumbers.NumberParseException:
        return None
    if number.extension or not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
