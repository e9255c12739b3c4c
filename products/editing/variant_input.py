"""The reader of the variants tab's JSON: edits, or a sentence for every field that is wrong."""

import datetime as dt
import json
import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.errors import DomainError
from common.numbers_typed import Kind, read_number
from common.quantity import parse_quantity
from products.editing.term_fields import TERM_FIELDS
from products.prices import read_price
from products.services.skus import Terms
from products.services.variants import CountEdit, TaxEdit, VariantEdit

MAX_ROWS = 200
MAX_POSITION = 2**15 - 1
# Within these years no time zone moves a moment beyond Python's limits.
EARLIEST_YEAR, LATEST_YEAR = 1900, 9000
PRESS = re.compile(r"[0-9a-f]{32}")
ROW_FIELDS = {
    *TERM_FIELDS,
    "key",
    "id",
    "version",
    "options",
    "price",
    "price_starts",
    "archived",
    "stock",
    "sort_order",
}
POSITION = Kind(
    places=0,
    least=Decimal(1),
    most=Decimal(MAX_POSITION),
    hint=_("Enter the position as a whole number, for example 2."),
)


def read_position(text: str) -> Decimal:
    """Read a position as typed. Raises BadNumber."""
    return read_number(text, POSITION)


class BadBody(DomainError):
    """The body is not what our own script sends."""

    code = "bad_body"


class BadInput(DomainError):
    """Fields cannot be read; `extra["rows"]` is {row key: {field: sentence}}."""

    code = "refused"


@dataclass
class Sent:
    """A save of the tab: the edits, the tax class if it was changed with the one that was seen, the press's key."""

    edits: list[VariantEdit] = field(default_factory=list)
    tax: TaxEdit | None = None
    press: str = ""


def read(body: bytes) -> Sent:
    """Return the edits in a body. Raises BadBody (400) or BadInput (422); unknown members are refused."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadBody(gettext("This request cannot be read. Reload the page and try again.")) from error
    if (
        not isinstance(data, dict)
        or set(data) - {"rows", "tax_class", "tax_seen", "press"}
        or not isinstance(data.get("rows"), list)
    ):
        raise BadBody(gettext("This request cannot be read. Reload the page and try again."))
    if len(data["rows"]) > MAX_ROWS:
        raise BadBody(gettext("That is too much at once. Save part of it first."))
    reader = _Reader()
    chosen = _id(data.get("tax_class"))
    press = str(data.get("press") or "")
    sent = Sent(
        tax=None if chosen is None else TaxEdit(chosen, _id(data.get("tax_seen"))),
        press=press if PRESS.fullmatch(press) else "",
    )
    for row in data["rows"]:
        if not isinstance(row, dict) or set(row) - ROW_FIELDS or not isinstance(row.get("key"), str):
            raise BadBody(gettext("This request cannot be read. Reload the page and try again."))
        sent.edits.append(reader.edit(row))
    if reader.errors:
        raise BadInput(gettext("Nothing was saved. Please look at the marked fields."), extra={"rows": reader.errors})
    return sent


class _Reader:
    def __init__(self) -> None:
        self.errors: dict[str, dict[str, str]] = {}
        self.key = ""

    def edit(self, row: dict[str, Any]) -> VariantEdit:
        """Return one row's edit; what cannot be read is noted in `errors` and read as empty."""
        self.key = row["key"]
        sku_id = _id(row.get("id"))
        has_terms = sku_id is None or "code" in row
        archived = row.get("archived")
        return VariantEdit(
            key=self.key,
            sku_id=sku_id,
            version=str(row.get("version", "")),
            terms=self._terms(row) if has_terms else None,
            options=self._options(row.get("options")),
            price=self._price(row.get("price")),
            starts_at=self._moment(row.get("price_starts")),
            archived=archived if isinstance(archived, bool) else None,
            counts=self._counts(row.get("stock")),
        )

    def _terms(self, row: dict[str, Any]) -> Terms:
        return Terms(
            code=str(row.get("code") or ""),
            unit=str(row.get("unit") or "pc"),
            step=Decimal(1) if (step := self._quantity(row, "step")) is None else step,
            min_quantity=self._quantity(row, "min_quantity"),
            max_quantity=self._quantity(row, "max_quantity"),
            net_amount=self._quantity(row, "net_amount"),
            net_unit=str(row.get("net_unit") or ""),
            barcode=str(row.get("barcode") or "")[:64],
            supplier_id=_id(row.get("supplier")),
            sort_order=self._sort_order(row),
        )

    def _sort_order(self, row: dict[str, Any]) -> int:
        """Return the place of a row: the position that was typed, counted from 1, else where the script put it."""
        text = str(row.get("position") or "").strip()
        typed = self._try("position", read_position, text) if text else None
        return _position(row.get("sort_order")) if typed is None else int(typed) - 1

    def _quantity(self, row: dict[str, Any], name: str) -> Decimal | None:
        text = str(row.get(name) or "").strip()
        return self._try(name, parse_quantity, text) if text else None

    def _options(self, sent: object) -> dict[int, int]:
        pairs = sent.items() if isinstance(sent, dict) else ()
        read_pairs = [(_id(attribute), _id(value)) for attribute, value in pairs]
        return {attribute: value for attribute, value in read_pairs if attribute and value}

    def _price(self, sent: object) -> Decimal | None:
        text = str(sent if sent is not None else "").strip()
        return self._try("price", read_price, text) if text else None

    def _moment(self, sent: object) -> dt.datetime | None:
        text = str(sent or "").strip()
        if not text:
            return None
        try:
            moment = parse_datetime(text)
        except ValueError:
            moment = None
        if moment is None or not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
            self._note("price_starts", gettext("Enter the date and time from which the price holds."))
            return None
        return timezone.make_aware(moment) if timezone.is_naive(moment) else moment

    def _counts(self, sent: object) -> tuple[CountEdit, ...]:
        found = []
        for shop, cell in sent.items() if isinstance(sent, dict) else ():
            shop_id = _id(shop)
            text = str(cell.get("counted", "")).strip() if isinstance(cell, dict) else ""
            if shop_id is None or not text:
                continue
            counted = self._try(f"stock_{shop_id}", parse_quantity, text)
            seen = str(cell.get("seen") or "").strip()
            known = self._try(f"stock_{shop_id}", parse_quantity, seen) if seen else None
            if counted is not None:
                found.append(CountEdit(shop_id, counted, known))
        return tuple(found)

    def _try(self, name: str, read_one: Any, text: str) -> Decimal | None:
        try:
            return read_one(text)
        except DomainError as error:
            self._note(name, error.message)
            return None

    def _note(self, name: str, message: str) -> None:
        self.errors.setdefault(self.key, {})[name] = message


def _position(sent: object) -> int:
    """Return a place in the order; our own script sends no other than the number of rows."""
    position = _id(sent) or 0
    if position > MAX_POSITION:
        raise BadBody(gettext("This request cannot be read. Reload the page and try again."))
    return position


def _id(sent: object) -> int | None:
    text = str(sent if sent is not None else "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
