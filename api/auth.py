"""Signing in for programs: tokens for an email or phone and a password, their renewal and their end."""

from typing import Any

from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_variables
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.forms import MAX_PASSWORD
from accounts.models import User
from accounts.roles import role_of
from accounts.second_factor import has_second_factor
from accounts.services.tokens import begin_tokens, end_tokens, rotate_tokens
from accounts.sign_in import person_behind
from accounts.tokens import CUSTOMER, Tokens
from api.fields import Input, Text, read, refuse_unknown_parameters
from common import clock

MAX_TOKEN = 4_000


class SignIn(Input):
    """`code` is one of an authenticator app, or a recovery code."""

    login = Text(max_length=254)
    password = Text(max_length=MAX_PASSWORD, trim_whitespace=False)
    code = Text(max_length=40, required=False, default="", allow_blank=True)


class Refresh(Input):
    """The refresh token that came last."""

    refresh_token = Text(max_length=MAX_TOKEN)


class Nothing(Input):
    """An empty object, or no body at all."""


class Me(serializers.Serializer):
    """What a client may want to say to the person it works for."""

    name = serializers.CharField(source="get_full_name")
    email = serializers.CharField()
    phone = serializers.SerializerMethodField()
    language = serializers.CharField()
    role = serializers.SerializerMethodField()
    second_factor = serializers.SerializerMethodField()

    def get_phone(self, user: User) -> str | None:
        return str(user.phone) if user.phone else None

    def get_role(self, user: User) -> str:
        return role_of(user) or CUSTOMER

    def get_second_factor(self, user: User) -> bool:
        return has_second_factor(user)


class View(APIView):
    """A view of the API: no parameters but those it knows, no answer to OPTIONS."""

    http_method_names = ["get", "head", "post"]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        refuse_unknown_parameters(request)


class OpenView(View):
    """A view for clients that have no access token, or an expired one."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    def get_authenticate_header(self, request: Request) -> str:
        return "Bearer"


@method_decorator(sensitive_variables("asked", "tokens"), name="post")
class TokenView(OpenView):
    """POST: tokens for a login and a password."""

    def post(self, request: Request) -> Response:
        asked = read(SignIn, request)
        user = person_behind(request._request, login=asked["login"], password=asked["password"])
        device = request.headers.get("User-Agent", "")
        return tokens_answer(begin_tokens(user=user, code=asked["code"], device=device, at=clock.now()))


@method_decorator(sensitive_variables("asked"), name="post")
class RefreshView(OpenView):
    """POST: new tokens for a refresh token, which is used up."""

    def post(self, request: Request) -> Response:
        asked = read(Refresh, request)
        return tokens_answer(rotate_tokens(refresh=asked["refresh_token"], at=clock.now()))


class LogoutView(View):
    """POST: the end of this client's tokens."""

    def post(self, request: Request) -> Response:
        read(Nothing, request)
        end_tokens(family=request.auth.family, at=clock.now())
        return Response(status=204)


class MeView(View):
    """GET: who the token belongs to."""

    def get(self, request: Request) -> Response:
        return Response(Me(request.user).data)


def tokens_answer(tokens: Tokens) -> Response:
    """Return tokens under the names that OAuth 2 clients know."""
    return Response(
        {
            "access_token": tokens.access,
            "refresh_token": tokens.refresh,
            "token_type": "Bearer",
            "expires_in": tokens.expires_in,
        }
    )
