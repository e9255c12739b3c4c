"""Tokens of the API's clients: a family begins with a sign-in, is renewed by its refresh token, and ends as a whole."""

import datetime as dt

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import tokens
from accounts.models import User, UserSession
from accounts.second_factor import has_second_factor, must_have_second_factor
from accounts.selectors import has_proven_mailbox
from accounts.services.second_factor import check_code
from accounts.services.sessions import make_room
from accounts.sessions import DEVICE, IS_APP, MAX_DEVICE, USED, SessionStore
from accounts.tokens import Tokens
from common.errors import DomainError


class NoTokens(DomainError):
    """The person is known, but gets no tokens."""

    code = "no_tokens"


class SecondFactorNeeded(NoTokens):
    """The password was right; a code of the second factor is missing."""

    code = "second_factor_required"


class BadToken(DomainError):
    """A refresh token that is forged, expired, used before or ended."""

    code = "invalid_token"


def begin_tokens(*, user: User, code: str, device: str, at: dt.datetime) -> Tokens:
    """Begin a family for a person whose password has just been checked.

    Raises NoTokens, SecondFactorNeeded, WrongCode, TooManyAttempts.
    """
    _refuse_some(user)
    passed = None
    if has_second_factor(user):
        if not code:
            raise _code_needed()
        passed = check_code(user_id=user.pk, code=code, at=at)
    with transaction.atomic():
        row = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        # All is asked again: since the password was checked, the person may have done any of it.
        if row.password != user.password:
            raise bad_token()
        _refuse_some(row)
        if has_second_factor(row) and (passed is None or not Authenticator.objects.filter(pk=passed.pk).exists()):
            raise _code_needed()
        make_room(user=row, is_app=True, at=at)
        session = _session_of(row, device)
        session.create()
        written = tokens.write(row, session)
        session.save()
        row.last_login = at
        row.save(update_fields=["last_login"])
    return written


def rotate_tokens(*, refresh: str, at: dt.datetime) -> Tokens:
    """Return new tokens for a refresh token, which is used up. Raises BadToken.

    One that was used before has been stolen from somebody, so its whole family ends.
    """
    payload = tokens.read(refresh, "refresh")
    family = tokens.family_of(payload) if payload else None
    if payload is None or family is None:
        raise bad_token()
    written = None
    with transaction.atomic():
        row = UserSession.objects.select_for_update().filter(pk=family, is_app=True).first()
        session = SessionStore(family)
        user = tokens.person_in(session, payload) if row else None
        if user is not None and session.get(tokens.REFRESH) == payload["jti"]:
            written = tokens.write(user, session)
            session[USED] = int(at.timestamp())
            session.save()
        elif row is not None:
            row.delete()
    if written is None:
        raise bad_token()
    return written


@transaction.atomic
def end_tokens(*, family: str, at: dt.datetime) -> bool:  # noqa: ARG001 - a verb takes `at`
    """End a family; return whether it had not ended yet."""
    return bool(UserSession.objects.filter(pk=family, is_app=True).delete()[0])


def bad_token() -> BadToken:
    """Return the refusal of a token, the same for whatever is wrong with it."""
    return BadToken(_("This token is not valid any more. Sign in again."))


def unconfirmed() -> NoTokens:
    """Return the refusal of a person whose email address is not confirmed."""
    sentence = _("Confirm your email address first: open the link we sent you, or sign in on the site for a new one.")
    return NoTokens(sentence, code="email_not_confirmed")


def _refuse_some(user: User) -> None:
    """Refuse people who are shut out, have no confirmed address, or lack a second step that they need."""
    if not user.is_active:
        raise NoTokens(_("This account is not active any more."), code="account_inactive")
    if not has_proven_mailbox(user):
        raise unconfirmed()
    if must_have_second_factor(user) and not has_second_factor(user):
        sentence = _("Owners need a second step to sign in here. Set it up on the site first, under Security.")
        raise NoTokens(sentence, code="second_factor_missing")


def _code_needed() -> SecondFactorNeeded:
    return SecondFactorNeeded(_("Send the code of your authenticator app, or a recovery code, as “code”, too."))


def _session_of(user: User, device: str) -> SessionStore:
    session = SessionStore()
    session.update(
        {
            SESSION_KEY: str(user.pk),
            BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
            HASH_SESSION_KEY: user.get_session_auth_hash(),
            DEVICE: device[:MAX_DEVICE],
            IS_APP: True,
        }
    )
    return session
