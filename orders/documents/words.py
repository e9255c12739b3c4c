"""The words and figures of a document, in its own language: frozen content in, plain texts out. No query."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from babel.numbers import format_decimal, format_percent
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext

from common.money import ZERO, format_exact, format_money
from common.quantity import UNITS
from common.unit_prices import printed_price
from orders import numbers
from orders.documents.content import Content
from orders.models import Document
from orders.payments.reasons import REFUNDED

Kind = Document.Kind
MINUS = "\u2212"


@dataclass(frozen=True)
class Row:
    """One line of the table; `note` stands small below the name, `discount` is its amount or empty."""

    name: str
    note: str
    quantity: str
    price: str
    tax: str
    amount: str
    discount: str = ""


@dataclass(frozen=True)
class Sum:
    """One line below the table."""

    label: str
    amount: str
    is_total: bool = False


@dataclass(frozen=True)
class Sheet:
    """Everything on a document's pages. `page` names %(number)s and %(count)s."""

    language: str
    title: str
    name: str
    page: str
    seller: str
    seller_lines: list[str]
    facts: list[tuple[str, str]]
    buyer_label: str
    buyer: str
    buyer_lines: list[str]
    notes: list[str]
    columns: tuple[str, str, str, str, str]
    rows: list[Row]
    discount_label: str
    tax_columns: tuple[str, str, str, str]
    taxes: list[tuple[str, str, str, str]]
    sums: list[Sum]
    footer: list[str] = field(default_factory=list)


def build(document: Document, *, shows_buyer: bool = True) -> Sheet:
    """Return the sheet of a document; without `shows_buyer` it says that this copy leaves the buyer out."""
    content = document.content
    with translation.override(content["language"]):
        figures = _Figures(content)
        seller = content["seller"]
        return Sheet(
            language=content["language"],
            title=str(Kind(content["kind"]).label),
            name=content["name"],
            page=gettext("Page %(number)s of %(count)s"),
            seller=seller["name"],
            seller_lines=_seller_lines(seller),
            facts=_facts(content, figures),
            **_buyer(document, shows_buyer=shows_buyer),
            notes=_notes(content),
            columns=(gettext("Item"), gettext("Quantity"), gettext("Unit price"), gettext("VAT"), gettext("Amount")),
            rows=_rows(content, figures),
            discount_label=gettext("Discount"),
            tax_columns=(gettext("VAT rate"), gettext("Without VAT"), gettext("VAT"), gettext("With VAT")),
            taxes=[_tax(share, figures) for share in content["taxes"]],
            sums=_sums(content, figures),
            footer=seller["footer"],
        )


class _Figures:
    """Figures as the language of a document writes them; those of a credit note are negative."""

    def __init__(self, content: Content) -> None:
        self.currency, self.language = content["currency"], content["language"]
        self.locale = self.language.replace("-", "_")
        self.sign = -1 if content["kind"] == Kind.CREDIT_NOTE else 1

    def money(self, amount: Decimal) -> str:
        text = format_money(self.sign * amount if amount else ZERO, self.currency, self.language)
        return text.replace("-", MINUS)

    def price(self, price: Decimal, unit: str) -> str:
        printed = printed_price(price, unit)
        text = format_exact(printed.amount, self.currency, self.language)
        if not printed.is_measured:
            return text
        return gettext("%(price)s per %(unit)s") % {"price": text, "unit": printed.per}

    def quantity(self, quantity: Decimal, unit: str) -> str:
        number = format_decimal(quantity, locale=self.locale, decimal_quantization=False)
        return f"{number}\u00a0{UNITS[unit].label}"

    def rate(self, rate: str | None) -> str:
        if rate is None:
            return gettext("Delivery")
        return format_percent(Decimal(rate), locale=self.locale, decimal_quantization=False)

    def day(self, day: str) -> str:
        return date_format(dt.date.fromisoformat(day), "j E Y")


def _seller_lines(seller: Content) -> list[str]:
    lines = list(seller["address"]) or [seller["shop"], seller["shop_address"]]
    if seller["registration_number"]:
        lines.append(gettext("Registration number %(number)s") % {"number": seller["registration_number"]})
    if seller["vat_number"]:
        lines.append(gettext("VAT number %(number)s") % {"number": seller["vat_number"]})
    return [line for line in lines if line]


