"""The forms behind the panel's buttons and fields."""

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.reveals import MAX_REASON
from common.typed_text import TextField
from common.words import Words
from orders.models import Order
from orders.services.hand_over import TAKEN
from staff.presenters.board import PAUSES

_STEP = re.compile(r"\A([a-z_]{1,16}):([0-9]{1,9})\Z", re.ASCII)
_NONCE = re.compile(r"\A[0-9A-Za-z_-]{8,64}\Z", re.ASCII)


class StepField(forms.CharField):
    """Parses "<status>:<version seen>" into a pair."""

    default_error_messages = {"invalid": _("Something went wrong. Nothing was changed; reload the page and try again.")}

    def clean(self, value: object) -> tuple[str, int]:
        text = super().clean(value)
        found = _STEP.match(text)
        if not found or found.group(1) not in Order.Status.values:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return found.group(1), int(found.group(2))


class StepForm(forms.Form):
    """The next status."""

    step = StepField()


class UndoForm(forms.Form):
    """Undoing the last step; `version` is the one the person saw."""

    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)


class CancelForm(forms.Form):
    """Cancelling, with a reason that is kept in the history."""

    reason = TextField(
        label=_("Reason (the customer reads it)"),
        max_length=200,
        error_messages={
            "required": _("Give a reason: colleagues and the customer will read it."),
            "max_length": _("Keep the reason to 200 characters."),
        },
    )
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)


class RevealForm(forms.Form):
    """Why a masked field is to be shown: the code on a button, or own words."""

    reason = forms.CharField(required=False)
    words = TextField(
        label=_("Why do you need to see it?"),
        required=False,
        max_length=MAX_REASON,
        error_messages={"max_length": _("Keep the reason to 200 characters.")},
    )

    def __init__(self, *args: Any, reasons: Mapping[str, Words], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reasons = reasons

    @property
    def given(self) -> str:
        """Return the reason of a valid form; "" if there is none."""
        reason = self.cleaned_data["reason"]
        return reason if reason in self.reasons else self.cleaned_data["words"]


class DecisionForm(forms.Form):
    """A decision, with a note that is kept in the history."""

    note = forms.CharField(
        required=False,
        max_length=200,
        error_messages={"max_length": _("Keep the note to 200 characters.")},
    )


class HandOverForm(forms.Form):
    """The hand-over button. `nonce` makes a repeated post safe; `asked` is the amount the screen said to take."""

    nonce = forms.RegexField(_NONCE)
    taken = forms.ChoiceField(choices=[(way, way) for way in TAKEN], required=False)
    asked = forms.DecimalField(min_value=0, max_digits=12, decimal_places=2, required=False, widget=forms.HiddenInput)


class PauseForm(forms.Form):
    """A pause, during which the shop takes no new orders."""

    pause = forms.ChoiceField(choices=[*PAUSES, ("resume", "")])


class FindForm(forms.Form):
    """A code, a number or a phone number, typed or scanned; orders.scan_reading reads it, so any text passes."""

    q = forms.CharField(required=False, strip=True)
