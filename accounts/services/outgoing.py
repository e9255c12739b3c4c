"""Queueing emails about an account. Only ids are stored; addresses and links are looked up at delivery."""

import datetime as dt
import secrets

from django.db import transaction
from django.utils.translation import get_language

from accounts import limits
from accounts.emails import normalise
from accounts.models import MailRequest, Notice, User
from accounts.second_factor import has_second_factor
from common import throttle
from common.outbox.services import enqueue

SIGN_UP, INVITE, CHANGE, LINK, CHANGED = (
    "account.sign_up",
    "account.invite",
    "account.change_email",
    "account.link",
    "account.password_changed",
)
TEXT_CODE, PHONE_LOST = "account.text_code", "account.phone_lost"
DECIDED = "account.application_decided"
SECOND_FACTOR_ON, SECOND_FACTOR_OFF, RECOVERY_CODES, RECOVERY_CODE_USED = (
    "account.second_factor_on",
    "account.second_factor_off",
    "account.recovery_codes",
    "account.recovery_code",
)
CODES_GUESSED = "account.codes_guessed"
EMAIL_CHANGED, TAKEN_BACK, TAKEN_FROM = "account.email_changed", "account.taken_back", "account.taken_from"
_LIMITS = {MailRequest.Kind.CONFIRM: limits.CONFIRM_MAIL, MailRequest.Kind.RESET: limits.RESET_MAIL}


@transaction.atomic
def request_link(*, kind: str, email: str, network: str, at: dt.datetime) -> bool:
    """Queue a link to confirm an address or choose a password, if anybody has this address.

    The same work whether or not somebody does: the worker looks that up. Return whether the mailbox may get one: it is
    counted alike for all addresses. Raises TooManyAttempts for the network.
    """
    throttle.take_or_refuse(limits.LINK, network, at=at)
    email = normalise(email)
    row = MailRequest.objects.create(kind=kind, email=email, language=get_language() or "", created_at=at)
    limit = _LIMITS[MailRequest.Kind(kind)]
    return mail_within_limit(limit=limit, event=LINK, subject_id=row.pk, mailbox=email, at=at)


def mail_within_limit(*, limit: throttle.Limit, event: str, subject_id: int, mailbox: str, at: dt.datetime) -> bool:
    """Queue an email in the caller's transaction unless the mailbox is at its limit; return whether it was queued."""
    if not throttle.take(limit, mailbox, at=at):
        return False
    mail(event=event, subject_id=subject_id, at=at)
    return True


@transaction.atomic
def mail(*, event: str, subject_id: int, at: dt.datetime, name: str = "id") -> None:
    """Queue an email about a row, whose id the message holds under `name`, in the current language."""
    payload: dict[str, object] = {name: subject_id, "language": get_language() or ""}
    enqueue(event=event, key=f"{event}:{subject_id}:{secrets.token_hex(6)}", payload=payload, at=at)


@transaction.atomic
def tell(*, event: str, user: User, had_second_factor: bool | None = None, at: dt.datetime) -> None:
    """Queue an email that tells of a change, to the account's address, with a link to take it back.

    The address is read here, from the locked row: `user` may be as a request saw it before somebody took the account
    back or deleted it. `had_second_factor` is asked for by changes of the second step: whether there was one before.
    """
    notice = note(event=event, user_id=user.pk, had_second_factor=had_second_factor, at=at)
    if notice is not None:
        mail(event=event, subject_id=notice.pk, at=at, name="notice")


@transaction.atomic
def note(*, event: str, user_id: int, had_second_factor: bool | None = None, at: dt.datetime) -> Notice | None:
    """Make the row of an email that tells of a change; None for an account without an address."""
    row = User.objects.select_for_update(no_key=True).filter(pk=user_id, erased_at=None).first()
    if row is None or not row.email:
        return None
    had = has_second_factor(row) if had_second_factor is None else had_second_factor
    is_of_email = event == EMAIL_CHANGED
    return Notice.objects.create(
        user=row, email=row.email, is_of_email=is_of_email, had_second_factor=had, created_at=at
    )
