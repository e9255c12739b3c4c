"""Choosing a new password through a mailed link."""

import datetime as dt

from allauth.account.models import EmailAddress
from django.db import transaction

from accounts import limits
from accounts.actors import actor_of
from accounts.models import User
from accounts.services import audit, outgoing
from accounts.services.register import forget_claims
from common import throttle


@transaction.atomic
def choose_password(*, user_id: int, password: str, at: dt.datetime) -> User:
    """Set the password of an account whose address the link behind this call has verified.

    Every session ends, since each is tied to the old password; wrong passwords counted so far are forgotten.
    """
    user = User.objects.select_for_update().get(pk=user_id)
    user.set_password(password)
    user.save(update_fields=["password"])
    EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
    forget_claims(email=user.email or "", user_id=user.pk)
    throttle.forget(limits.SIGN_IN, f"user:{user.pk}")
    audit.record(action="account.password", target=f"user:{user.pk}", actor=actor_of(user), at=at)
    outgoing.mail(event=outgoing.CHANGED, subject_id=user.pk, at=at)
    return user
