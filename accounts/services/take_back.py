"""Taking an account back from somebody else who changed it, by the link in the email that told of the change."""

import datetime as dt
from dataclasses import dataclass

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.actors import actor_of
from accounts.models import MailRequest, Notice, PhoneCode, User
from accounts.second_factor import has_second_factor
from accounts.selectors import can_put_back
from accounts.services import audit, outgoing
from accounts.services.register import email_taken, forget_claims
from accounts.services.sessions import end_sessions
from accounts.services.sign_up import LinkIsGone


@dataclass(frozen=True)
class TakenBack:
    """What became of an account. `has_link`: a link to a new password is sent; `needs_code`: codes go on."""

    user: User
    has_link: bool
    needs_code: bool


def take_back_account(*, notice_id: int, at: dt.datetime) -> TakenBack:
    """Shut everybody out of an account, and let the person behind a notice choose a new password.

    All sessions and tokens end, the password works no more, the address is the notice's again, and a link to choose a
    password is sent there. A second step that was turned on since is off, a phone verified since is not verified. This
    and all later notices are used up: those are what the other one was told. The address that the account had until
    now is told, without a link. If the notice's address cannot be put back, everybody is shut out all the same, and
    nobody gets a link. Raises LinkIsGone, EmailTaken; then nothing has changed.
    """
    try:
        with transaction.atomic():
            return _take_back(notice_id, at)
    except IntegrityError:  # the address was taken at the same moment
        raise email_taken() from None


def _take_back(notice_id: int, at: dt.datetime) -> TakenBack:
    named = Notice.objects.filter(pk=notice_id).values("user")
    user = User.objects.select_for_update().filter(pk__in=named, is_active=True).first()
    notice = Notice.objects.filter(pk=notice_id, user=user).first()
    if user is None or notice is None:
        raise LinkIsGone(_("This link has been used or is too old."))
    has_link = can_put_back(notice)
    if user.email and user.email != notice.email:
        _tell_other(user.email, at)
    if has_link:
        user.email = notice.email
        outgoing.mail(event=outgoing.TAKEN_BACK, subject_id=user.pk, at=at)
    EmailAddress.objects.filter(user=user).exclude(email=user.email).delete()
    if has_link:
        _prove(user)
    user.set_unusable_password()
    PhoneCode.objects.filter(user=user).delete()
    if user.phone_verified_at is not None and user.phone_verified_at > notice.created_at:
        user.phone_verified_at = None
    user.save(update_fields=["email", "password", "phone_verified_at"])
    end_sessions(user=user, at=at)
    audit.record(action="account.take_back", target=f"user:{user.pk}", actor=actor_of(user), at=at)
    if not notice.had_second_factor and has_second_factor(user):
        Authenticator.objects.filter(user=user).delete()
        audit.record(action="account.second_factor_off", target=f"user:{user.pk}", actor=actor_of(user), at=at)
    Notice.objects.filter(user=user, pk__gte=notice.pk).delete()
    return TakenBack(user, has_link, has_second_factor(user))


def _prove(user: User) -> None:
    """Note that the mailbox is theirs: the link was in it."""
    proven = {"verified": True, "primary": True}
    EmailAddress.objects.update_or_create(user=user, email=user.email, defaults=proven)
    forget_claims(email=user.email or "", user_id=user.pk)


def _tell_other(email: str, at: dt.datetime) -> None:
    """Tell the address that the account has until now; its row is read and deleted at delivery."""
    row = MailRequest.objects.create(
        kind=MailRequest.Kind.TAKEN, email=email, language=get_language() or "", created_at=at
    )
    outgoing.mail(event=outgoing.TAKEN_FROM, subject_id=row.pk, at=at)
