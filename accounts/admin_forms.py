"""Forms of the CMS about staff. They only check; the services save."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from accounts.emails import EmailField
from accounts.fields import PhoneField
from accounts.models import User
from accounts.roles import ROLES, role_of
from accounts.services.staff import change_details
from common import clock
from common.actors import Actor
from common.typed_text import TextField


class _StaffForm(forms.ModelForm):
    """Name, phone and role; `instance` is only read."""

    name = TextField(label=_("Name"), max_length=150)
    phone = PhoneField(label=_("Phone"), required=False)
    role = forms.ChoiceField(label=_("Role"), choices=list(ROLES.items()))

    class Meta:
        model = User
        fields: list[str] = []

    def _post_clean(self) -> None:
        """The service checks the whole and saves; `instance` stays as it is."""


class StaffCreateForm(_StaffForm):
    """A new member of staff."""

    email = EmailField()
    password = forms.CharField(
        label=_("Password"),
        required=False,
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Leave empty and the person chooses one by “Forgotten your password?” on the sign-in page."),
    )
    field_order = ["name", "email", "phone", "role", "password"]

    def clean_password(self) -> str:
        """Return the password if it is good enough."""
        password = self.cleaned_data["password"]
        if password:
            validate_password(password, User(email=self.data.get("email"), name=self.data.get("name")))
        return password


class StaffEditForm(_StaffForm):
    """An existing one. The e-mail is his own to change, on the site."""

    is_active = forms.BooleanField(
        label=_("Active"),
        required=False,
        help_text=_("Whoever is not active is signed out everywhere and cannot sign in."),
    )
    field_order = ["name", "phone", "role", "is_active"]

    def __init__(self, *args: Any, editing_self: bool = False, **kwargs: Any) -> None:
        user = kwargs["instance"]
        role = user.groups.filter(name__in=ROLES).values_list("name", flat=True).first()
        kwargs["initial"] = {
            "name": user.name, "phone": user.phone, "role": role, "is_active": user.is_active,
            **(kwargs.get("initial") or {}),
        }  # fmt: skip
        super().__init__(*args, **kwargs)


class OwnNameForm(forms.ModelForm):
    """One's own name, on the account page of the CMS."""

    name = TextField(label=_("Name"), max_length=150)

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
            actor = Actor(user.get_short_name() or str(user.pk), user.pk)
            change_details(user_id=user.pk, name=self.cleaned_data["name"], actor=actor, at=clock.now())
        return user
