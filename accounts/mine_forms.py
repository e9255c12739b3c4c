"""Forms of My account."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.forms import Described
from accounts.models import Address, User
from accounts.services.addresses import COLUMNS, AddressDetails
from common.typed_text import TextField


def _text(name: str, hint: Any = "", autocomplete: str = "off", required: str | Any = "") -> TextField:
    """Return the field for a column of an address; `required` is the sentence for one that is left empty."""
    column = Address._meta.get_field(name)
    field = TextField(
        label=_first_up(column.verbose_name), max_length=column.max_length, help_text=hint, required=bool(required)
    )
    field.widget.attrs["autocomplete"] = autocomplete
    if required:
        field.error_messages["required"] = required
    return field


def _first_up(label: Any) -> str:
    return f"{label[:1].upper()}{label[1:]}"


class ProfileForm(Described, forms.Form):
    """One's own name, and the language of emails where there are several."""

    name = TextField(label=_("Name"), max_length=150, error_messages={"required": _("Enter your name.")})
    language = forms.ChoiceField(label=_("Language of emails"))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        language = user.language or settings.LANGUAGE_CODE
        super().__init__(*args, initial={"name": user.name, "language": language}, **kwargs)
        self.fields["name"].widget.attrs["autocomplete"] = "name"
        self.fields["language"].choices = settings.LANGUAGES
        if len(settings.LANGUAGES) == 1:
            del self.fields["language"]


class AddressForm(Described, forms.Form):
    """An address, new or to be changed."""

    is_usual = forms.BooleanField(label=_("Use this address first"), required=False)
    field_order = ["street", "details", "postcode", "city", "recipient", "label", "note", "is_usual"]

    def __init__(self, *args: Any, address: Address | None = None, **kwargs: Any) -> None:
        initial = {name: getattr(address, name) for name in (*COLUMNS, "is_usual")} if address else {}
        super().__init__(*args, initial=initial, **kwargs)
        self.fields |= {
            "street": _text("street", autocomplete="address-line1", required=_("Enter the street and number.")),
            "details": _text("details", autocomplete="address-line2"),
            "postcode": _text("postcode", autocomplete="postal-code"),
            "city": _text("city", autocomplete="address-level2", required=_("Enter the city.")),
            "recipient": _text("recipient", _("If it is not you."), autocomplete="name"),
            "label": _text("label", _("Your own word for it, such as Home or Work.")),
            "note": _text("note", _("For example where the bell is.")),
        }
        self.order_fields(self.field_order)
        if address and address.is_usual:
            # It stays the usual one until another is.
            del self.fields["is_usual"]

    @property
    def details_given(self) -> AddressDetails:
        """Return what a valid form says."""
        return AddressDetails(**{name: self.cleaned_data[name] for name in COLUMNS})
