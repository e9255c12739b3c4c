"""The form field for phone numbers."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.phones import MAX_TYPED, BadPhone, read_phone
from common.typed_text import TOO_LONG


class PhoneField(forms.CharField):
    """Takes a number as people write it, cleans to E.164, shows what was typed."""

    default_error_messages = {"required": _("Enter your phone number."), "max_length": TOO_LONG}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Phone"))
        kwargs.setdefault("max_length", MAX_TYPED)
        attrs = {"type": "tel", "autocomplete": "tel", "inputmode": "tel"}
        kwargs.setdefault("widget", forms.TextInput(attrs=attrs))
        super().__init__(**kwargs)

    def clean(self, value: Any) -> str:
        """Return the number in E.164, "" if there is none."""
        text = super().clean(value)
        if not text:
            return ""
        try:
            return read_phone(text)
        except BadPhone as error:
            raise ValidationError(error.message, code="invalid") from error
