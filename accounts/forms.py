"""allauth's forms in our words: labels, hints and errors."""

from typing import Any

from allauth.account import forms as allauth_forms
from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.validators import MaxLengthValidator
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.emails import EmailField
from accounts.fields import PhoneField
from accounts.models import SignUp, User
from accounts.services.applications import Applicant
from accounts.services.change_email import request_email_change
from accounts.services.passwords import choose_password
from accounts.sign_in import credentials_of
from common import clock
from common.typed_text import TOO_LONG, IdentifierField, NameField, TextField

MAX_PASSWORD = 1000  # hashing megabytes would be an attack
PASSWORD_HINT = _("At least 8 characters; not a common word, not digits only.")


def _word_password(field: forms.Field, label: Any, hint: Any = "") -> None:
    field.label, field.help_text = label, hint
    field.error_messages["required"] = _("Enter the password.")
    field.validators.append(MaxLengthValidator(MAX_PASSWORD, TOO_LONG))
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
    """Email or phone, and the password. `unconfirmed`: id of a sign-up that is all this person has so far."""

    unconfirmed: int | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        login = IdentifierField(label=_("Email or phone"), max_length=254)
        login.error_messages["required"] = _("Enter your email address or phone number.")
        login.widget.attrs.update(autocomplete="username", autocapitalize="none", spellcheck="false")
        self.fields["login"] = login
        self.order_fields(["login", "password", "remember"])
        _word_password(self.fields["password"], _("Password"))
        self.fields["remember"].label = _("Stay signed in on this device")

    def user_credentials(self) -> dict[str, str]:
        """Return the login in the one spelling it is kept, and the password."""
        return credentials_of(self.cleaned_data["login"], self.cleaned_data.get("password", ""))

    def _clean_with_password(self, credentials: dict[str, Any]) -> dict[str, Any]:
        try:
            return super()._clean_with_password(credentials)
        except forms.ValidationError:
            self.unconfirmed = getattr(self.request, "unconfirmed_sign_up", None)
            if self.unconfirmed is None:
                raise
            return self.cleaned_data


class SignUpForm(Described, allauth_forms.SignupForm):
    """Name, email, phone if wanted, password. Looks nobody up: known and unknown people get one answer."""

    field_order = ["name", "email", "phone", "password1"]
    name = NameField(label=_("Your name"), max_length=150)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["autocomplete"] = "name"
        self.fields["name"].error_messages["required"] = _("Enter your name.")
        self.fields["email"] = EmailField(help_text=_("We send a link there to confirm it."))
        self.fields["email"].widget.attrs["autocomplete"] = "email"
        self.order_fields(self.field_order)
        self.fields["phone"].label = _("Phone")
        self.fields["phone"].help_text = _(
            "For calls about an order. Once it is verified you can sign in with it, too."
        )
        _word_password(self.fields["password1"], _("Password"), PASSWORD_HINT)

    def validate_unique_email(self, value: str) -> str:
        return value

    def _clean_phone(self) -> None:
        """A phone that is taken is no error: that is decided once the address is verified."""


class ConfirmForm(Described, forms.Form):
    """The form behind a link that is opened in a different browser from the one of the sign-up.

    `is_noted`: name and phone were noted at the counter. Of the phone only the last digits are shown: the mailbox may
    be a stranger's, if the employee misheard its address.
    """

    name = NameField(label=_("Your name"), max_length=150, required=False)
    phone = PhoneField(required=False)
    password1 = forms.CharField(label=_("Password"), strip=False, widget=forms.PasswordInput)

    def __init__(self, *args: Any, sign_up: SignUp, is_noted: bool, **kwargs: Any) -> None:
        super().__init__(*args, initial={"name": sign_up.name} if is_noted else {}, **kwargs)
        self.sign_up = sign_up
        self.fields["name"].widget.attrs["autocomplete"] = "name"
        if is_noted and sign_up.phone:
            self.fields["phone"].help_text = gettext(
                "At our counter we noted a number that ends in %(digits)s. Leave this empty to keep it."
            ) % {"digits": sign_up.phone[-2:]}
        self.fields["password1"].widget.attrs["autocomplete"] = "new-password"
        _word_password(self.fields["password1"], _("Password"), PASSWORD_HINT)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        password, person = cleaned.get("password1"), User(email=self.sign_up.email, name=cleaned.get("name"))
        if password:
            try:
                validate_password(password, person)
            except forms.ValidationError as error:
                self.add_error("password1", error)
        return cleaned


