"""The product page's form: badges, nutrition figures, and the checks before publishing."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.admin.forms.pages import CopyForm

from products.models.choices import NUTRITION_NAMES, Badge
from products.publishing import Fault, declaration_faults, product_faults


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
    """Let drafts be incomplete; say beside the fields what publishing needs (see products.publishing)."""

    badges = forms.MultipleChoiceField(
        label=_("Badges"),
        choices=Badge.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("At most two."),
    )
    nutrition = FiguresField(label=_("Nutrition per 100 g"))

    def is_valid(self) -> bool:
        """Check the needs of publishing after the rows below were validated; drafts are let through."""
        valid = super().is_valid()
        if "slug" in self.errors and "title" not in self.errors and self.cleaned_data.get("title"):
            # The slug's field is on another tab, where nobody looks while typing a name.
            self.add_error("title", gettext("Choose another name, or another address under “Promote”: it is taken."))
        if not self.is_bound or self.is_deferred_validation or "allergens" not in self.formsets:
            return valid
        found = self._declaration_faults()
        if self._goes_live():
            found += product_faults(self.instance)
        for fault in found:
            if fault.field not in self.errors:
                self.add_error(fault.field or None, fault.message)
        return valid and not found

    def _declaration_faults(self) -> list[Fault]:
        rows = [form.cleaned_data for form in self.formsets["allergens"].forms if getattr(form, "cleaned_data", None)]
        named = [row["allergen"] for row in rows if row.get("allergen") and not row.get("DELETE")]
        return declaration_faults(self.cleaned_data.get("allergen_status") or "", named)

    def _goes_live(self) -> bool:
        """Return whether a button was pressed that publishes: what is handed in for review may still lack variants."""
        return bool(self.data.get("action-publish")) or self.data.get("workflow-action-name") == "approve"


class ProductCopyForm(CopyForm):
    """Copy a product without asking whether the copy goes live: it has no variants yet."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("publish_copies", None)
