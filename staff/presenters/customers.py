"""Customers at the counter: how a registration stands, and the accounts that a phone number found."""

import datetime as dt
from dataclasses import dataclass

from accounts.links import KEPT, ShownLink, write_shown
from accounts.models import Registration, User
from common.urls import absolute
from orders.masking import mask_email
from orders.qr import svg_path_of


@dataclass(frozen=True)
class Registered:
    """One registration. `state`: code (waits for a password), email (waits for the link), active, over.

    The code is there only while it can be used. `is_mailed`: the link has been sent; it is not if the mailbox has had
    too many. `is_held_back`: for that reason it was not, though it is what they wanted.
    """

    key: int
    state: str
    name: str = ""
    email: str = ""
    qr_side: int = 0
    qr_path: str = ""
    until: dt.datetime | None = None
    is_mailed: bool = False
    is_held_back: bool = False


def build_registered(registration: Registration, at: dt.datetime) -> Registered:
    """Return how it stands now; the sign-up must be loaded."""
    sign_up = registration.sign_up
    if sign_up is None:
        return Registered(registration.pk, "active" if registration.user_id else "over")
    is_mailed = sign_up.mailed_at is not None
    if not sign_up.password.startswith("!"):
        return Registered(registration.pk, "email", sign_up.name, sign_up.email, is_mailed=is_mailed)
    key = write_shown(ShownLink(registration.pk, registration.links), at=at)
    side, path = svg_path_of(absolute("account_activate", key))
    return Registered(
        registration.pk, "code", sign_up.name, sign_up.email, side, path, sign_up.created_at + KEPT,
        is_mailed, is_held_back=registration.way == Registration.Way.EMAIL and not is_mailed,
    )  # fmt: skip


@dataclass(frozen=True)
class Found:
    """An account with the number that was looked up, masked: enough for its owner to say that it is theirs."""

    key: int
    name: str
    email: str
    is_verified: bool


def build_found(users: list[User]) -> list[Found]:
    """Return how the accounts are shown."""
    return [
        Found(user.pk, user.get_short_name(), mask_email(user.email), user.phone_verified_at is not None)
        for user in users
    ]
