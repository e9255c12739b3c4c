"""Names and secrets of orders: the number people say, the token of the status page, the secret in the QR code."""

import secrets

from common.typed_text import clean_identifier

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford base 32: no I, L, O, U
NUMBER_LENGTH = 8
SECRET_LENGTH = 26

_SAID_ALIKE = str.maketrans({"O": "0", "I": "1", "L": "1", " ": None, "-": None, "\u00a0": None})


def new_number() -> str:
    """Return a random order number: 40 bits, a name and not a secret. The database refuses one that is taken."""
    return _random(NUMBER_LENGTH)


def new_secret() -> str:
    """Return 130 random bits for the QR code."""
    return _random(SECRET_LENGTH)


def _random(length: int) -> str:
    # One letter a byte, asked for at once: the alphabet's 32 letters are as many as five bits tell apart.
    return "".join(ALPHABET[byte & 31] for byte in secrets.token_bytes(length))


def new_token() -> str:
    """Return 256 random bits for the address of the status page."""
    return secrets.token_urlsafe(32)


def group(number: str) -> str:
    """Return the number as shown and read aloud: two groups of four."""
    return f"{number[:4]} {number[4:]}"


def normalise(text: str) -> str:
    """Return typed text in the form of the stored number: upper case, no gaps, O as 0, I and L as 1."""
    return clean_identifier(text).upper().translate(_SAID_ALIKE)


def is_number(text: str) -> bool:
    """Return whether `text` (normalised) has the form of an order number."""
    return len(text) == NUMBER_LENGTH and all(character in ALPHABET for character in text)


def is_secret(text: str) -> bool:
    """Return whether `text` (normalised) has the form of a collection secret."""
    return len(text) == SECRET_LENGTH and all(character in ALPHABET for character in text)
