"""Checking a password at sign-in: one look-up and one hash, for known and unknown people alike."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.hashers import check_password
from django.http import HttpRequest

from accounts.browser import sign_ups_of
from accounts.models import User
from accounts.selectors import find_by_login, sign_up_for


class SignInBackend(AuthenticationBackend):
    """Knows a person by the account's own email or phone; never by an address that waits to be confirmed.

    The right password of a sign-up that is not confirmed yet lets nobody in; it is noted as
    `request.unconfirmed_sign_up`, so that the answer can say what is missing.
    """

    def _authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:
        login = credentials.get("email") or credentials.get("phone") or credentials.get("username") or ""
        password = credentials["password"]
        user = find_by_login(login)
        if user is not None:
            return self._check_password(user, password)
        sign_up = sign_up_for(login, preferred=sign_ups_of(request) if request else [])
        if sign_up is not None:
            self._did_check_password = True
            if check_password(password, sign_up.password) and request is not None:
                request.unconfirmed_sign_up = sign_up.pk
        return None
