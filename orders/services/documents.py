"""Issuing receipts, invoices and credit notes: number and document in one transaction, so that no number is lost."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.models import F, QuerySet, Sum
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.actors import Actor
from common.errors import DomainError
from common.inserts import insert
from common.mail import site_name
from common.money import ZERO
from common.quantity import sql_round
from common.typed_text import clean_name
from common.words import Words
from orders.documents.content import (
    Content,
    CreditNoteContent,
    Heading,
    credit_content,
    day_in_shop,
    digest,
    document_name,
    sale_content,
)
from orders.ledger import lock_order
from orders.models import Document, DocumentSeries, Order, SellerSettings
from orders.selectors import lines_of, payments_of
from orders.standing import stand

Kind = Document.Kind
MOST_LINES, LONGEST_LINE = 6, 100
LONGEST_NAME, LONGEST_VAT = 150, 40
NOT_YET: dict[str, Words] = {
    Kind.RECEIPT: _("There is no receipt until the order is paid."),
    Kind.INVOICE: _("There is no invoice until the order is paid."),
}


class NothingPaid(DomainError):
    """No money was kept of the order, so there is nothing to confirm or to credit."""

    code = "nothing_paid"


class SellerUnknown(DomainError):
    """The owner has not entered who the seller is, which an invoice has to name."""

    code = "seller_unknown"


class BuyerUnknown(DomainError):
    """An invoice names its buyer with an address."""

    code = "buyer_unknown"


class BuyerErased(DomainError):
    """The order's buyer was erased: a name that came later would never be."""

    code = "buyer_erased"


class CreditRefused(DomainError):
    """The amounts of a credit note do not add up, or exceed what was paid."""

    code = "credit_refused"


@dataclass(frozen=True)
class InvoiceBuyer:
    """The buyer as an invoice names them."""

    name: str
    lines: Sequence[str]
    vat: str = ""

    def cleaned(self) -> "InvoiceBuyer":
        """Return the same without invisible characters and empty lines. Raises BuyerUnknown."""
        name, vat = clean_name(self.name), clean_name(self.vat)
        lines = [line for line in map(clean_name, self.lines) if line]
        if not name or not lines:
            raise BuyerUnknown(gettext("An invoice needs the name and the address of the buyer."))
        is_long = len(name) > LONGEST_NAME or len(vat) > LONGEST_VAT or len(lines) > MOST_LINES
        if is_long or any(len(line) > LONGEST_LINE for line in lines):
            raise BuyerUnknown(gettext("The name or the address is too long for an invoice. Shorten it."))
        return InvoiceBuyer(name, lines, vat)


NOBODY = InvoiceBuyer("", ())


def issue_receipt(*, order_id: int, actor: Actor, at: dt.datetime) -> Document:
    """Issue the receipt of a paid order, or return the one it has. Raises NothingPaid, OrderGone."""
    with transaction.atomic():
        order = lock_order(order_id)
        return _of(order, Kind.RECEIPT) or _issue_sale(order, Kind.RECEIPT, NOBODY, actor, at)


def issue_invoice(*, order_id: int, buyer: InvoiceBuyer, actor: Actor, at: dt.datetime) -> Document:
    """Issue the invoice of a paid order, or return the one it has, for another buyer too.

    Raises BuyerUnknown, SellerUnknown, BuyerErased, NothingPaid, OrderGone.
    """
    with transaction.atomic():
        order = lock_order(order_id)
        return _of(order, Kind.INVOICE) or _issue_sale(order, Kind.INVOICE, buyer.cleaned(), actor, at)


def issue_credit_note(*, order_id: int, content: CreditNoteContent, actor: Actor, at: dt.datetime) -> Document:
    """Issue a credit note over a part of what was paid for an order; each call issues another one.

    It names the invoice or receipt that it corrects, and the buyer of the invoice. Call it once for each refund, in the
    transaction that decides about it, after everything else that locks. Raises CreditRefused, NothingPaid, OrderGone.
    """
    with transaction.atomic():
        order = lock_order(order_id)
        _check_credit(order, content)
        invoice = _of(order, Kind.INVOICE)
        original = invoice or _of(order, Kind.RECEIPT)
        draft = _Draft(order, Kind.CREDIT_NOTE, content.amount, _buyer_of(invoice), SellerSettings.current())
        return _write(draft, lambda heading: credit_content(heading, order, content, original=original), actor, at)


