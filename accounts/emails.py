"""Email addresses as people type them, and as they are kept: one spelling for one mailbox."""

from typing import Any

import idna
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.typed_text import TOO_LONG, clean_identifier

MAX_TYPED = 254


def normalise(text: object) -> str:
    """Return an address in the one spelling it is kept, compared and looked up in; it need not be valid.

    NFKC, nothing invisible, lower case, the domain as ASCII (IDNA): `Mira@BÜCHER.example` and
    `mira@xn--bcher-kva.example` are one mailbox.
    """
    plain = clean_identifier(text).lower()
    name, at, domain = plain.rpartition("@")
    if not at or domain.isascii():
        return plain
    try:
        return f"{name}@{idna.encode(domain, uts46=True).decode('ascii')}"
    except idna.IDNAError:
        return plain


class EmailField(forms.EmailField):
    """Takes an address in any spelling, cleans to the one that is kept."""

    default_error_messages = {
        "required": _("Enter your email address."),
        "invalid": _("Enter an email address like name@example.com."),
        "max_length": TOO_LONG,
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Email"))
        kwargs.setdefault("max_length", MAX_TYPED)
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> str | None:
        return super().to_python(normalise(value))

    def clean(self, value: Any) -> str:
        """Return the address; name a letter that only looks right."""
        try:
            return super().clean(value)
        except ValidationError:
            odd = next((letter for letter in normalise(value).rpartition("@")[0] if not letter.isascii()), "")
            if not odd:
                raise
            message = gettext("“%(letter)s” cannot stand in an email address. Please type the address again.")
            raise ValidationError(message % {"letter": odd}, code="invalid") from None
