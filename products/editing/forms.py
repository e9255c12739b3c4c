"""Forms of the admin that are not about a page: quick add."""

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.images.widgets import AdminImageChooser
from wagtail.models import Locale

from common.models import Picture
from common.number_fields import NumberField
from common.quantity import QUANTITY, UNIT_CHOICES
from products.models import CategoryPage, TaxClass
from products.models.choices import Allergen, AllergenStatus
from products.prices import PRICE
from products.tax_classes import tax_classes, with_rate
from stock.models import Shop


class TaxClassField(forms.ModelChoiceField):
    """A choice among tax classes, each with its rate of today."""

    def label_from_instance(self, obj: Any) -> str:
        return with_rate(obj)


class CategoryField(forms.ModelChoiceField):
    """A choice among categories, each with those above it: two may have one name."""

    def label_from_instance(self, obj: Any) -> str:
        return " › ".join([*self.above(obj), obj.title])

    def above(self, category: CategoryPage) -> list[str]:
        """Return the titles of the categories above one, from the top."""
        steps = range(CategoryPage.steplen, len(category.path), CategoryPage.steplen)
        return [self.titles[category.path[:end]] for end in steps if category.path[:end] in self.titles]

    @cached_property
    def titles(self) -> dict[str, str]:
        """Return {path: title} of all categories on offer."""
        return dict(self.queryset.values_list("path", "title"))


class QuickAddForm(forms.Form):
    """The shortest form that puts a product on sale. `key` tells two forms from one that is sent twice."""

    MORE = ("step", "code")

    key = forms.UUIDField(required=False, widget=forms.HiddenInput, initial=uuid.uuid4)
    name = forms.CharField(label=_("Name"), max_length=255)
    category = CategoryField(
        label=_("Category"), queryset=CategoryPage.objects.none(), required=False, empty_label=_("Choose a category")
    )
    new_category = forms.CharField(label=_("Or a new category"), max_length=255, required=False)
    price = NumberField(PRICE, label=_("Price"), shown_places=2)
    unit = forms.ChoiceField(label=_("Sold by"), choices=UNIT_CHOICES, initial="pc")
    tax_class = TaxClassField(
        label=_("Tax class"),
        queryset=TaxClass.objects.none(),
        to_field_name="code",
        empty_label=_("Choose a tax class"),
        help_text=_("The price includes this tax."),
    )
    step = NumberField(
        QUANTITY,
        label=_("In steps of"),
        required=False,
        help_text=_("If you leave this empty: 1; for kilograms, litres and metres 0.1; for grams and millilitres 50."),
    )
    code = forms.CharField(
        label=_("Article"),
        max_length=64,
        required=False,
        help_text=_("If you leave this empty, it is made from the name."),
    )
    allergen_status = forms.ChoiceField(
        label=_("Allergen declaration"), choices=AllergenStatus.choices, widget=forms.RadioSelect
    )
    allergens = forms.MultipleChoiceField(
        label=_("Contains"), choices=Allergen.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    picture = forms.ModelChoiceField(
        label=_("Picture"), queryset=Picture.objects.all(), required=False, widget=AdminImageChooser
    )

    def __init__(self, *args: Any, shops: list[Shop], may_add_category: bool, at: dt.datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["price"].label = gettext("Price in %(currency)s") % {"currency": settings.SHOP_CURRENCY}
        known = self.fields["tax_class"].queryset = tax_classes(at)
        if len(known) < 2:
            del self.fields["tax_class"]
        if len(known) == 1:
            self.fields["price"].help_text = gettext("Includes tax: %(class)s.") % {"class": with_rate(known[0])}
        categories = CategoryPage.objects.filter(locale=Locale.get_default()).order_by("path")
        self.fields["category"].queryset = categories
        if not may_add_category:
            del self.fields["new_category"]
        elif not categories.exists():
            # The first product of a new shop: there is nothing to choose from.
            del self.fields["category"]
            self.fields["new_category"].label = _("Category")
        self.shops = shops
        for shop in shops:
            label = gettext("Opening stock, %(shop)s") % {"shop": shop}
            self.fields[f"stock_{shop.pk}"] = NumberField(QUANTITY, label=label, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        self._check_category(cleaned)
        status, allergens = cleaned.get("allergen_status"), cleaned.get("allergens")
        if status == AllergenStatus.DECLARED and not allergens:
            self.add_error("allergens", gettext("Tick the allergens it contains, or say that there are none."))
        elif allergens and status and status != AllergenStatus.DECLARED:
            message = gettext("You ticked allergens. Choose “Allergens are listed below” or untick them.")
            self.add_error("allergen_status", message)
        return cleaned

    def _check_category(self, cleaned: dict[str, Any]) -> None:
        chosen, named = cleaned.get("category"), cleaned.get("new_category")
        field = "category" if "category" in self.fields else "new_category"
        if field in self.errors or "new_category" in self.errors:
            return
        if not chosen and not named:
            self.add_error(field, gettext("Choose a category."))
        elif chosen and named:
            self.add_error("new_category", gettext("Choose a category or name a new one, not both."))

    @property
    def more_has_errors(self) -> bool:
        """Return whether a field that stands under "More" is wrong."""
        return any(name in self.errors for name in self.MORE)

    @property
    def stock_fields(self) -> list[forms.BoundField]:
        """Return the field of each shop."""
        return [self[f"stock_{shop.pk}"] for shop in self.shops]

    def stock(self) -> dict[int, Decimal]:
        """Return {shop id: quantity} of what was entered."""
        given = {shop.pk: self.cleaned_data.get(f"stock_{shop.pk}") for shop in self.shops}
        return {shop_id: quantity for shop_id, quantity in given.items() if quantity}
