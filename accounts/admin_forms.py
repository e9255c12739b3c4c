"""Forms of the CMS about staff. They only check; the services save."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.actors import actor_of
from accounts.emails import EmailField
from accounts.fields import PhoneField
from accounts.models import User
from accounts.roles import ROLES, role_of
from accounts.services.staff import change_details
from common import clock
from common.typed_text import TOO_LONG, NameField


class _StaffForm(forms.ModelForm):
    """Name, phone and role; `instance` is only read."""

    name = NameField(label=_("Name"), max_length=150)
    phone = PhoneField(label=_("Phone"), required=False)
    role = forms.ChoiceField(label=_("Role"), choices=list(ROLES.items()))

    class Meta:
        model = User
        fields: list[str] = []

    def _post_clean(self) -> None:
        """The service checks the whole and saves; `instance` stays as it is."""


class ShowablePassword(forms.PasswordInput):
    """A password that is typed for somebody else: kept after a mistake in the form, and shown by a toggle."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"autocomplete": "new-password", **(attrs or {})}, render_value=True)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        labels = {"data-show-password": gettext("Show password"), "data-hide-password": gettext("Hide password")}
        return super().get_context(name, value, {**labels, **(attrs or {})})

    class Media:
        js = ("accounts/show_password.js",)


class StaffCreateForm(_StaffForm):
    """A new member of staff."""

    email = EmailField()
    password = forms.CharField(
        label=_("Password"),
        required=False,
        strip=False,
        max_length=1000,
        error_messages={"max_length": TOO_LONG},
        widget=ShowablePassword,
        help_text=_("If you leave this empty, we send an invitation by email and they choose one themselves."),
    )
    field_order = ["name", "email", "phone", "role", "password"]

    def clean_password(self) -> str:
        """Return the password if it is good enough."""
        password = self.cleaned_data["password"]
        if password:
            validate_password(password, User(email=self.data.get("email"), name=self.data.get("name")))
        return password


class StaffEditForm(_StaffForm):
    """An existing one. People change their own email on the site, where the new address is verified first."""

    email = EmailField(
        help_text=_("A new address is invited again: their password stops working and they choose a new one.")
    )
    is_active = forms.BooleanField(
        label=_("Active"),
        required=False,
        help_text=_("Inactive people are signed out everywhere and cannot sign in."),
    )
    field_order = ["name", "email", "phone", "role", "is_active"]

    def __init__(self, *args: Any, editing_self: bool = False, **kwargs: Any) -> None:
        user = kwargs["instance"]
        role = user.groups.filter(name__in=ROLES).values_list("name", flat=True).first()
        kwargs["initial"] = {
            "name": user.name, "email": user.email, "phone": user.phone, "role": role, "is_active": user.is_active,
            **(kwargs.get("initial") or {}),
        }  # fmt: skip
        super().__init__(*args, **kwargs)
        if editing_self:
            self.fields["email"].disabled = True
            self.fields["email"].help_text = _("You change your own address on the site, under My account.")


class OwnNameForm(forms.ModelForm):
    """One's own name, on the account page of the CMS."""

    name = NameField(label=_("Name"), max_length=150)

    class Meta:
        model = User
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"name": kwargs["instance"].name, **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)

    def save(self, commit: bool = True) -> User:
        """Save through the service."""
        user = self.instance
        if role_of(user):
            change_details(user_id=user.pk, name=self.cleaned_data["name"], actor=actor_of(user), at=clock.now())
        return user
