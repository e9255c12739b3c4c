"""The look-up form of guests."""

from django import forms
from django.utils.translation import gettext_lazy as _

from common.typed_text import IdentifierField


class FindOrderForm(forms.Form):
    """An order's number and the phone or email it was made with."""

    number = IdentifierField(
        label=_("Order number"),
        max_length=20,
        help_text=_("Eight letters and digits, for example 4QX7 K2MD."),
        widget=forms.TextInput(
            attrs={"class": "input", "autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
        error_messages={
            "required": _("Enter the order number."),
            "max_length": _("An order number has eight letters and digits."),
        },
    )
    contact = IdentifierField(
        label=_("Phone or email"),
        max_length=254,
        help_text=_("The one you gave when you ordered."),
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "email"}),
        error_messages={
            "required": _("Enter the phone number or the email of the order."),
            "max_length": _("Keep the phone number or email under %(limit_value)d characters."),
        },
    )