@dataclass(frozen=True)
class _Draft:
    """A document that has no number yet."""

    order: Order
    kind: str
    amount: Decimal
    buyer: InvoiceBuyer
    seller: SellerSettings


def _of(order: Order, kind: str) -> Document | None:
    return Document.objects.filter(order=order, kind=kind).first()


def _buyer_of(invoice: Document | None) -> InvoiceBuyer:
    if invoice is None or not invoice.buyer_name:
        return NOBODY
    return InvoiceBuyer(invoice.buyer_name, (invoice.buyer_lines or "").splitlines(), invoice.buyer_vat or "")


def _issue_sale(order: Order, kind: str, buyer: InvoiceBuyer, actor: Actor, at: dt.datetime) -> Document:
    """Issue a document about the whole of a locked order."""
    payments, seller = payments_of(order), SellerSettings.current()
    money = stand(order, payments, at)
    if not money.is_settled:
        raise NothingPaid(str(NOT_YET[kind]))
    if kind == Kind.INVOICE:
        _check_invoice(order, seller)
    lines = lines_of(order)
    draft = _Draft(order, kind, order.total, buyer, seller)
    return _write(
        draft, lambda heading: sale_content(heading, order, lines=lines, payments=payments, money=money), actor, at
    )


def _check_invoice(order: Order, seller: SellerSettings) -> None:
    if not seller.is_complete:
        raise SellerUnknown(gettext("The shop cannot make invoices yet. Please ask the shop."))
    if order.name is None:
        raise BuyerErased(gettext("This order no longer knows its buyer, so it is too late for an invoice."))


def _check_credit(order: Order, content: CreditNoteContent) -> None:
    """Refuse a credit note that does not add up, or that credits more than was paid and is not credited yet."""
    paid = _sum(order.payments.captured().filter(currency=order.currency))
    if paid == ZERO:
        raise NothingPaid(gettext("Nothing was paid for this order, so there is nothing to credit."))
    if not content.adds_up(order.currency):
        raise CreditRefused(gettext("The amounts of the credit note do not add up."))
    if _sum(Document.objects.filter(order=order, kind=Kind.CREDIT_NOTE)) + content.amount > paid:
        raise CreditRefused(gettext("A credit note cannot exceed what was paid."))


def _sum(rows: QuerySet) -> Decimal:
    return rows.aggregate(sum=sql_round(Sum("amount"), 2))["sum"] or ZERO


def _write(draft: _Draft, freeze: Callable[[Heading], Content], actor: Actor, at: dt.datetime) -> Document:
    """Take the next number and write the document under it, in the caller's transaction."""
    order, on = draft.order, day_in_shop(at, draft.order.shop)
    number = _take_number(draft.kind, on.year)
    name = document_name(draft.seller.prefix_of(draft.kind), on.year, number)
    with translation.override(order.language):
        content = freeze(Heading(draft.kind, name, number, on, at, draft.seller, str(site_name())))
    return Document.objects.create(
        kind=draft.kind,
        year=on.year,
        number=number,
        name=name,
        order=order,
        amount=draft.amount,
        currency=order.currency,
        content=content,
        content_hash=digest(content),
        buyer_name=draft.buyer.name,
        buyer_lines="\n".join(draft.buyer.lines),
        buyer_vat=draft.buyer.vat,
        issued_at=at,
        actor_id=actor.user_id,
        actor_label=actor.label,
    )


def _take_number(kind: str, year: int) -> int:
    """Return the next number of a series, locked until the caller's transaction ends: one rolled back leaves no gap."""
    series = DocumentSeries.objects.filter(kind=kind, year=year)
    if not series.update(last_number=F("last_number") + 1):
        # The first of the year, or of those who ask at the same moment: the others wait here for its commit.
        insert([DocumentSeries(kind=kind, year=year)], leaves_existing=True)
        series.update(last_number=F("last_number") + 1)
    return series.values_list("last_number", flat=True).get()
