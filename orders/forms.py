"""The forms of the buyer's pages: looking an order up, asking for an invoice."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.typed_text import IdentifierField, NameField, TextField
from orders.services.documents import LONGEST_LINE, LONGEST_NAME, LONGEST_VAT, MOST_LINES, InvoiceBuyer


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


class InvoiceForm(forms.Form):
    """The buyer as an invoice names them."""

    use_required_attribute = False

    name = NameField(
        label=_("Name or company"),
        max_length=LONGEST_NAME,
        error_messages={
            "required": _("Enter the name that the invoice is for."),
            "max_length": _("Keep the name under %(limit_value)d characters."),
        },
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "organization"}),
    )
    address = TextField(
        label=_("Address"),
        help_text=_("One line for each line of the address, at most six."),
        error_messages={"required": _("Enter the address that the invoice is for.")},
        widget=forms.Textarea(attrs={"class": "input", "rows": 3, "autocomplete": "street-address"}),
    )
    vat = NameField(
        label=_("VAT number"),
        max_length=LONGEST_VAT,
        required=False,
        error_messages={"max_length": _("Keep the VAT number under %(limit_value)d characters.")},
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="invoice-%s", **kwargs)
        for name, field in self.fields.items():
            described = [f"invoice-{name}-hint"] if field.help_text else []
            if self.is_bound and self.errors.get(name):
                described.append(f"invoice-{name}-error")
                field.widget.attrs["aria-invalid"] = "true"
            if described:
                field.widget.attrs["aria-describedby"] = " ".join(described)

    def clean_address(self) -> str:
        lines = [line.strip() for line in self.cleaned_data["address"].splitlines() if line.strip()]
        if len(lines) > MOST_LINES:
            raise forms.ValidationError(_("Keep the address to six lines."))
        if any(len(line) > LONGEST_LINE for line in lines):
            raise forms.ValidationError(_("Keep each line of the address to 100 characters."))
        return "\n".join(lines)

    @property
    def buyer(self) -> InvoiceBuyer:
        """Return the buyer of a valid form."""
        given = self.cleaned_data
        return InvoiceBuyer(given["name"], given["address"].splitlines(), given["vat"])
