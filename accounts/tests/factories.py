"""People for tests: the smallest valid account of each kind."""

import datetime as dt
import itertools

from accounts.models import User
from accounts.services.register import register_customer
from accounts.services.staff import create_staff
from common.actors import SETUP

PASSWORD = "a long enough passphrase"
AT = dt.datetime(2026, 3, 10, 9, 0, tzinfo=dt.UTC)
_serial = itertools.count(1)


def make_customer(**extra: object) -> User:
    """Return a customer who can sign in with PASSWORD; `verified=False` for one who cannot yet."""
    fields = {"email": f"customer{next(_serial)}@example.com", "name": "Mira Sato", "verified": True} | extra
    return register_customer(**{"password": PASSWORD, "actor": SETUP, "at": AT, **fields})


def make_staff(role: str = "employee", **extra: object) -> User:
    """Return a staff member who can sign in with PASSWORD."""
    fields = {"email": f"{role}{next(_serial)}@example.com", "name": "Anna Berg"} | extra
    return create_staff(**{"role": role, "password": PASSWORD, "actor": SETUP, "at": AT, **fields})
