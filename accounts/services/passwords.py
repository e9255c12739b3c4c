"""Choosing a new password: through a mailed link, or in place of the current one."""

import datetime as dt

from allauth.account.models import EmailAddress
from django.db import transaction

from accounts import limits
from accounts.actors import actor_of
from accounts.models import User
from accounts.services import audit, outgoing
from accounts.services.lock import lock_account
from accounts.services.register import forget_claims
from accounts.services.sessions import end_sessions, lock_own, overtaken
from common import throttle


@transaction.atomic
def choose_password(*, user: User, password: str, at: dt.datetime) -> User:
    """Set the password of an account whose address the link behind this call has verified.

    `user` is as the link was checked: it is for one change. Every session and token ends; wrong passwords counted so
    far are forgotten. Raises Overtaken, AccountGone.
    """
    seen = user.password
    user = lock_account(user.pk, no_key=False)
    if user.password != seen:
        raise overtaken()
    user.set_password(password)
    user.save(update_fields=["password"])
    EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
    forget_claims(email=user.email or "", user_id=user.pk)
    end_sessions(user=user, at=at)
    throttle.forget(limits.SIGN_IN, f"user:{user.pk}")
    audit.record(action="account.password", target=f"user:{user.pk}", actor=actor_of(user), at=at)
    outgoing.tell(event=outgoing.CHANGED, user=user, at=at)
    return user


@transaction.atomic
def change_password(*, user: User, password: str, keep: str | None, at: dt.datetime) -> None:
    """Set the password of a person who has just given the current one, or has none.

    Tokens and all sessions end, except the one with the key `keep`; its caller ties it to the new password.
    Raises Overtaken if that session has ended, or the password is not the one that was given any more; AccountGone.
    """
    lock_own(user=user, session=keep)
    user.set_password(password)
    user.save(update_fields=["password"])
    end_sessions(user=user, keep=keep, at=at)
    audit.record(action="account.password", target=f"user:{user.pk}", actor=actor_of(user), at=at)
    outgoing.tell(event=outgoing.CHANGED, user=user, at=at)
