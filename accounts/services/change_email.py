"""Changing the email of an account: the old one stays until the new one is verified, in a session of this account."""

import datetime as dt

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import limits
from accounts.emails import normalise
from accounts.models import User
from accounts.services import audit, outgoing
from accounts.services.lock import lock_account
from accounts.services.register import email_taken, forget_claims
from accounts.services.sign_up import LinkIsGone
from common import throttle
from common.actors import Actor
from common.errors import DomainError


class OtherAccount(DomainError):
    """The link was asked for by another account than the one that opens it."""

    code = "other_account"


def request_email_change(*, user_id: int, email: str, at: dt.datetime) -> tuple[EmailAddress, bool]:
    """Note the address an account wants, in place of one asked for before, and have a link sent there.

    It blocks nobody: several accounts may want the same. Return its row, and whether it has not had too many links.
    Raises TooManyAttempts, AccountGone.
    """
    throttle.take_or_refuse(limits.CHANGE_EMAIL, str(user_id), at=at)
    wanted = normalise(email)
    with transaction.atomic():
        # Of an account that was deleted meanwhile nothing is noted.
        lock_account(user_id, no_key=False)
        _pending(user_id).delete()
        row = EmailAddress.objects.create(user_id=user_id, email=wanted)
        is_mailed = outgoing.mail_within_limit(
            limit=limits.CONFIRM_MAIL, event=outgoing.CHANGE, subject_id=row.pk, mailbox=wanted, at=at
        )
    return row, is_mailed


@transaction.atomic
def resend_email_change(*, user_id: int, at: dt.datetime) -> bool:
    """Have the link to the new address sent again; return whether there is one and it has not had too many."""
    row = _pending(user_id).first()
    if row is None:
        return False
    return outgoing.mail_within_limit(
        limit=limits.CONFIRM_MAIL, event=outgoing.CHANGE, subject_id=row.pk, mailbox=row.email, at=at
    )


@transaction.atomic
def drop_email_change(*, user_id: int) -> bool:
    """Keep the old address; return whether a change was pending."""
    deleted, _by_model = _pending(user_id).delete()
    return bool(deleted)


def confirm_email_change(*, user_id: int, address_id: int, actor: Actor, at: dt.datetime) -> User:
    """Make the verified address the account's own. Raises LinkIsGone, OtherAccount, EmailTaken. Only once."""
    try:
        with transaction.atomic():
            user = User.objects.select_for_update().get(pk=user_id)
            row = EmailAddress.objects.filter(pk=address_id, verified=False).first()
            if row is None:
                raise LinkIsGone(_("This link has been used or is too old."))
            if row.user_id != user_id:
                raise OtherAccount(_("Another account asked for this link."))
            return _take_over(user, row, actor, at)
    except IntegrityError:
        raise email_taken() from None


def _take_over(user: User, row: EmailAddress, actor: Actor, at: dt.datetime) -> User:
    if User.objects.filter(email__iexact=row.email).exclude(pk=user.pk).exists():
        raise email_taken()
    outgoing.tell(event=outgoing.EMAIL_CHANGED, user=user, at=at)  # to the old address
    EmailAddress.objects.filter(user=user).exclude(pk=row.pk).delete()
    EmailAddress.objects.filter(pk=row.pk).update(verified=True, primary=True)
    user.email = row.email
    user.save(update_fields=["email"])
    forget_claims(email=row.email, user_id=user.pk)
    audit.record(action="account.email", target=f"user:{user.pk}", actor=actor, at=at)
    return user


def _pending(user_id: int):  # noqa: ANN202 - a QuerySet
    own = User.objects.filter(pk=user_id).values("email")
    return EmailAddress.objects.filter(user_id=user_id, verified=False).exclude(email__in=own)
