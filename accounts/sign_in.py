"""The person behind an email or phone and a password, for faces that show no form."""

from allauth.account.adapter import get_adapter
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.emails import normalise
from accounts.models import User
from accounts.phones import look_up_form
from accounts.services.tokens import unconfirmed
from common.errors import DomainError
from common.throttle import TooManyAttempts
from common.typed_text import clean_identifier


class WrongPassword(DomainError):
    """Nobody has this email or phone with this password; who tries does not learn which of them is wrong."""

    code = "wrong_password"


def credentials_of(login: str, password: str) -> dict[str, str]:
    """Return the login in the one spelling it is kept, and the password."""
    name, kept = ("email", normalise(login)) if "@" in login else ("phone", look_up_form(login) or login)
    return {name: kept, "password": password}


def person_behind(request: HttpRequest, *, login: str, password: str) -> User:
    """Return whose email or phone and password these are; they may be inactive.

    Wrong passwords count as they do on the site's form. Raises WrongPassword, NoTokens, TooManyAttempts.
    """
    try:
        user = get_adapter().authenticate(request, **credentials_of(clean_identifier(login), password))
    except ValidationError as error:
        extra = {"retry_after": (error.params or {})["retry_after"]}
        raise TooManyAttempts(error.messages[0], extra=extra) from None
    if user is not None:
        return user
    if getattr(request, "unconfirmed_sign_up", None):
        raise unconfirmed()
    raise WrongPassword(_("The email or phone and the password don’t match."))
