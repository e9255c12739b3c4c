"""Taking an account back from somebody else who changed it, by the link in the email that told of the change."""

import datetime as dt

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.actors import actor_of
from accounts.models import Notice, User
from accounts.services import audit, outgoing
from accounts.services.register import email_taken, forget_claims
from accounts.services.sessions import end_sessions
from accounts.services.sign_up import LinkIsGone


def take_back_account(*, notice_id: int, at: dt.datetime) -> User:
    """Shut everybody out of an account, and let the person behind a notice choose a new password.

    All sessions and tokens end, the password works no more, the address is the notice's again, and a link to choose a
    password is sent there. This and all later notices are used up: those are what the other one was told.
    Raises LinkIsGone, EmailTaken; then nothing has changed.
    """
    try:
        with transaction.atomic():
            return _take_back(notice_id, at)
    except IntegrityError:  # the address was taken at the same moment
        raise email_taken() from None


def _take_back(notice_id: int, at: dt.datetime) -> User:
    named = Notice.objects.filter(pk=notice_id).values("user")
    user = User.objects.select_for_update().filter(pk__in=named, is_active=True).first()
    notice = Notice.objects.filter(pk=notice_id, user=user).first()
    if user is None or notice is None:
        raise LinkIsGone(_("This link has been used or is too old."))
    if User.objects.filter(email__iexact=notice.email).exclude(pk=user.pk).exists():
        raise email_taken()
    EmailAddress.objects.filter(user=user).exclude(email=notice.email).delete()
    user.email = notice.email
    user.set_unusable_password()
    user.save(update_fields=["email", "password"])
    EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
    forget_claims(email=notice.email, user_id=user.pk)
    end_sessions(user=user, at=at)
    Notice.objects.filter(user=user, pk__gte=notice.pk).delete()
    audit.record(action="account.take_back", target=f"user:{user.pk}", actor=actor_of(user), at=at)
    outgoing.mail(event=outgoing.TAKEN_BACK, subject_id=user.pk, at=at)
    return user
