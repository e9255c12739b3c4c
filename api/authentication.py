"""Who sends a request to the API: the bearer of an access token in the header Authorization, nothing else."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from accounts.models import User
from accounts.tokens import Bearer, bearer_of


class TokenAuthentication(BaseAuthentication):
    """`request.user` and `request.auth` of an access token. Cookies, queries and bodies are never looked at."""

    def authenticate(self, request: Request) -> tuple[User, Bearer] | None:
        scheme, _space, token = get_authorization_header(request).partition(b" ")
        if not scheme:
            return None
        bearer = None
        if scheme.lower() == b"bearer" and token.isascii():
            bearer = bearer_of(token.decode().strip())
        if bearer is None:
            raise AuthenticationFailed(_("This token is not valid any more. Sign in again."), code="invalid_token")
        return bearer.user, bearer

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class AlwaysJson(DefaultContentNegotiation):
    """Answers are JSON, whatever the client says it accepts."""

    def select_renderer(
        self, request: Request, renderers: Sequence[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, Any]:
        return renderers[0], renderers[0].media_type
