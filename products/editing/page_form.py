"""The product page's form: badges, nutrition figures, and what publishing needs."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminPageForm

from products.models.choices import NUTRITION_NAMES, Badge


def _padded(value: object) -> list[str]:
    texts = list(value) if isinstance(value, list) else []
    return [*texts, *[""] * len(NUTRITION_NAMES)][: len(NUTRITION_NAMES)]


class FiguresWidget(forms.MultiWidget):
    """One short text input for each nutrition figure, named by its label."""

    template_name = "products/admin/figures_widget.html"

    def __init__(self, attrs: dict[str, str] | None = None) -> None:
        super().__init__([forms.TextInput(attrs={"maxlength": 60}) for _name in NUTRITION_NAMES], attrs)

    def get_context(self, name: str, value: object, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        for part, label in zip(context["widget"]["subwidgets"], NUTRITION_NAMES, strict=True):
            part["label"] = label
        return context

    def decompress(self, value: object) -> list[str]:
        return _padded(value)


class FiguresField(forms.MultiValueField):
    """Nutrition figures as a list of texts in the order of NUTRITION_NAMES; [] when none was given."""

    widget = FiguresWidget

    def __init__(self, **kwargs: Any) -> None:
        fields = [forms.CharField(required=False, max_length=60) for _name in NUTRITION_NAMES]
        super().__init__(fields, required=False, require_all_fields=False, **kwargs)

    def compress(self, values: list[str]) -> list[str]:
        texts = list(values or [])
        while texts and not texts[-1]:
            texts.pop()
        return texts

    def has_changed(self, initial: object, data: object) -> bool:
        return _padded(initial) != [text or "" for text in (data or [])]


class ProductPageForm(WagtailAdminPageForm):
    """A draft may be incomplete; publishing needs an allergen declaration that agrees with the rows below it."""

    badges = forms.MultipleChoiceField(
        label=_("Badges"),
        choices=Badge.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("At most two."),
    )
    nutrition = FiguresField(label=_("Nutrition per 100 g"))

    def is_valid(self) -> bool:
        """Check the declaration after the rows below it were validated; drafts are let through."""
        valid = super().is_valid()
        if self.is_bound and not self.is_deferred_validation and "allergens" in self.formsets:
            valid = self._allergens_agree() and valid
        return valid

    def _allergens_agree(self) -> bool:
        rows = [form.cleaned_data for form in self.formsets["allergens"].forms if getattr(form, "cleaned_data", None)]
        named = [row["allergen"] for row in rows if row.get("allergen") and not row.get("DELETE")]
        status = self.cleaned_data.get("allergen_status")
        message = ""
        if status == "declared" and not named:
            message = gettext("List the allergens below, or say that there are none.")
        elif status in ("none", "not_food") and named:
            message = gettext("Allergens are listed below: choose that they are, or remove them.")
        elif len(set(named)) != len(named):
            message = gettext("One of the allergens is listed twice.")
        if message and "allergen_status" not in self.errors:
            self.add_error("allergen_status", message)
        return not message
