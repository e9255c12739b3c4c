"""Handlers of emails about accounts. Who an address belongs to is looked up here, never in a request."""

import datetime as dt

from allauth.account.models import EmailAddress

from accounts import mails
from accounts.links import ChangeLink, SignUpLink
from accounts.models import MailRequest, SignUp, User
from accounts.selectors import find_by_email, has_proven_mailbox, sign_up_for, staff_users
from accounts.services.outgoing import CHANGE, CHANGED, INVITE, LINK, SIGN_UP
from common.outbox.models import OutboxMessage
from common.outbox.services import Lane, handles


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


@handles(CHANGED, lane=Lane.MAIL)
def password_changed(message: OutboxMessage, at: dt.datetime) -> None:
    """Warn about a changed password."""
    user = User.objects.filter(pk=message.payload["id"], is_active=True, email__isnull=False).first()
    if user:
        mails.send_password_changed(user, message)
