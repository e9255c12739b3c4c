"""The checkout form for collection, with three required fields to type."""

from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.emails import EmailField
from accounts.fields import PhoneField
from common.form_drawing import QuickFields
from common.typed_text import TextField
from orders.gateways.registry import offered
from stock.models import Shop

_LOOK_AGAIN = _("Please look at the total and place the order again.")
PHONE_HINT = _("Only if something is wrong with the order.")


class ContactForm(forms.Form):
    """Buyer, shop and payment. The hidden fields hold the cart and the prices shown on the page."""

    use_required_attribute = False
    # One for all forms: each renderer builds a template engine of its own.
    default_renderer = QuickFields()

    shop = forms.ChoiceField(label=_("Shop"), error_messages={"required": _("Choose where to collect your order.")})
    name = TextField(
        label=_("Full name"),
        max_length=150,
        error_messages={
            "required": _("Enter your name, so that we know who the order is for."),
            "max_length": _("Keep the name under %(limit_value)d characters."),
        },
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "name"}),
    )
    phone = PhoneField(
        help_text=PHONE_HINT,
        error_messages={
            "required": _("Enter a phone number, for example 020 555 0142."),
            "max_length": _("Keep the phone number under %(limit_value)d characters."),
        },
        widget=forms.TextInput(attrs={"class": "input", "type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
    )
    email = EmailField(
        help_text=_("For the receipt and the collection code."),
        error_messages={
            "required": _("Enter an email address, for example mila@example.com."),
            "invalid": _("Enter an email address in the right form, for example mila@example.com."),
            "max_length": _("Keep the email address under %(limit_value)d characters."),
        },
        widget=forms.EmailInput(attrs={"class": "input", "autocomplete": "email"}),
    )
    comment = TextField(
        label=_("Note for the shop"),
        max_length=500,
        required=False,
        error_messages={"max_length": _("Keep the note under %(limit_value)d characters; it has %(show_value)d.")},
        widget=forms.Textarea(attrs={"class": "input", "rows": 3}),
    )
    payment_method = forms.ChoiceField(
        label=_("Payment"),
        error_messages={"required": _("Choose how to pay."), "invalid_choice": _("Choose how to pay.")},
    )
    confirmed_total = forms.DecimalField(
        max_digits=12,
        decimal_places=2,
        error_messages={"required": _LOOK_AGAIN, "invalid": _LOOK_AGAIN},
        widget=forms.HiddenInput,
    )
    confirmed_quote = forms.CharField(
        max_length=64, required=False, error_messages={"max_length": _LOOK_AGAIN}, widget=forms.HiddenInput
    )
    cart_key = forms.UUIDField(required=False, error_messages={"invalid": _LOOK_AGAIN}, widget=forms.HiddenInput)

    def __init__(self, *args: object, shops: Sequence[Shop], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.shops = {shop.code: shop for shop in shops}
        self.fields["shop"].choices = [(code, shop.name_text) for code, shop in self.shops.items()]
        self.fields["shop"].error_messages["invalid_choice"] = _("Choose one of the shops below.")
        self.gateways = offered()
        self.fields["payment_method"].choices = [(gateway.code, gateway.label) for gateway in self.gateways]
        for name, field in self.fields.items():
            described = [f"id_{name}-hint"] if field.help_text else []
            if self.is_bound and self.errors.get(name):
                described.append(f"id_{name}-error")
                field.widget.attrs["aria-invalid"] = "true"
            if described:
                field.widget.attrs["aria-describedby"] = " ".join(described)

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        if not any(character.isalnum() for character in name):
            raise forms.ValidationError(_("Enter your name, so that we know who the order is for."))
        return name
