"""Keyset pages: the `?after=` value is opaque, and rubbish in it means the first page."""

import base64
import json


def encode_cursor(*values: object) -> str:
    """Return an opaque, URL-safe text for the sort values of the last row shown."""
    raw = json.dumps([str(value) for value in values], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decode_cursor(text: str | None, *, length: int) -> list[str] | None:
    """Return the `length` values of a cursor, or None for an empty, foreign or damaged one."""
    if not text or len(text) > 200:
        return None
    try:
        values = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, UnicodeError):
        return None
    if isinstance(values, list) and len(values) == length and all(isinstance(v, str) for v in values):
        return values
    return None
