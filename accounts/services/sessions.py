"""Beginning the sessions of browsers, and ending all those of an account, the API's clients among them."""

import datetime as dt
from collections.abc import Callable, Collection

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from accounts.actors import actor_of
from accounts.models import User, UserSession
from accounts.second_factor import has_second_factor
from accounts.services import audit
from accounts.services.lock import lock_account
from accounts.sessions import MOST_APPS, MOST_BROWSERS
from common.errors import DomainError


class NoSuchSession(DomainError):
    """The account has no such session, or not any more."""

    code = "no_such_session"


class Overtaken(DomainError):
    """What a sign-in relied on has changed while it was under way."""

    code = "sign_in_overtaken"


@transaction.atomic
def begin_session(
    *,
    user: User,
    shown: str,
    came_from: str | None,
    codes_of: Collection[int],
    begin: Callable[[], None],
    at: dt.datetime,
) -> None:
    """Write the session of a person who has shown all that was asked for, by `begin`.

    It happens under the lock under which sessions are ended, so none that was begun before outlives that. `came_from`
    is the key of the browser's session until now, `codes_of` names the authenticators whose codes were given in it,
    `shown` is the session hash of the account when its password was given. Raises Overtaken.
    """
    row = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    has_ended = came_from is not None and not UserSession.objects.filter(pk=came_from).exists()
    lacks_code = has_second_factor(row) and not Authenticator.objects.filter(user=row, pk__in=codes_of).exists()
    if not row.is_active or not is_password_of(row, shown) or has_ended or lacks_code:
        raise overtaken()
    make_room(user=row, keep=came_from, at=at)
    begin()


def lock_own(*, user: User, session: str | None) -> User:
    """Return the account of a request under way, locked and as it is now, in the caller's transaction.

    `user` is as the request saw it when it began, `session` the key of its session. Raises AccountGone, and Overtaken
    if that session has ended or the password is another by now: what was asked for then may be a thief's wish.
    """
    row = lock_account(user.pk)
    has_ended = session is not None and not UserSession.objects.filter(pk=session, user=row).exists()
    if row.password != user.password or not row.is_active or has_ended:
        raise overtaken()
    return row


def make_room(
    *,
    user: User,
    is_app: bool = False,
    keep: str | None = None,
    at: dt.datetime,  # noqa: ARG001 - a verb takes `at`
) -> int:
    """End what an account has too many of for one more session, in the caller's transaction and under its lock.

    Those that have not been used for longest end; `keep` is the key of a session that begins anew. Return how many.
    """
    rows = UserSession.objects.filter(user=user, is_app=is_app, began_at__isnull=False).exclude(pk=keep)
    newest_first = rows.order_by("-used_at", "-began_at", "pk").values_list("pk", flat=True)
    oldest = list(newest_first[(MOST_APPS if is_app else MOST_BROWSERS) - 1 :])
    return UserSession.objects.filter(pk__in=oldest).delete()[0] if oldest else 0


def is_password_of(user: User, shown: str) -> bool:
    """Return whether the password is still the one that was given; a key of the site may have changed meanwhile."""
    hashes = (user.get_session_auth_hash(), *user.get_session_auth_fallback_hash())
    return any(constant_time_compare(shown, one) for one in hashes)


def overtaken() -> Overtaken:
    """Return the refusal of what relied on something that has changed."""
    return Overtaken(_("Something about your account has just changed. Please sign in again."))


def end_sessions(*, user: User, at: dt.datetime, keep: str | None = None) -> int:  # noqa: ARG001 - a verb takes `at`
    """End all sessions of an account, in the caller's transaction: the next request of each is a visitor's.

    Tokens of the API end with theirs. `keep` is the key of a session that stays. Return how many ended,
    besides sign-ins that waited for their code.
    """
    others = UserSession.objects.filter(user=user).exclude(pk=keep)
    ended = others.filter(began_at__isnull=False).delete()[0]
    others.delete()
    return ended


def end_clients(*, user: User, at: dt.datetime) -> int:  # noqa: ARG001 - a verb takes `at`
    """End the sessions of the API's clients only, in the caller's transaction. Return how many ended."""
    return UserSession.objects.filter(user=user, is_app=True).delete()[0]


@transaction.atomic
def end_own(*, user: User, key: str | None, keep: str | None, at: dt.datetime) -> int:
    """End one session of a person's own, or without `key` all but `keep`; return how many ended.

    Raises NoSuchSession for a key of another account or of none.
    """
    if key is None:
        ended = end_sessions(user=user, keep=keep, at=at)
    else:
        ended = UserSession.objects.filter(user=user, pk=key).delete()[0]
        if not ended:
            raise NoSuchSession(_("This session has ended already."))
    if ended:
        audit.record(action="account.sessions", target=f"user:{user.pk}", actor=actor_of(user), at=at)
    return ended
