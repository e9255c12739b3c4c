"""People for tests: a minimal valid account of each kind."""

import itertools

from django.contrib.auth.hashers import make_password

from accounts.models import SignUp, User
from accounts.services.register import register_customer
from accounts.services.staff import create_staff
from common.actors import SETUP
from tests.moments import AT

PASSWORD = "a long enough passphrase"
_serial = itertools.count(1)


def make_customer(**extra: object) -> User:
    """Return a customer who can sign in with PASSWORD."""
    fields = {"email": f"customer{next(_serial)}@example.com", "name": "Mira Sato"} | extra
    return register_customer(**{"password": PASSWORD, "actor": SETUP, "at": AT, **fields})


def make_sign_up(*, password: str = PASSWORD, **extra: object) -> SignUp:
    """Return an unconfirmed sign-up."""
    fields = {"email": f"customer{next(_serial)}@example.com", "name": "Mira Sato", "created_at": AT} | extra
    return SignUp.objects.create(password=make_password(password), **fields)


def make_staff(role: str = "employee", **extra: object) -> User:
    """Return a staff member who can sign in with PASSWORD."""
    fields = {"email": f"{role}{next(_serial)}@example.com", "name": "Anna Berg"} | extra
    return create_staff(**{"role": role, "password": PASSWORD, "actor": SETUP, "at": AT, **fields})
