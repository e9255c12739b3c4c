"""The signature that both sides use: HMAC-SHA256 over `<seconds>.<body>`. Standard library only."""

import hashlib
import hmac
import re

HEADER = "Bank-Signature"
TOLERANCE_SECONDS = 300
_FORM = re.compile(r"\At=([0-9]{1,12}),v1=([0-9a-f]{64})\Z", re.ASCII)


def sign(body: bytes, secret: str, seconds: int) -> str:
    """Return the header's value for a body sent at `seconds` since 1970."""
    digest = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={digest}"


def is_signed(body: bytes, header: str, secrets: list[str], now: float) -> bool:
    """Say whether one of the (non-empty) secrets signed exactly these bytes at most 300 s ago."""
    return bool(signed_with(body, header, secrets, now))


def signed_with(body: bytes, header: str, secrets: list[str], now: float) -> str:
    """Return the secret that signed exactly these bytes at most 300 s ago, or an empty string."""
    match = _FORM.match(header)
    if match is None or abs(now - int(match[1])) > TOLERANCE_SECONDS:
        return ""
    return next(
        (secret for secret in secrets if secret and hmac.compare_digest(sign(body, secret, int(match[1])), header)), ""
    )


def answer_to(signature: str, status: int, body: bytes) -> bytes:
    """Return the bytes to sign for an answer: valid only for the request that carried `signature`."""
    return f"{signature}\n{status}\n".encode() + body
