"""Input of the API: what is sent must be known, and texts must be texts."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers
from rest_framework.request import Request

UNKNOWN = gettext_lazy("There is no such field.")


class Text(serializers.CharField):
    """A text; a number or true is refused."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Input(serializers.Serializer):
    """An object whose members are all declared."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, dict):
            raise serializers.ValidationError({"": [_("Send a JSON object.")]})
        unknown = sorted(set(data) - set(self.fields))
        if unknown:
            raise serializers.ValidationError({name: [UNKNOWN] for name in unknown})
        return super().to_internal_value(data)


def refuse_unknown_parameters(request: Request) -> None:
    """Raise ValidationError if the query says anything: no address of the API has parameters yet."""
    unknown = sorted(request.query_params)
    if unknown:
        raise serializers.ValidationError({name: [UNKNOWN] for name in unknown})


def read(kind: type[Input], request: Request) -> dict[str, Any]:
    """Return the checked input. Raises ValidationError."""
    asked = kind(data=request.data)
    asked.is_valid(raise_exception=True)
    return asked.validated_data
