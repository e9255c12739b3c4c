"""A form field for `common.models.Translated`: one text input for each language of the site."""

from typing import Any

from django import forms
from django.conf import settings


class LanguagesWidget(forms.MultiWidget):
    """One labelled input for each language."""

    template_name = "common/languages_widget.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__([forms.TextInput(attrs={"lang": code}) for code, _name in settings.LANGUAGES], attrs)

    def decompress(self, value: object) -> list[str]:
        texts = value if isinstance(value, dict) else {}
        return [texts.get(code, "") for code, _name in settings.LANGUAGES]

    def get_context(self, name: str, value: object, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        for part, (_code, label) in zip(context["widget"]["subwidgets"], settings.LANGUAGES, strict=True):
            part["label"] = label
        return context


class TranslatedTextField(forms.MultiValueField):
    """{language: text} without empty texts; texts in disabled languages are kept."""

    widget: Any = LanguagesWidget

    def __init__(self, *, encoder: Any = None, decoder: Any = None, **kwargs: Any) -> None:
        fields = [forms.CharField(required=False, max_length=255) for _language in settings.LANGUAGES]
        self.kept: dict[str, str] = {}
        super().__init__(fields, require_all_fields=False, **kwargs)

    def compress(self, values: list[str]) -> dict[str, str]:
        given = {code: text for (code, _name), text in zip(settings.LANGUAGES, values or [], strict=False) if text}
        return {**self.kept, **given}

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> forms.BoundField:
        """Remember the row's texts in languages that have no input here."""
        initial: Any = form.get_initial_for_field(self, field_name)
        shown = {code for code, _name in settings.LANGUAGES}
        self.kept = {code: text for code, text in (initial or {}).items() if code not in shown}
        return super().get_bound_field(form, field_name)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.widget.decompress(initial) != [text or "" for text in (data or [])]
