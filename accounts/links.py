"""Signed links in emails that verify an address or take an account back, and how long they last."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.core import signing

KEPT = dt.timedelta(days=3)
_SALT = "accounts.links"
# Other keys than those that are mailed: a link that was shown verifies no address, whatever page it is tried at.
_SHOWN_SALT = "accounts.links.shown"
# Emails that tell of a change: this one may have to be found first.
KEPT_NOTICE = dt.timedelta(days=7)
_NOTICE_SALT = "accounts.links.notice"


@dataclass(frozen=True)
class SignUpLink:
    """Verifies the address of a sign-up. `chooses_password`: it was asked for because the password is forgotten."""

    sign_up_id: int
    chooses_password: bool = False


@dataclass(frozen=True)
class ChangeLink:
    """Proves the mailbox that an account wants to change to."""

    address_id: int


@dataclass(frozen=True)
class ShownLink:
    """Lets a person who was at the counter choose a password. Verifies nothing. `number`: see Registration.links."""

    registration_id: int
    number: int


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
    said = _said(key, _SALT, KEPT, at)
    if said is None:
        return None
    kind, number = said
    return ChangeLink(number) if kind == "change" else SignUpLink(number, chooses_password=kind == "reset")


def write_shown(link: ShownLink, *, at: dt.datetime) -> str:
    """Return the key of a link that is shown or printed at the counter at `at`."""
    return signing.dumps([link.registration_id, link.number, int(at.timestamp())], salt=_SHOWN_SALT)


def read_shown(key: str, *, at: dt.datetime) -> ShownLink | None:
    """Return what the key of a shown link means; None if it is forged, cut or too old."""
    said = _said(key, _SHOWN_SALT, KEPT, at)
    return None if said is None else ShownLink(*said)


def write_notice(notice_id: int, *, at: dt.datetime) -> str:
    """Return the key behind which an account is taken back, mailed at `at`."""
    return signing.dumps([notice_id, int(at.timestamp())], salt=_NOTICE_SALT)


def read_notice(key: str, *, at: dt.datetime) -> int | None:
    """Return the id of the notice that a key was mailed with; None if it is forged, cut or too old."""
    said = _said(key, _NOTICE_SALT, KEPT_NOTICE, at)
    return None if said is None else said[0]


def _said(key: str, salt: str, kept: dt.timedelta, at: dt.datetime) -> list[Any] | None:
    """Return what a key says but for the moment at its end; None if it is forged, cut or older than `kept`."""
    try:
        *said, written = signing.loads(key, salt=salt)
    except signing.BadSignature:
        return None
    return None if dt.datetime.fromtimestamp(written, dt.UTC) + kept < at else said
