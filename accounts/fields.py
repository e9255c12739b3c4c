"""The form field for phone numbers."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.phones import MAX_TYPED, normalise


class PhoneField(forms.CharField):
    """Takes a number as people write it, cleans to E.164, shows what was typed."""

    default_error_messages = {
        "required": _("Enter your phone number."),
        "invalid": _("Enter a phone number with its country code, for example +31 6 12345678."),
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Phone"))
        kwargs.setdefault("max_length", MAX_TYPED)
        attrs = {"type": "tel", "autocomplete": "tel", "inputmode": "tel"}
        kwargs.setdefault("widget", forms.TextInput(attrs=attrs))
        super().__init__(**kwargs)

    def clean(self, value: Any) -> str:
        """Return the number in E.164, "" when there is none."""
        text = super().clean(value)
        if not text:
            return ""
        number = normalise(text)
        if number is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return number
