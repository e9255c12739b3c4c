"""The form of a refund: what is to be refunded, what becomes of the goods, and why."""

import secrets
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import Described
from common.errors import DomainError
from common.http import add_domain_error
from common.money import minor_units
from common.number_fields import NumberField
from common.numbers_typed import Kind as NumberKind
from common.quantity import MAX_QUANTITY, PLACES
from common.typed_text import TextField
from orders.models import RefundDocument, RefundDocumentLine
from orders.refund_shares import (
    AboveLimit,
    Plan,
    Refundable,
    RefundableLine,
    RefundedLine,
    plan_all,
    plan_amount,
    plan_lines,
    refuse_above,
)

Kind, Goods = RefundDocument.Kind, RefundDocumentLine.Goods
HOW_MANY = NumberKind(places=PLACES, least=Decimal(0), most=MAX_QUANTITY, hint=_("Enter a quantity, for example 2."))
LARGEST = Decimal("9999999999")
PAID_OUT = [("cash", _("In cash, from the till")), ("card", _("To the card, at the terminal"))]


class RefundForm(Described, forms.Form):
    """A refund of items, of an amount, or of everything that is left. `plan` is the valid form's refund.

    Only what fits the order is offered: items once it was handed over, a way to pay out if money was `taken` at the
    counter ("cash" or "card", the way it was taken). `nonce` makes a repeated post safe; `expected` is the sum that the
    page before showed.
    """

    kind = forms.ChoiceField(
        label=_("What do you refund?"),
        choices=[(kind.value, kind.label) for kind in (Kind.LINES, Kind.AMOUNT, Kind.FULL)],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what to refund."), "invalid_choice": _("Choose what to refund.")},
    )
    goods = forms.ChoiceField(label=_("The goods"), choices=Goods.choices, required=False)
    paid_out = forms.ChoiceField(label=_("How do you pay it out?"), choices=PAID_OUT, required=False)
    reason = forms.ChoiceField(
        label=_("Reason (the customer reads it)"),
        choices=[("", _("Choose a reason")), *RefundDocument.Reason.choices],
        error_messages={"required": _("Choose a reason."), "invalid_choice": _("Choose a reason.")},
    )
    note = TextField(
        label=_("Note for colleagues"),
        required=False,
        max_length=200,
        error_messages={"max_length": _("Keep the note to 200 characters.")},
    )
    nonce = forms.RegexField(r"\A[0-9A-Za-z_-]{8,64}\Z", widget=forms.HiddenInput)
    expected = forms.DecimalField(max_digits=12, decimal_places=2, required=False, widget=forms.HiddenInput)

    plan: Plan

    def __init__(
        self, *args: Any, refundable: Refundable, allowance: Decimal | None, taken: str = "", **kwargs: Any
    ) -> None:
        first = Kind.LINES if refundable.is_handed_over else Kind.AMOUNT
        initial = {"kind": first, "goods": Goods.KEPT, "paid_out": taken, "nonce": secrets.token_urlsafe(16)}
        super().__init__(*args, initial=initial, **kwargs)
        self.refundable, self.allowance = refundable, allowance
        places = minor_units(refundable.currency)
        money = NumberKind(places=places, least=Decimal(0), most=LARGEST, hint=_("Enter an amount, for example 5."))
        self.fields["amount"] = NumberField(money, label=_("Amount"), required=False)
        self.fields["note"].widget.attrs["autocomplete"] = "off"
        if not taken:
            del self.fields["paid_out"]
        if not refundable.is_handed_over:
            self.fields["kind"].choices = [(Kind.AMOUNT, Kind.AMOUNT.label)]
            del self.fields["goods"]
            return
        for line in self._open_lines():
            self.fields[f"quantity_{line.key}"] = NumberField(HOW_MANY, label=_("How much?"), required=False)
            goods = forms.ChoiceField(label=_("The goods"), choices=Goods.choices, required=False, initial=Goods.KEPT)
            self.fields[f"goods_{line.key}"] = goods

    def _open_lines(self) -> list[RefundableLine]:
        return [line for line in self.refundable.lines.values() if line.left > 0]

    def line_fields(self) -> Iterator[tuple[RefundableLine, forms.BoundField, forms.BoundField]]:
        """Yield the lines that can be refunded, each with its fields for quantity and goods; none before hand-over."""
        for line in self._open_lines() if self.refundable.is_handed_over else ():
            yield line, self[f"quantity_{line.key}"], self[f"goods_{line.key}"]

    def clean(self) -> dict[str, Any]:
        """Plan the refund; a refusal stands at the field it is about."""
        cleaned = super().clean()
        if self.errors:
            return cleaned
        try:
            self.plan = self._plan(cleaned)
            refuse_above(self.allowance, self.plan, self.refundable.currency)
        except DomainError as error:
            add_domain_error(self, error, self._field_of(error, cleaned))
        return cleaned

    def _plan(self, cleaned: dict[str, Any]) -> Plan:
        if cleaned["kind"] == Kind.LINES:
            return plan_lines(self.refundable, self.lines())
        if cleaned["kind"] == Kind.AMOUNT:
            return plan_amount(self.refundable, cleaned["amount"] or Decimal(0))
        return plan_all(self.refundable, cleaned["goods"] or Goods.KEPT)

    def _field_of(self, error: DomainError, cleaned: dict[str, Any]) -> str | None:
        if isinstance(error, AboveLimit):
            return None
        if "line" in error.extra and cleaned["kind"] == Kind.LINES:
            return f"quantity_{error.extra['line']}"
        return "amount" if cleaned["kind"] == Kind.AMOUNT else None

    def lines(self) -> dict[int, RefundedLine]:
        """Return the quantities that were entered, by line."""
        data = self.cleaned_data
        entered = {line.key: data.get(f"quantity_{line.key}") for line in self._open_lines()}
        return {
            key: RefundedLine(quantity, data.get(f"goods_{key}") or Goods.KEPT)
            for key, quantity in entered.items()
            if quantity
        }

    def what(self) -> dict[str, Any]:
        """Return what the service of this kind of refund takes besides the reason."""
        data = self.cleaned_data
        if data["kind"] == Kind.AMOUNT:
            return {"amount": data["amount"]}
        if data["kind"] == Kind.LINES:
            return {"lines": self.lines(), "expected": data["expected"]}
        return {"goods": data["goods"] or Goods.KEPT, "expected": data["expected"]}

    def said(self) -> dict[str, Any]:
        """Return why, and how money of the counter is paid out."""
        data = self.cleaned_data
        return {**{name: data[name] for name in ("reason", "note", "nonce")}, "paid_out": data.get("paid_out", "")}

    def carried(self) -> list[tuple[str, str]]:
        """Return what was entered as hidden fields carry it to the next page, without `expected`."""
        names = [name for name in self.fields if name != "expected"]
        return [(name, value) for name in names if (value := str(self.data.get(self.add_prefix(name), "")))]
