"""People for tests: a minimal valid account of each kind."""

import itertools

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from allauth.mfa.utils import decrypt
from django.contrib.auth.hashers import make_password

from accounts.models import Address, SignUp, User
from accounts.services.addresses import AddressDetails, add_address
from accounts.services.register import register_customer
from accounts.services.staff import create_staff
from common import clock
from common.actors import SETUP
from tests.moments import AT

PASSWORD = "a long enough passphrase"
_serial = itertools.count(1)


def make_customer(**extra: object) -> User:
    """Return a customer who can sign in with PASSWORD; a `verified_phone` works for that, too."""
    verified = extra.pop("verified_phone", "")
    fields = {"email": f"customer{next(_serial)}@example.com", "name": "Mira Sato", "phone": verified} | extra
    user = register_customer(**{"password": PASSWORD, "actor": SETUP, "at": AT, **fields})
    if verified:
        User.objects.filter(pk=user.pk).update(phone_verified_at=AT)
        user.refresh_from_db()
    return user


def make_address(user: User, **extra: object) -> Address:
    """Return an address that a person keeps."""
    details = AddressDetails(**{"street": "Singel 1", "city": "Amsterdam", **extra})
    return add_address(user_id=user.pk, details=details, at=AT)


def make_sign_up(*, password: str = PASSWORD, **extra: object) -> SignUp:
    """Return an unconfirmed sign-up."""
    fields = {"email": f"customer{next(_serial)}@example.com", "name": "Mira Sato", "created_at": AT} | extra
    return SignUp.objects.create(password=make_password(password), **fields)


def make_staff(role: str = "employee", **extra: object) -> User:
    """Return a staff member who can sign in with PASSWORD."""
    fields = {"email": f"{role}{next(_serial)}@example.com", "name": "Anna Berg"} | extra
    return create_staff(**{"role": role, "password": PASSWORD, "actor": SETUP, "at": AT, **fields})


def give_second_factor(user: User) -> None:
    """Give somebody an authenticator app and recovery codes."""
    TOTP.activate(user, generate_totp_secret())
    RecoveryCodes.activate(user)


def code_of(user: User, *, steps: int = 0) -> str:
    """Return the code that the person's app shows now, or so many half-minutes from now."""
    row = Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP)
    return code_of_secret(decrypt(row.data["secret"]), steps=steps)


def code_of_secret(secret: str, *, steps: int = 0) -> str:
    """Return the code that an app with this secret shows."""
    return format_hotp_value(hotp_value(secret, int(clock.now().timestamp()) // 30 + steps))


def recovery_codes_of(user: User) -> list[str]:
    """Return the recovery codes that are left."""
    return Authenticator.objects.get(user=user, type=Authenticator.Type.RECOVERY_CODES).wrap().get_unused_codes()
