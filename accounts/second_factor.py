"""The second factor of an account: whether there is one, and how its secrets are kept."""

import base64
import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from accounts.models import User
from accounts.roles import role_of
from common.mail import site_name


def has_second_factor(user: User) -> bool:
    """Return whether a code is asked for at sign-in."""
    return Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()


def must_have_second_factor(user: User) -> bool:
    """Return whether this person may not do without: an owner, where the installation asks it of owners."""
    return settings.OWNERS_NEED_SECOND_FACTOR and role_of(user) == "owner"


@dataclass(frozen=True)
class Standing:
    """How a person's second factor stands. `codes`: recovery codes that may still be shown, until they are put away."""

    on_since: dt.datetime
    codes_left: int
    codes: list[str]


def standing_of(user: User) -> Standing | None:
    """Return how the second factor stands; None if it is off."""
    rows = {row.type: row for row in Authenticator.objects.filter(user=user)}
    app, recovery = (rows.get(kind) for kind in (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES))
    if app is None:
        return None
    # With another SECRET_KEY they cannot be read, and none works.
    codes = recovery.wrap().get_unused_codes() if recovery and decrypt(recovery.data["seed"]) else []
    is_shown = recovery is not None and "kept_at" not in recovery.data
    return Standing(app.created_at, len(codes), codes if is_shown else [])


def app_address(user: User, secret: str) -> str:
    """Return what an authenticator app reads from the QR code."""
    label = f"{site_name()}:{user.email}"
    return f"otpauth://totp/{quote(label)}?{urlencode({'secret': secret, 'issuer': site_name()}, quote_via=quote)}"


class SecondFactorAdapter(DefaultMFAAdapter):
    """Secrets are encrypted in the database; mails about changes are sent by the services."""

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return the secret; "" once SECRET_KEY has changed, which no code fits."""
        try:
            return _cipher().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            return ""

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Leave it to the services: they queue it in the transaction of the change."""


def _cipher() -> Fernet:
    key = hashlib.sha256(b"accounts.second_factor" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
