"""Having emails about an account sent. Only ids are written down; addresses and links are made at delivery."""

import datetime as dt
import secrets

from django.db import transaction
from django.utils.translation import get_language

from accounts import limits
from accounts.emails import normalise
from accounts.models import MailRequest
from common import throttle
from common.outbox.services import enqueue

SIGN_UP, INVITE, CHANGE, LINK, CHANGED = (
    "account.sign_up",
    "account.invite",
    "account.change_email",
    "account.link",
    "account.password_changed",
)
_LIMITS = {MailRequest.Kind.CONFIRM: limits.CONFIRM_MAIL, MailRequest.Kind.RESET: limits.RESET_MAIL}


@transaction.atomic
def request_link(*, kind: str, email: str, network: str, at: dt.datetime) -> MailRequest:
    """Have a link to confirm an address or to choose a password sent, if anybody has this address.

    The same work whether or not somebody does: the worker looks that up. Raises TooManyAttempts for the network.
    """
    throttle.take_or_refuse(limits.LINK, network, at=at)
    email = normalise(email)
    row = MailRequest.objects.create(kind=kind, email=email, language=get_language() or "", created_at=at)
    mail_within_limit(limit=_LIMITS[MailRequest.Kind(kind)], event=LINK, subject_id=row.pk, mailbox=email, at=at)
    return row


def mail_within_limit(*, limit: throttle.Limit, event: str, subject_id: int, mailbox: str, at: dt.datetime) -> bool:
    """Have an email sent, in the caller's transaction, unless the mailbox is at its limit; return whether."""
    if not throttle.take(limit, mailbox, at=at):
        return False
    mail(event=event, subject_id=subject_id, at=at)
    return True


@transaction.atomic
def mail(*, event: str, subject_id: int, at: dt.datetime) -> None:
    """Have the worker send an email about a row, in the current language."""
    payload = {"id": subject_id, "language": get_language() or ""}
    enqueue(event=event, key=f"{event}:{subject_id}:{secrets.token_hex(6)}", payload=payload, at=at)
