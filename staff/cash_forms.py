"""The form that closes a day of the cash book."""

from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.forms import Described
from common.money import minor_units
from common.number_fields import NumberField
from common.numbers_typed import Kind
from common.typed_text import TextField

LARGEST = Decimal("9999999999")


class CloseDayForm(Described, forms.Form):
    """What was in the till in the morning, what is there now, and why that differs from what is expected."""

    def __init__(self, *args: Any, opening: Decimal, **kwargs: Any) -> None:
        super().__init__(*args, initial={"opening": opening}, **kwargs)
        places = minor_units(settings.SHOP_CURRENCY)
        money = Kind(places=places, least=Decimal(0), most=LARGEST, hint=_("Enter an amount, for example 120."))
        missing = {"required": _("Enter an amount; 0 if there is nothing.")}
        self.fields["opening"] = NumberField(
            money, shown_places=places, label=_("In the till in the morning"), error_messages=missing
        )
        self.fields["counted"] = NumberField(money, shown_places=places, label=_("Counted now"), error_messages=missing)
        self.fields["reason"] = TextField(
            label=_("Why it differs"),
            required=False,
            max_length=200,
            help_text=_("Only if you counted more or less than is expected."),
            error_messages={"max_length": _("Keep the reason to 200 characters.")},
        )
        self.fields["reason"].widget.attrs["autocomplete"] = "off"