class ActivateForm(Described, forms.Form):
    """The password behind a link that was shown at the counter."""

    password1 = forms.CharField(label=_("Password"), strip=False, widget=forms.PasswordInput)

    def __init__(self, *args: Any, sign_up: SignUp, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sign_up = sign_up
        self.fields["password1"].widget.attrs["autocomplete"] = "new-password"
        _word_password(self.fields["password1"], _("Password"), PASSWORD_HINT)

    def clean_password1(self) -> str:
        password = self.cleaned_data["password1"]
        validate_password(password, User(email=self.sign_up.email, name=self.sign_up.name))
        return password


class ApplyForm(Described, forms.Form):
    """An application to deliver, with the account it needs."""

    name = NameField(label=_("Your name"), max_length=150, error_messages={"required": _("Enter your name.")})
    email = EmailField(
        help_text=_("We send a link there to confirm it. If you buy here with an account, use another address.")
    )
    phone = PhoneField(help_text=_("We call you on it."))
    message = TextField(
        label=_("About you"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Where and when you would deliver, and by which means."),
    )  # fmt: skip
    password1 = forms.CharField(label=_("Password"), strip=False, widget=forms.PasswordInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, token in (("name", "name"), ("email", "email"), ("password1", "new-password")):
            self.fields[name].widget.attrs["autocomplete"] = token
        _word_password(self.fields["password1"], _("Password"), PASSWORD_HINT)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("password1"):
            try:
                validate_password(cleaned["password1"], User(email=cleaned.get("email"), name=cleaned.get("name")))
            except forms.ValidationError as error:
                self.add_error("password1", error)
        return cleaned

    def applicant(self) -> Applicant:
        """Return what was typed."""
        data = self.cleaned_data
        return Applicant(
            email=data["email"], name=data["name"], phone=data["phone"], password=data["password1"],
            message=data["message"],
        )  # fmt: skip


class PhoneForm(Described, forms.Form):
    """The phone of an account; empty takes it away."""

    phone = PhoneField(required=False, help_text=_("Empty if you would rather not be called."))


class CodeForm(Described, forms.Form):
    """The code that was texted."""

    code = IdentifierField(label=_("Code"), max_length=20, error_messages={"required": _("Enter the six digits.")})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs.update(autocomplete="one-time-code", inputmode="numeric", spellcheck="false")


class LinkForm(Described, forms.Form):
    """The address to send a link to. Looks nobody up."""

    email = EmailField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].widget.attrs["autocomplete"] = "email"


class NewPasswordForm(Described, allauth_forms.ResetPasswordKeyForm):
    """A new password, typed once: it can be shown."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["password2"]
        _word_password(self.fields["password1"], _("New password"), PASSWORD_HINT)

    def save(self) -> None:
        """Set it; the link that led here proves the mailbox. Raises Overtaken."""
        choose_password(user=self.user, password=self.cleaned_data["password1"], at=clock.now())


class ChangePasswordForm(Described, allauth_forms.ChangePasswordForm):
    """The current password and a new one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["password2"]
        _word_password(self.fields["oldpassword"], _("Current password"))
        _word_password(self.fields["password1"], _("New password"), PASSWORD_HINT)

    def clean_oldpassword(self) -> str:
        """Check it within the limits of signing in: a session left open is no way to guess the password."""
        if not get_adapter().reauthenticate(self.user, self.cleaned_data["oldpassword"]):
            raise get_adapter().validation_error("enter_current_password")
        return self.cleaned_data["oldpassword"]


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
    """The address to change to. Says nothing about other accounts. `is_mailed`: the link was sent."""

    is_mailed = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hint = _("We send a link there; until you confirm it the old address stays.")
        self.fields["email"] = EmailField(label=_("New email"), help_text=hint)
        self.fields["email"].widget.attrs["autocomplete"] = "email"

    def clean_email(self) -> str:
        email = self.cleaned_data["email"]
        if email == self.user.email:
            raise get_adapter().validation_error("duplicate_email")
        return email

    def save(self, request: HttpRequest) -> EmailAddress:
        """Note the wish and have the link sent. Raises TooManyAttempts."""
        wanted = {"user_id": self.user.pk, "email": self.cleaned_data["email"]}
        row, self.is_mailed = request_email_change(**wanted, at=clock.now())
        return row
