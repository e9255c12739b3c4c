"""Forms about customers at the counter."""

import secrets
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from accounts.emails import EmailField
from accounts.fields import PhoneField
from accounts.forms import MAX_PASSWORD, PASSWORD_HINT, Described
from accounts.models import Registration, User
from accounts.services.counter import NewCustomer
from common.typed_text import NameField, TextField


class RegisterForm(Described, forms.Form):
    """A customer at the counter. Looks nobody up: the service does, counts it and records it.

    `nonce` makes a repeated post safe.
    """

    name = NameField(label=_("Name"), max_length=150, error_messages={"required": _("Enter the customer’s name.")})
    email = EmailField(help_text=_("We send a link there; the account works once they have opened it."))
    phone = PhoneField(required=False, help_text=_("For calls about an order, and to be found at the counter."))
    way = forms.ChoiceField(
        choices=Registration.Way.choices, widget=forms.RadioSelect, initial=Registration.Way.SCREEN,
        error_messages={"required": _("Choose how they get in."), "invalid_choice": _("Choose how they get in.")},
    )  # fmt: skip
    password = forms.CharField(
        label=_("Password"), required=False, strip=False, help_text=PASSWORD_HINT, widget=forms.PasswordInput,
        validators=[MaxLengthValidator(MAX_PASSWORD)],
    )  # fmt: skip
    agreed = forms.BooleanField(
        error_messages={"required": _("Ask the customer: without their consent there is no account.")}
    )
    news = forms.BooleanField(required=False)
    nonce = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, initial={"nonce": secrets.token_urlsafe(16)}, **kwargs)
        for name in ("name", "email", "phone"):
            self.fields[name].widget.attrs["autocomplete"] = "off"
        self.fields["password"].widget.attrs["autocomplete"] = "new-password"

    def clean(self) -> dict[str, Any]:
        """Check the password only if it is the way chosen."""
        cleaned = super().clean()
        if cleaned.get("way") != Registration.Way.PASSWORD or "password" not in cleaned:
            return cleaned
        password = cleaned["password"]
        if not password:
            self.add_error("password", _("Let the customer type a password, or choose another way."))
            return cleaned
        try:
            validate_password(password, User(email=cleaned.get("email"), name=cleaned.get("name")))
        except forms.ValidationError as error:
            self.add_error("password", error)
        return cleaned

    def customer(self) -> NewCustomer:
        """Return what was typed; the password only if that is the way."""
        data = self.cleaned_data
        types_password = data["way"] == Registration.Way.PASSWORD
        return NewCustomer(
            email=data["email"], name=data["name"], phone=data["phone"], way=data["way"],
            password=data["password"] if types_password else "", agreed_to_news=data["news"],
        )  # fmt: skip


class LookUpForm(Described, forms.Form):
    """A whole phone number."""

    phone = PhoneField(help_text=_("The whole number, as the customer says it."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["phone"].widget.attrs["autocomplete"] = "off"


class ReasonForm(forms.Form):
    """Why an application is refused."""

    reason = TextField(
        label=_("Reason (the applicant reads it)"),
        max_length=500,
        error_messages={
            "required": _("Give a reason: the applicant reads it."),
            "max_length": _("Keep the reason to 500 characters."),
        },
    )
