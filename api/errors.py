"""Refusals as problem details (RFC 9457), in one shape for those of services, of input and of the framework.

`code` is stable; `detail` is a sentence for people. `errors` lists sentences by field.
"""

import http
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from rest_framework import exceptions, status

from accounts.services.lock import AccountGone
from accounts.services.second_factor import WrongCode
from accounts.services.tokens import BadToken, NoTokens
from accounts.sign_in import WrongPassword
from common.errors import DomainError
from common.incoming import SEND_JSON
from common.refusals import Refusal, answer
from common.throttle import TooManyAttempts

# Refusals that say who may not go on; all others say that the world has changed.
UNKNOWN_PERSON = (WrongPassword, NoTokens, WrongCode, BadToken, AccountGone)
CODES = {
    exceptions.ParseError: "unreadable",
    exceptions.NotAuthenticated: "token_required",
}


def answer_to(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """Return the answer to an error of a view; None leaves it to the handlers of the site."""
    refusal = _refusal_of(error, context)
    if refusal is None:
        return None
    response = answer(context["request"]._request, refusal)
    if refusal.status == status.HTTP_401_UNAUTHORIZED:
        response["WWW-Authenticate"] = "Bearer"
    return response


def _refusal_of(error: Exception, context: dict[str, Any]) -> Refusal | None:
    if isinstance(error, DomainError):
        return _of_service(error)
    if isinstance(error, Http404):
        return _refusal(404, "not_found", _("There is no such thing, or not for you."))
    if isinstance(error, PermissionDenied):
        return _refusal(403, "forbidden", _("You may not do this."))
    if isinstance(error, exceptions.ValidationError):
        sentence = _("Some of what was sent cannot be used. Nothing was changed.")
        return _refusal(422, "invalid", sentence, errors=_by_field(error.detail))
    if isinstance(error, exceptions.NotAuthenticated):
        return _refusal(401, "token_required", _("Send an access token: Authorization: Bearer <token>."))
    if isinstance(error, exceptions.MethodNotAllowed):
        sentence = _("This address takes %(methods)s, not %(method)s. Nothing was changed.")
        methods = _(" or ").join(context["view"].allowed_methods)
        words = {"methods": methods, "method": context["request"].method}
        return _refusal(405, "method_not_allowed", sentence % words)
    if isinstance(error, exceptions.UnsupportedMediaType):
        return _refusal(415, "content_type", str(SEND_JSON))
    if isinstance(error, exceptions.APIException):
        code = CODES.get(type(error)) or str(error.get_codes())
        return _refusal(error.status_code, code, str(error.detail))
    return None


def _of_service(error: DomainError) -> Refusal:
    if isinstance(error, TooManyAttempts):
        return _refusal(429, error.code, error.message, retry_after=error.extra["retry_after"])
    return _refusal(401 if isinstance(error, UNKNOWN_PERSON) else 409, error.code, error.message)


def _refusal(number: int, code: str, sentence: str, *, retry_after: int | None = None, **members: object) -> Refusal:
    return Refusal(number, code, http.HTTPStatus(number).phrase, sentence, retry_after, members)


def _by_field(detail: Any) -> dict[str, list[str]]:
    named = detail if isinstance(detail, dict) else {"": detail}
    return {name: [str(sentence) for sentence in sentences] for name, sentences in named.items()}
