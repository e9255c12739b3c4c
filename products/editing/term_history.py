"""The history of a variant's terms in words, for the tab of variants."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.numbers_typed import spell
from common.quantity import UNITS
from products.models.attribute import Attribute
from products.models.sku_event import SkuEvent
from products.models.supplier import Supplier
from products.sku_terms import OPTIONS, QUANTITIES, Spelled

LABELS: Mapping[str, str | Promise] = {
    "code": _("Article"),
    "unit": _("Sold by"),
    "step": _("Step"),
    "min_quantity": _("Minimum"),
    "max_quantity": _("Maximum"),
    "net_amount": _("Net content"),
    "net_unit": _("Unit of the net content"),
    "barcode": _("Barcode"),
    "supplier_id": _("Supplier"),
    "sort_order": _("Position"),
}
WHOLE: Mapping[str, str | Promise] = {
    SkuEvent.Code.CREATED: _("Added"),
    SkuEvent.Code.ARCHIVED: _("Archived"),
    SkuEvent.Code.RESTORED: _("Restored"),
    SkuEvent.Code.RECORDED: _("History begins"),
}


@dataclass(frozen=True)
class PastChange:
    """A line of the history: the change in words, when it was made and by whom."""

    text: str
    at: dt.datetime
    by: str


class TermWords:
    """Turn events into lines; suppliers and attributes are those the tab has loaded."""

    def __init__(self, suppliers: Iterable[Supplier], attributes: Iterable[Attribute]) -> None:
        self.suppliers = {supplier.pk: supplier.name for supplier in suppliers}
        self.attributes = {str(attribute.pk): str(attribute) for attribute in attributes}
        self.values = {
            value.pk: value.label_text or value.code for attribute in attributes for value in attribute.values.all()
        }

    def line(self, event: SkuEvent) -> PastChange:
        """Return one event as a line."""
        text = WHOLE.get(event.code)
        return PastChange(str(text) if text else "; ".join(self._changes(event)), event.at, event.actor_label)

    def _changes(self, event: SkuEvent) -> Iterable[str]:
        before, after = event.params["before"], event.params["after"]
        for name, label in LABELS.items():
            if name in after:
                yield self._change(str(label), self._word(name, before.get(name)), self._word(name, after[name]))
        old, new = before.get(OPTIONS, {}), after.get(OPTIONS, {})
        for attribute in sorted({*old, *new}, key=int):
            if old.get(attribute) != new.get(attribute):
                label = self.attributes.get(attribute) or gettext("a deleted attribute")
                yield self._change(label, self._value(old.get(attribute)), self._value(new.get(attribute)))

    def _change(self, label: str, before: str, after: str) -> str:
        words = {"term": label, "before": before, "after": after}
        return gettext("%(term)s: %(before)s → %(after)s") % words

    def _word(self, name: str, value: Spelled) -> str:
        if value is None or value == "":
            return gettext("none")
        if name in QUANTITIES:
            return spell(Decimal(str(value)))
        if name in ("unit", "net_unit"):
            return str(UNITS[str(value)].label)
        if name == "supplier_id" and isinstance(value, int):
            return self.suppliers.get(value) or gettext("a deleted supplier")
        return str(value + 1) if name == "sort_order" and isinstance(value, int) else str(value)

    def _value(self, value: int | None) -> str:
        if value is None:
            return gettext("none")
        return self.values.get(value) or gettext("a deleted value")
