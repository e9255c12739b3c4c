"""allauth's forms in our words: labels, hints and errors."""

from typing import Any

from allauth.account import forms as allauth_forms
from django import forms
from django.core.validators import MaxLengthValidator
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.services.register import EmailTaken, register_customer
from common import clock
from common.actors import GUEST

MAX_PASSWORD = 1000  # hashing megabytes would be an attack
PASSWORD_HINT = _("At least 8 characters; not a common word, not digits only.")
EMAIL_ERROR = _("Enter an e-mail address like name@example.com.")


def _word_password(field: forms.Field, label: Any, hint: Any = "") -> None:
    field.label, field.help_text = label, hint
    field.error_messages["required"] = _("Enter the password.")
    field.validators.append(MaxLengthValidator(MAX_PASSWORD))
    field.widget.attrs.pop("placeholder", None)


def _word_email(field: forms.Field, hint: Any = "") -> None:
    field.label, field.help_text = _("E-mail"), hint
    field.error_messages.update(required=_("Enter your e-mail address."), invalid=EMAIL_ERROR)
    field.widget.attrs.pop("placeholder", None)


class Described:
    """Fields look like the shop's and name their hint and error, which components/field.html draws."""

    def __getitem__(self, name: str) -> forms.BoundField:
        bound = super().__getitem__(name)
        attrs = bound.field.widget.attrs
        if not isinstance(bound.field.widget, forms.CheckboxInput):
            attrs["class"] = "input"
        ids = [f"{bound.auto_id}-hint"] if bound.field.help_text else []
        if self._errors and name in self._errors:
            ids.append(f"{bound.auto_id}-error")
        if ids:
            attrs["aria-describedby"] = " ".join(ids)
        return bound


class SignInForm(Described, allauth_forms.LoginForm):
    """E-mail or phone, and the password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        login = forms.CharField(label=_("E-mail or phone"), max_length=254)
        login.error_messages["required"] = _("Enter your e-mail address or phone number.")
        login.widget.attrs.update(autocomplete="username", autocapitalize="none", spellcheck="false")
        self.fields["login"] = login
        self.order_fields(["login", "password", "remember"])
        _word_password(self.fields["password"], _("Password"))
        self.fields["remember"].label = _("Stay signed in on this device")


class SignUpForm(Described, allauth_forms.SignupForm):
    """Name, e-mail, phone if wanted, password. Answers the same for known and unknown people."""

    field_order = ["name", "email", "phone", "password1"]

    account_already_exists: bool
    name = forms.CharField(label=_("Your name"), max_length=150)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["autocomplete"] = "name"
        self.fields["name"].error_messages["required"] = _("Enter your name.")
        _word_email(self.fields["email"], _("We send a link there to confirm it."))
        self.fields["phone"].label = _("Phone")
        self.fields["phone"].help_text = _("To sign in with, and for the shop to call you about an order.")
        _word_password(self.fields["password1"], _("Password"), PASSWORD_HINT)

    def _clean_phone(self) -> None:
        """A phone that is taken is no error and no other answer: the service leaves it out."""

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        """Make the account, or pretend to, in about the same time."""
        if not self.account_already_exists:
            try:
                return self.save(request), None
            except EmailTaken:
                self.account_already_exists = True
        User().set_password(self.cleaned_data["password1"])
        return super().try_save(request)

    def save(self, request: HttpRequest) -> User:
        """Make the account. Raises EmailTaken."""
        data = self.cleaned_data
        return register_customer(
            email=data["email"], name=data["name"], phone=data.get("phone") or "", password=data["password1"],
            language=get_language() or "", actor=GUEST, at=clock.now(),
        )  # fmt: skip


class ResetPasswordForm(Described, allauth_forms.ResetPasswordForm):
    """The address to send the link to."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word_email(self.fields["email"])


class NewPasswordForm(Described, allauth_forms.ResetPasswordKeyForm):
    """A new password, typed once: it can be shown."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["password2"]
        _word_password(self.fields["password1"], _("New password"), PASSWORD_HINT)


class ChangePasswordForm(Described, allauth_forms.ChangePasswordForm):
    """The present password and a new one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["password2"]
        _word_password(self.fields["oldpassword"], _("Present password"))
        _word_password(self.fields["password1"], _("New password"), PASSWORD_HINT)


class SetPasswordForm(Described, allauth_forms.SetPasswordForm):
    """The first password of an account that has none."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["password2"]
        _word_password(self.fields["password1"], _("New password"), PASSWORD_HINT)


class ReauthenticateForm(Described, allauth_forms.ReauthenticateForm):
    """The password once more."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word_password(self.fields["password"], _("Password"))


class ChangeEmailForm(Described, allauth_forms.AddEmailForm):
    """The address to change to."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word_email(self.fields["email"], _("We send a link there; until you confirm it the old address stays."))
        self.fields["email"].label = _("New e-mail")


class ResendForm(Described, forms.Form):
    """Where to send a new confirmation link."""

    email = forms.EmailField(label=_("E-mail"), max_length=254)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].widget.attrs["autocomplete"] = "email"
        _word_email(self.fields["email"])
