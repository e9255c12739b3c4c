"""Signed links in emails that verify an address, and how long they last."""

import datetime as dt
from dataclasses import dataclass

from django.core import signing

KEPT = dt.timedelta(days=3)
_SALT = "accounts.links"


@dataclass(frozen=True)
class SignUpLink:
    """Verifies the address of a sign-up. `chooses_password`: it was asked for because the password is forgotten."""

    sign_up_id: int
    chooses_password: bool = False


@dataclass(frozen=True)
class ChangeLink:
    """Proves the mailbox that an account wants to change to."""

    address_id: int


Link = SignUpLink | ChangeLink


def write(link: Link, *, at: dt.datetime) -> str:
    """Return the key that stands in the link's address, mailed at `at`."""
    if isinstance(link, ChangeLink):
        kind, number = "change", link.address_id
    else:
        kind, number = "reset" if link.chooses_password else "sign-up", link.sign_up_id
    return signing.dumps([kind, number, int(at.timestamp())], salt=_SALT)


def read(key: str, *, at: dt.datetime) -> Link | None:
    """Return what a key means; None if it is forged, cut or too old."""
    try:
        kind, number, mailed = signing.loads(key, salt=_SALT)
    except signing.BadSignature:
        return None
    if dt.datetime.fromtimestamp(mailed, dt.UTC) + KEPT < at:
        return None
    return ChangeLink(number) if kind == "change" else SignUpLink(number, chooses_password=kind == "reset")
