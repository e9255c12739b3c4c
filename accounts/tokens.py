"""Reading and writing tokens of the API: JWTs in allauth's format, each tied to a session that can be ended.

A family is what one sign-in gave: its session, an access token and the one refresh token that is good. The role in a
token is for a client's menus; rights are decided from the database.
"""

from dataclasses import dataclass
from typing import Any

from allauth.core.internal.sessionkit import get_session_user
from allauth.headless.tokens.strategies.jwt import internal as jwts
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase

from accounts.models import User
from accounts.roles import role_of
from accounts.second_factor import has_second_factor, must_have_second_factor
from accounts.sessions import IS_APP, SessionStore

AUDIENCE = "api"
# Where a session keeps the id of its good refresh token.
REFRESH = "refresh_token"
CUSTOMER = "customer"
ACCESS_SECONDS = 300
REFRESH_SECONDS = 14 * 24 * 3600


@dataclass(frozen=True, repr=False)
class Tokens:
    """The answer to a sign-in or a refresh; the access token lasts `expires_in` seconds."""

    access: str
    refresh: str
    expires_in: int = ACCESS_SECONDS


@dataclass(frozen=True)
class Bearer:
    """Who sent an access token, and the key of its family."""

    user: User
    family: str


def write(user: User, session: SessionBase) -> Tokens:
    """Return new tokens of a family, whose earlier refresh token is good no more; the caller saves the session."""
    sub, sid = str(user.public_id), jwts.session_key_to_sid(str(session.session_key))
    claims = {"iss": settings.SITE_URL, "aud": AUDIENCE}
    named = claims | {"role": role_of(user) or CUSTOMER}
    access, _payload = jwts.create_token("access", sub=sub, sid=sid, claims=named, expires_in=ACCESS_SECONDS)
    refresh, payload = jwts.create_token("refresh", sub=sub, sid=sid, claims=claims, expires_in=REFRESH_SECONDS)
    session[REFRESH] = payload["jti"]
    session.set_expiry(REFRESH_SECONDS)
    return Tokens(access, refresh)


def read(token: str, use: str) -> dict[str, Any] | None:
    """Return what a token for this use ("access" or "refresh") says; None if we did not sign it or it has expired."""
    payload = jwts.decode_token(token, use)
    if payload is None or payload.get("iss") != settings.SITE_URL or payload.get("aud") != AUDIENCE:
        return None
    return payload if isinstance(payload.get("exp"), int) else None


def family_of(payload: dict[str, Any]) -> str | None:
    """Return the key of the session that a token belongs to."""
    key = jwts.session_key_from_sid(payload["sid"])
    return key if key and key.isascii() and key.isalnum() else None


def person_in(session: SessionBase, payload: dict[str, Any]) -> User | None:
    """Return whose a family is; None when it has ended, or the person was shut out or has another password.

    None, too, for owners without the second step that the installation has come to ask of them.
    """
    user = get_session_user(session)
    if not isinstance(user, User) or str(user.public_id) != payload["sub"]:
        return None
    return None if must_have_second_factor(user) and not has_second_factor(user) else user


def bearer_of(token: str) -> Bearer | None:
    """Return who sent an access token; None if it is forged, expired or ended."""
    payload = read(token, "access")
    family = family_of(payload) if payload else None
    if payload is None or family is None:
        return None
    session = SessionStore(family)
    user = person_in(session, payload) if session.get(IS_APP) else None
    return Bearer(user, family) if user else None
