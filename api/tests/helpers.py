"""Helpers of the API's tests: a client that speaks JSON, and tokens of people."""

from typing import Any

from django.test import Client

from accounts.models import User
from accounts.tests.factories import PASSWORD

AUTH = "/api/v1/auth/"
TOKEN, REFRESH, LOGOUT, ME = (f"{AUTH}{name}/" for name in ("token", "refresh", "logout", "me"))


def send(path: str, body: Any = None, *, token: str = "", **extra: Any):
    """Post JSON as a program does: without cookies, each time by a new connection."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return Client().post(path, body, content_type="application/json", headers=headers, **extra)


def me(token: str):
    """Ask who a token belongs to."""
    return Client().get(ME, headers={"Authorization": f"Bearer {token}"})


def tokens_of(user: User, password: str = PASSWORD, **extra: Any) -> dict[str, Any]:
    """Return the tokens of a person who signs in."""
    response = send(TOKEN, {"login": user.email, "password": password, **extra})
    assert response.status_code == 200, response.content
    return response.json()
