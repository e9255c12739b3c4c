"""Forms of the second factor: one field, a code."""

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.base.forms import AuthenticateForm
from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.forms import Described
from accounts.services.second_factor import check_code
from common import clock
from common.errors import DomainError
from common.throttle import TooManyAttempts
from common.typed_text import IdentifierField

LOCKED = "too_many_login_attempts"


def _code_field(hint: Any = "") -> forms.Field:
    field = IdentifierField(label=_("Code"), max_length=40, help_text=hint)
    field.error_messages["required"] = _("Enter the code.")
    field.widget.attrs.update(autocomplete="one-time-code", autocapitalize="none", spellcheck="false")
    return field


def refusal(error: DomainError) -> forms.ValidationError:
    """Return a service's refusal of a code for a form; too many attempts say how long to wait."""
    if not isinstance(error, TooManyAttempts):
        return forms.ValidationError(error.message, code=error.code)
    seconds = error.extra["retry_after"]
    minutes = -(-seconds // 60)
    message = gettext("Too many wrong codes. Wait %(minutes)s min, then try again.")
    return forms.ValidationError(message, code=LOCKED, params={"minutes": minutes, "retry_after": seconds})


class CodeForm(Described, AuthenticateForm):
    """The code asked for after the password: of the app, or a recovery code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = _code_field(_("From your authenticator app. Without it, use a recovery code."))
        self.fields["code"].widget.attrs["autofocus"] = True

    def clean_code(self) -> str:
        """Use the code up."""
        if not self.user.is_active:  # since the password was given
            raise forms.ValidationError(gettext("This account is not active any more."))
        try:
            self.authenticator = check_code(user_id=self.user.pk, code=self.cleaned_data["code"], at=clock.now())
        except DomainError as error:
            raise refusal(error) from None
        self.authenticator.user = self.user
        return self.cleaned_data["code"]

    def note(self, request: HttpRequest) -> None:
        """Note in the session that a code was given."""
        record_authentication(request, self.user, "mfa", id=self.authenticator.pk, type=self.authenticator.type)


class TurnOnForm(Described, forms.Form):
    """The first code of an app; the service looks at it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = _code_field(_("The six digits that the app shows now."))
