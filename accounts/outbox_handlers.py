"""Handlers of emails about accounts. Who an address belongs to is looked up here, never in a request."""

import datetime as dt
import logging

from allauth.account.models import EmailAddress

from accounts import mails, texts
from accounts.links import ChangeLink, SignUpLink
from accounts.models import CourierApplication, MailRequest, PhoneCode, SignUp, User
from accounts.phone_codes import KEPT
from accounts.phones import is_costly
from accounts.selectors import find_by_email, has_proven_mailbox, notice_behind, sign_up_for, staff_users
from accounts.services.outgoing import (
    CHANGE,
    CHANGED,
    CODES_GUESSED,
    DECIDED,
    EMAIL_CHANGED,
    INVITE,
    LINK,
    PHONE_LOST,
    RECOVERY_CODE_USED,
    RECOVERY_CODES,
    SECOND_FACTOR_OFF,
    SECOND_FACTOR_ON,
    SIGN_UP,
    TAKEN_BACK,
    TAKEN_FROM,
    TEXT_CODE,
    note,
)
from accounts.sms.base import UNREADABLE, SmsRefused, SmsUnavailable
from common.outbox.models import OutboxMessage
from common.outbox.services import Lane, handles

logger = logging.getLogger(__name__)


@handles(SIGN_UP, lane=Lane.MAIL)
def answer_sign_up(message: OutboxMessage, at: dt.datetime) -> None:
    """Send the confirmation link, or say that there is an account already."""
    row = SignUp.objects.filter(pk=message.payload["id"]).first()
    if row is None:
        return
    user = find_by_email(row.email)
    if user is None:
        mails.send_confirmation(row.email, SignUpLink(row.pk), message, at)
    elif user.is_active:
        mails.send_account_exists(user, message)


@handles(INVITE, lane=Lane.MAIL)
def invite(message: OutboxMessage, at: dt.datetime) -> None:
    """Send a staff member the link behind which they choose a password, with a welcome if it is their first."""
    user = staff_users().filter(pk=message.payload["id"], is_active=True, email__isnull=False).first()
    if user is None:
        return
    if user.has_usable_password():
        mails.send_reset(user, message)
    else:
        mails.send_invitation(user, message)


@handles(CHANGE, lane=Lane.MAIL)
def confirm_change(message: OutboxMessage, at: dt.datetime) -> None:
    """Send the link to an address that an account wants to change to; tell its owner when another account has it."""
    row = EmailAddress.objects.filter(pk=message.payload["id"], verified=False, user__is_active=True).first()
    if row is None:
        return
    user = find_by_email(row.email)
    if user is None:
        mails.send_change(row.email, ChangeLink(row.pk), message, at)
    elif user.is_active and user.pk != row.user_id:
        mails.send_account_exists(user, message)


@handles(LINK, lane=Lane.MAIL)
def answer_request(message: OutboxMessage, at: dt.datetime) -> None:
    """Send the link that was asked for if there is an account or a sign-up with this address."""
    row = MailRequest.objects.filter(pk=message.payload["id"]).first()
    if row is None:
        return
    user, wants_password = find_by_email(row.email), row.kind == MailRequest.Kind.RESET
    if user is not None:
        # An address that is not verified yet is verified by choosing a password there.
        if user.is_active and (wants_password or not has_proven_mailbox(user)):
            mails.send_reset(user, message)
    elif sign_up := sign_up_for(row.email):
        link = SignUpLink(sign_up.pk, chooses_password=wants_password)
        (mails.send_reset_of_sign_up if wants_password else mails.send_confirmation)(row.email, link, message, at)
    row.delete()


@handles(SECOND_FACTOR_ON, lane=Lane.MAIL)
@handles(SECOND_FACTOR_OFF, lane=Lane.MAIL)
@handles(RECOVERY_CODES, lane=Lane.MAIL)
@handles(RECOVERY_CODE_USED, lane=Lane.MAIL)
@handles(CODES_GUESSED, lane=Lane.MAIL)
@handles(CHANGED, lane=Lane.MAIL)
@handles(EMAIL_CHANGED, lane=Lane.MAIL)
def account_changed(message: OutboxMessage, at: dt.datetime) -> None:
    """Tell a person what has happened to their account, at the address it had before.

    Messages queued before there were notices name the account instead.
    """
    if "notice" in message.payload:
        notice = notice_behind(message.payload["notice"])
    else:
        made = note(event=message.event, user_id=message.payload["id"], at=at)
        notice = notice_behind(made.pk) if made else None
    if notice:
        mails.send_notice(notice, message, at)


@handles(PHONE_LOST, lane=Lane.MAIL)
def phone_lost(message: OutboxMessage, at: dt.datetime) -> None:
    """Tell a person that somebody else has verified their phone: numbers change hands, so nothing is taken back."""
    user = User.objects.filter(pk=message.payload["id"], is_active=True, email__isnull=False).first()
    if user:
        mails.send_phone_lost(user, message)


@handles(TAKEN_BACK, lane=Lane.MAIL)
def account_taken_back(message: OutboxMessage, at: dt.datetime) -> None:
    """Send the link to a new password to a person who has taken their account back."""
    user = User.objects.filter(pk=message.payload["id"], is_active=True, email__isnull=False).first()
    if user:
        mails.send_reset(user, message)


@handles(TAKEN_FROM, lane=Lane.MAIL)
def account_taken_from(message: OutboxMessage, at: dt.datetime) -> None:
    """Tell the address that an account had that another one has taken it back."""
    row = MailRequest.objects.filter(pk=message.payload["id"]).first()
    if row is not None:
        mails.send_taken_from(row.email, message)
        row.delete()


@handles(DECIDED, lane=Lane.MAIL)
def application_decided(message: OutboxMessage, at: dt.datetime) -> None:
    """Tell an applicant what the owner has decided."""
    row = CourierApplication.objects.filter(pk=message.payload["id"], user__is_active=True).first()
    if row:
        mails.send_decision(row, message)


@handles(TEXT_CODE, lane=Lane.TEXT)
def text_code(message: OutboxMessage, at: dt.datetime) -> None:
    """Text the code of a row that is still waiting; nothing of the number or the code gets into a log.

    A costly number is refused before there is a row; here it stops rows that were made otherwise.
    """
    row = PhoneCode.objects.filter(pk=message.payload["id"], created_at__gt=at - KEPT).first()
    if row is None or is_costly(str(row.phone)):
        return
    try:
        texts.send_code(row, message)
    except SmsRefused:
        logger.warning("The sender of text messages refused a number; the message is dropped")
    except (SmsUnavailable, *UNREADABLE) as error:
        # Its words may name the number; the outbox keeps and logs what it is told.
        raise SmsUnavailable(f"No clear answer from the sender of text messages ({type(error).__name__}).") from None