def _facts(content: Content, figures: _Figures) -> list[tuple[str, str]]:
    order = content["order"]
    facts = [
        (gettext("Date"), figures.day(content["issued_on"])),
        (gettext("Order number"), numbers.group(order["number"])),
        (gettext("Ordered"), figures.day(order["placed_on"])),
        (gettext("Shop"), content["seller"]["shop"]),
    ]
    if content.get("original"):
        facts.insert(1, (gettext("Corrects"), content["original"]))
    return facts


def _buyer(document: Document, *, shows_buyer: bool) -> dict:
    """Return the buyer's part of a sheet; an erased one is said to be, so that nobody takes the copy for the first."""
    name, lines = document.buyer_name or "", (document.buyer_lines or "").splitlines()
    if document.buyer_vat:
        lines.append(gettext("VAT number %(number)s") % {"number": document.buyer_vat})
    if document.is_buyer_erased:
        name, lines = gettext("The buyer’s data was erased after this document was issued."), []
    elif name and not shows_buyer:
        name, lines = gettext("This copy leaves the buyer’s data out."), []
    return {"buyer_label": gettext("Buyer") if name else "", "buyer": name, "buyer_lines": lines}


def _notes(content: Content) -> list[str]:
    reason = REFUNDED.get(content.get("reason", ""))
    return [str(reason)] if reason else []


def _rows(content: Content, figures: _Figures) -> list[Row]:
    if not content["lines"]:
        name = gettext("Refund for order %(number)s") % {"number": numbers.group(content["order"]["number"])}
        return [Row(name, "", "", "", "", figures.money(Decimal(content["totals"]["total"])))]
    return [_row(line, figures) for line in content["lines"]]


def _row(line: Content, figures: _Figures) -> Row:
    discount = Decimal(line["discount"])
    return Row(
        name=line["name"],
        note=" · ".join(part for part in (line["options"], line["code"]) if part),
        quantity=figures.quantity(Decimal(line["quantity"]), line["unit"]),
        price=figures.price(Decimal(line["unit_price"]), line["unit"]),
        tax=figures.rate(line["tax_rate"]),
        amount=figures.money(Decimal(line["amount"])),
        discount=figures.money(-discount) if discount else "",
    )


def _tax(share: Content, figures: _Figures) -> tuple[str, str, str, str]:
    net, tax, gross = (figures.money(Decimal(share[name])) for name in ("net", "tax", "gross"))
    return figures.rate(share["rate"]), net, tax, gross


def _sums(content: Content, figures: _Figures) -> list[Sum]:
    totals = {name: Decimal(amount) for name, amount in content["totals"].items()}
    discount, delivery = totals["discount"], totals.get("delivery", ZERO)
    sums = []
    if discount or delivery:
        sums.append(Sum(gettext("Goods"), figures.money(totals["goods"])))
    if discount:
        sums.append(Sum(gettext("Discount"), figures.money(-discount)))
    if delivery:
        sums.append(Sum(gettext("Delivery"), figures.money(delivery)))
    sums.append(Sum(gettext("Total"), figures.money(totals["total"]), is_total=True))
    sums.append(Sum(gettext("of which VAT"), figures.money(totals["tax"])))
    return [*sums, *_paid(content.get("payments", ()), totals, figures)]


def _paid(payments: Sequence[Content], totals: dict[str, Decimal], figures: _Figures) -> list[Sum]:
    """Return how the total was paid: these lines sum to it."""
    sums = []
    for payment in payments:
        words = {"way": _way(payment["taken"]), "day": figures.day(payment["on"])}
        label = gettext("Paid %(way)s, %(day)s") % words
        sums.append(Sum(label, figures.money(Decimal(payment["amount"]))))
    if refunded := totals.get("refunded"):
        sums.append(Sum(gettext("Refunded"), figures.money(-refunded)))
    if waived := totals.get("waived"):
        sums.append(Sum(gettext("Waived by the shop"), figures.money(waived)))
    return sums


def _way(taken: str) -> str:
    ways = {"cash": gettext("in cash"), "card": gettext("by card")}
    return ways.get(taken, gettext("online"))
