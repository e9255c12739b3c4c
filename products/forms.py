"""Forms of the admin that are not about a page: quick add."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.images.widgets import AdminImageChooser
from wagtail.models import Locale

from common.errors import DomainError
from common.models import Picture
from common.quantity import UNIT_CHOICES, parse_quantity
from products.models import CategoryPage, ProductPage
from products.models.choices import Allergen
from stock.models import Shop


class QuantityField(forms.CharField):
    """A quantity as people type it, read by `common.quantity`; empty is None."""

    def clean(self, value: object) -> Decimal | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_quantity(text)
        except DomainError as error:
            raise ValidationError(error.message) from error


class QuickAddForm(forms.Form):
    """Everything a product needs to be sold, on one short form."""

    name = forms.CharField(label=_("Name"), max_length=255)
    category = forms.ModelChoiceField(label=_("Category"), queryset=CategoryPage.objects.none())
    price = forms.DecimalField(label=_("Price"), max_digits=12, decimal_places=4)
    unit = forms.ChoiceField(label=_("Sold by"), choices=UNIT_CHOICES, initial="pc")
    code = forms.CharField(
        label=_("Article"), max_length=64, required=False, help_text=_("Left empty, it is made from the name.")
    )
    allergen_status = forms.ChoiceField(
        label=_("Allergen declaration"), choices=ProductPage.AllergenStatus.choices, widget=forms.RadioSelect
    )
    allergens = forms.MultipleChoiceField(
        label=_("Contains"), choices=Allergen.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    picture = forms.ModelChoiceField(
        label=_("Picture"), queryset=Picture.objects.all(), required=False, widget=AdminImageChooser
    )

    def __init__(self, *args: Any, shops: list[Shop], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].queryset = CategoryPage.objects.filter(locale=Locale.get_default()).order_by("path")
        self.shops = shops
        for shop in shops:
            label = gettext("Opening stock, %(shop)s") % {"shop": shop}
            self.fields[f"stock_{shop.pk}"] = QuantityField(label=label, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        status, allergens = cleaned.get("allergen_status"), cleaned.get("allergens")
        if status == ProductPage.AllergenStatus.DECLARED and not allergens:
            self.add_error("allergens", gettext("Tick the allergens it contains, or say that there are none."))
        elif allergens and status and status != ProductPage.AllergenStatus.DECLARED:
            self.add_error("allergen_status", gettext("Allergens are ticked: choose that they are listed."))
        return cleaned

    def stock(self) -> dict[int, Decimal]:
        """Return {shop id: quantity} of what was entered."""
        given = {shop.pk: self.cleaned_data.get(f"stock_{shop.pk}") for shop in self.shops}
        return {shop_id: quantity for shop_id, quantity in given.items() if quantity}
