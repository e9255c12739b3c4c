"""Form fields for numbers that people type: text inputs, because a browser's number input drops a decimal comma.

Every numeric model field of the admin gets one (`use_in_admin`, called once at start).
"""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from wagtail.admin.forms.models import register_form_field_override

from common.numbers_typed import BadNumber, Kind, read_number, read_percent, spell

PERCENT = Kind(places=2, least=Decimal(0), most=Decimal("99.99"))
BOUNDS = ("min_value", "max_value", "max_digits", "decimal_places")


class NumberField(forms.Field):
    """A number within the bounds of `kind`, read by `common.numbers_typed`; empty is None. An int when it is whole."""

    widget = forms.TextInput

    def __init__(self, kind: Kind, *, shown_places: int = 0, **kwargs: Any) -> None:
        self.kind, self.shown_places = kind, shown_places
        super().__init__(**kwargs)

    def to_python(self, value: object) -> Decimal | int | None:
        """Return what was typed. Raises ValidationError with the reader's sentence."""
        if value in self.empty_values or not str(value).strip():
            return None
        try:
            number = self.read(value)
        except BadNumber as error:
            raise ValidationError(error.message, code=error.code) from error
        return number if self.kind.places else int(number)

    def read(self, value: object) -> Decimal:
        """Return the number in `value`: typed text, or a number already stored."""
        return read_number(value if isinstance(value, str) else spell(Decimal(str(value))), self.kind)

    def prepare_value(self, value: object) -> object:
        """Return the text of the input, exactly as typed after an error."""
        return spell(Decimal(value), self.shown_places) if isinstance(value, Decimal | int) else value

    def has_changed(self, initial: object, data: object) -> bool:
        """Return whether a different number was typed; another spelling of the same one is no change."""
        try:
            return self.to_python(initial) != self.to_python(data)
        except ValidationError:
            return True

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"inputmode": "decimal" if self.kind.places else "numeric", "autocomplete": "off"}


class PercentField(NumberField):
    """A rate typed as a percentage: 9 or 9,5 % is 0.09 or 0.095."""

    def __init__(self, kind: Kind = PERCENT, **kwargs: Any) -> None:
        super().__init__(kind, **_without_bounds(kwargs))

    def read(self, value: object) -> Decimal:
        return read_percent(value, self.kind) if isinstance(value, str) else Decimal(str(value))

    def prepare_value(self, value: object) -> object:
        return f"{spell(value * 100)} %" if isinstance(value, Decimal) else value


def kind_of(db_field: models.Field) -> Kind:
    """Return the kind of number a model field takes: its digits, and the bounds of its validators and column."""
    places = db_field.decimal_places if isinstance(db_field, models.DecimalField) else 0
    digits = db_field.max_digits if isinstance(db_field, models.DecimalField) else 18
    most = Decimal(10) ** (digits - places) - Decimal(1).scaleb(-places)
    least = -most
    for validator in db_field.validators:
        limit: Any = getattr(validator, "limit_value", None)
        if isinstance(validator, MinValueValidator):
            least = max(least, Decimal(limit() if callable(limit) else limit))
        elif isinstance(validator, MaxValueValidator):
            most = min(most, Decimal(limit() if callable(limit) else limit))
    return Kind(places=places, least=least, most=most)


class ModelNumberField(NumberField):
    """The form field of a numeric model field."""

    def __init__(self, *, kind: Kind, **kwargs: Any) -> None:
        super().__init__(kind, **_without_bounds(kwargs))


def _without_bounds(kwargs: dict[str, Any]) -> dict[str, Any]:
    """Drop the bounds Django passes to its own number fields: `kind` has them."""
    return {name: value for name, value in kwargs.items() if name not in BOUNDS}


def _override(db_field: models.Field) -> dict[str, Any]:
    return {"form_class": ModelNumberField, "kind": kind_of(db_field)} if not db_field.choices else {}


def use_in_admin() -> None:
    """Make admin forms read the numbers of all models with the one reader."""
    for db_class in (models.DecimalField, models.IntegerField):
        register_form_field_override(db_class, override=_override)
