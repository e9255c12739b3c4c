"""From a request for an account to the account: nothing counts before the address is verified.

A link proves a mailbox, never a password: the password typed at sign-up counts only in the browser it was typed
in, elsewhere the person behind the link chooses one. So people who sign up with somebody else's address
neither get the account nor block its owner, in whatever order they come.
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts import limits
from accounts.emails import normalise
from accounts.links import KEPT
from accounts.models import MailRequest, SignUp, User
from accounts.selectors import sign_up_for
from accounts.services import outgoing
from accounts.services.register import clean_phone, insert_customer
from common import throttle
from common.actors import Actor
from common.errors import DomainError
from common.typed_text import clean_text


class LinkIsGone(DomainError):
    """The sign-up has been confirmed, or is too old."""

    code = "link_gone"


class PasswordNeeded(DomainError):
    """Another browser made the sign-up, so a password has to be chosen in this one."""

    code = "password_needed"


@dataclass(frozen=True)
class Confirmed:
    """The new account. `phone_left_out`: another account has the phone of the sign-up."""

    user: User
    phone_left_out: bool


def request_account(*, email: str, name: str, password: str, phone: str = "", network: str, at: dt.datetime) -> SignUp:
    """Note a sign-up and have its email sent. Raises BadPhone, TooManyAttempts.

    The same work whether or not the address has an account: the worker looks that up and writes accordingly.
    """
    throttle.take_or_refuse(limits.SIGN_UP, network, at=at)
    row = SignUp(
        email=normalise(email), name=clean_text(name), phone=clean_phone(phone) or "", password=make_password(password),
        language=get_language() or "", created_at=at,
    )  # fmt: skip
    with transaction.atomic():
        row.save(force_insert=True)
        outgoing.mail_within_limit(
            limit=limits.CONFIRM_MAIL, event=outgoing.SIGN_UP, subject_id=row.pk, mailbox=row.email, at=at
        )
    return row


@transaction.atomic
def remind(*, sign_up_id: int, at: dt.datetime) -> None:
    """Send the link of a sign-up again, to a person who knows its password."""
    row = SignUp.objects.filter(pk=sign_up_id).first()
    if row:
        outgoing.mail_within_limit(
            limit=limits.CONFIRM_MAIL, event=outgoing.SIGN_UP, subject_id=row.pk, mailbox=row.email, at=at
        )


def confirm_account(
    *,
    sign_up_id: int,
    browser: Collection[int] = (),
    password: str = "",
    name: str = "",
    actor: Actor,
    at: dt.datetime,
) -> Confirmed:
    """Make the account of an address that has been verified by the link of one of its sign-ups.

    `browser` are the sign-ups made in this browser: one for this mailbox gives name, phone and password. Without one
    `password` is needed; name and phone of the sign-up count only if it is the password of that sign-up.
    Raises LinkIsGone, PasswordNeeded, EmailTaken.
    """
    proven = SignUp.objects.filter(pk=sign_up_id).first()
    if proven is None:
        raise LinkIsGone(_("This link has been used or is too old."))
    row = _believed(proven, browser, password, name, at)
    phone = row.phone
    user = insert_customer(row=row, actor=actor, at=at)
    return Confirmed(user, phone_left_out=bool(phone) and user.phone is None)


def purge_requests(*, at: dt.datetime) -> int:
    """Delete sign-ups and requests for links that are older than the links themselves; return how many."""
    old = {"created_at__lt": at - KEPT}
    return sum(model.objects.filter(**old).delete()[0] for model in (SignUp, MailRequest))


def _believed(proven: SignUp, browser: Collection[int], password: str, name: str, at: dt.datetime) -> User:
    """Return an unsaved account with those details of the mailbox's sign-ups that can be trusted."""
    own = sign_up_for(proven.email, preferred=browser, only_preferred=True)
    if own is not None and not password:
        return _account(own, name=own.name, password=own.password, at=at)
    if not password:
        raise PasswordNeeded(_("Choose a password."))
    if check_password(password, proven.password):
        return _account(proven, name=clean_text(name) or proven.name, password=proven.password, at=at)
    nothing = SignUp(email=proven.email, language=get_language() or "")
    return _account(nothing, name=clean_text(name), password=make_password(password), at=at)


def _account(row: SignUp, *, name: str, password: str, at: dt.datetime) -> User:
    return User(
        email=row.email, name=name, phone=row.phone or None, password=password, language=row.language, date_joined=at
    )
