"""The key that signs tokens of the API: RSA, given as a setting, or made once and kept in a file."""

import secrets
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from django.conf import settings

SHORTEST = 2048


class BadKey(ValueError):
    """The text is no key that can sign tokens; `str()` says what to write instead."""


def pem() -> str:
    """Return the key that this installation signs with. allauth reads it by the setting HEADLESS_JWT_PRIVATE_KEY."""
    return read(settings.JWT_PRIVATE_KEY) if settings.JWT_PRIVATE_KEY else _kept(settings.JWT_KEY_FILE)


@cache
def read(text: str) -> str:
    """Return the PEM in a text, or in the file that it names. Raises BadKey."""
    if "-----BEGIN" in text:
        found = text.replace("\\n", "\n")
    else:
        try:
            found = Path(text).read_text()
        except (OSError, ValueError):
            raise BadKey("Write a private RSA key in PEM, or the path of a file that holds one.") from None
    try:
        key = load_pem_private_key(found.encode(), password=None)
    except (ValueError, TypeError):
        raise BadKey("It is no private key in PEM without a password.") from None
    if not isinstance(key, RSAPrivateKey) or key.key_size < SHORTEST:
        raise BadKey(f"It is no RSA key of at least {SHORTEST} bits.")
    return found


def read_if_set(text: str) -> str:
    """Return the key if there is one. Raises BadKey."""
    return read(text) if text.strip() else ""


@cache
def _kept(file: Path) -> str:
    """Return the key in a file, made on first use and readable by its owner only."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        key = generate_private_key(65537, SHORTEST)
        draft = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        # Of several processes that make one, the first one's is kept by all.
        try:
            file.hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return file.read_text()
