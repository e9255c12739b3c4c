"""Strict reading of requests from shops: exact fields, exact types, nothing else."""

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

LARGEST_BODY = 16 * 1024
_AMOUNT = re.compile(r"\A(?:0|[1-9][0-9]{0,9})(?:\.[0-9]{1,2})?\Z", re.ASCII)
_KEY = re.compile(r"\A[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z", re.ASCII)
_WORD = re.compile(r"\A[A-Za-z0-9_-]{1,64}\Z", re.ASCII)
_CURRENCY = re.compile(r"\A[A-Z]{3}\Z", re.ASCII)


class BadRequest(Exception):
    """The request breaks the bank's rules; the message says how."""


@dataclass(frozen=True)
class Opening:
    """A validated request to open a payment."""

    key: str
    reference: str
    merchant: str
    amount: str
    currency: str
    return_url: str
    language: str
    expires_at: int | None

    def fingerprint(self) -> str:
        """Return a digest of everything that must be the same when the key is used again.

        Times and addresses may differ between two attempts at one payment.
        """
        fixed = {**asdict(self), "expires_at": None, "return_url": "", "language": ""}
        return hashlib.sha256(json.dumps(fixed, sort_keys=True).encode()).hexdigest()


def read_object(body: bytes, fields: set[str] | None = None) -> dict[str, object]:
    """Return the JSON object in `body`, which must have exactly `fields` when they are given."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadRequest("The body is not JSON.") from error
    if not isinstance(data, dict) or set(data) != (set(data) if fields is None else fields):
        raise BadRequest(f"The body must be an object with exactly these fields: {', '.join(sorted(fields or ()))}.")
    return data


def read_opening(body: bytes) -> Opening:
    """Validate a request to open a payment."""
    names = {"key", "reference", "merchant", "amount", "currency", "return_url", "language", "expires_at"}
    data = read_object(body, names)
    expires_at = data["expires_at"]
    if expires_at is not None and (isinstance(expires_at, bool) or not isinstance(expires_at, int)):
        raise BadRequest("expires_at must be a whole number of seconds since 1970, or null.")
    if isinstance(expires_at, int) and not 0 < expires_at < 2**40:
        raise BadRequest("expires_at is out of range.")
    return Opening(
        key=_match(data, "key", _KEY),
        reference=_match(data, "reference", _WORD),
        merchant=_match(data, "merchant", _WORD),
        amount=positive_amount(data["amount"]),
        currency=_match(data, "currency", _CURRENCY),
        return_url=_address(data["return_url"]),
        language=_match(data, "language", _WORD),
        expires_at=expires_at,
    )


def read_capture(body: bytes) -> str | None:
    """Validate a request to capture; return the part of the amount that is wanted, None for all of it."""
    if read_object(body) == {}:
        return None
    return positive_amount(read_object(body, {"amount"})["amount"])


def read_refund(body: bytes) -> tuple[str, str]:
    """Validate a request for a refund; return its key and amount."""
    data = read_object(body, {"key", "amount"})
    return _match(data, "key", _KEY), positive_amount(data["amount"])


def positive_amount(value: object) -> str:
    """Return an amount given as text, above zero and with at most two decimals."""
    if not isinstance(value, str) or not _AMOUNT.match(value) or not value.strip("0."):
        raise BadRequest("amount must be text such as 23.18, above zero.")
    return value


def _match(data: dict[str, object], name: str, pattern: re.Pattern[str]) -> str:
    value = data[name]
    if not isinstance(value, str) or not pattern.match(value):
        raise BadRequest(f"{name} has the wrong format.")
    return value


def _address(value: object) -> str:
    if not isinstance(value, str) or len(value) > 500 or any(ord(c) <= 32 or ord(c) > 126 for c in value):
        raise BadRequest("return_url must be an http address of at most 500 ASCII characters.")
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError as error:
        raise BadRequest("return_url is not an address.") from error
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or port == 0:
        raise BadRequest("return_url must be an http address of at most 500 ASCII characters.")
    return value
