"""Credit notes of refunds: they correct a receipt or an invoice that says that more was paid.

Called last in the transaction that decides about a refund: the series of numbers is locked after everything else.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.db.models import Sum

from common.actors import Actor
from common.money import ZERO, round_money, spread
from common.quantity import sql_round
from orders.documents.content import CreditNoteContent, DocumentLine, TaxShare, shares_of
from orders.models import Document, Order, RefundDocument, RefundDocumentLine
from orders.selectors import lines_of
from orders.services.documents import issue_credit_note


def credit_refund(*, order: Order, document: RefundDocument, actor: Actor, at: dt.datetime) -> Document | None:
    """Issue the credit note of a refund that a person made; None for an order without receipt and invoice."""
    if not _has_document(order):
        return None
    lines = list(document.lines.select_related("line").order_by("line__position"))
    # What is refunded in full may be less, or more by the delivery, than the lines it names.
    is_of_lines = document.kind == RefundDocument.Kind.LINES
    content = CreditNoteContent(
        amount=document.amount,
        taxes=_taxes_of(lines) if is_of_lines else _taxes(order, document.amount, document.tax_amount),
        lines=[_line(one, order.currency) for one in lines] if is_of_lines else (),
        reason=document.reason,
    )
    return issue_credit_note(order_id=order.pk, content=content, actor=actor, at=at)


def credit_rest(*, order: Order, amount: Decimal, actor: Actor, at: dt.datetime) -> Document | None:
    """Issue the credit note of the rest of a cancelled order's money; None without money, receipt and invoice."""
    if amount <= ZERO or not _has_document(order):
        return None
    sums = order.refund_documents.aggregate(amount=sql_round(Sum("amount"), 2), tax=sql_round(Sum("tax_amount"), 2))
    gross, tax = order.total - (sums["amount"] or ZERO), order.tax_total - (sums["tax"] or ZERO)
    part = tax if amount >= gross else round_money(tax * amount / gross, order.currency)
    content = CreditNoteContent(amount, _taxes(order, amount, part), (), "order_cancelled")
    return issue_credit_note(order_id=order.pk, content=content, actor=actor, at=at)


def _has_document(order: Order) -> bool:
    return Document.objects.filter(order=order).exclude(kind=Document.Kind.CREDIT_NOTE).exists()


def _taxes_of(lines: Iterable[RefundDocumentLine]) -> list[TaxShare]:
    sums: dict[Decimal, tuple[Decimal, Decimal]] = defaultdict(lambda: (ZERO, ZERO))
    for one in lines:
        gross, tax = sums[one.line.tax_rate]
        sums[one.line.tax_rate] = gross + one.amount, tax + one.tax_amount
    return [TaxShare(rate, *sums[rate]) for rate in sorted(sums, reverse=True)]


def _taxes(order: Order, amount: Decimal, tax: Decimal) -> Sequence[TaxShare]:
    """Return an amount by the rates of the whole order, in proportion."""
    whole = shares_of(order, lines_of(order))
    amounts = spread(amount, [share.gross for share in whole], order.currency)
    taxes = spread(tax, [share.tax for share in whole], order.currency)
    return [TaxShare(share.rate, *pair) for share, *pair in zip(whole, amounts, taxes, strict=True)]


def _line(one: RefundDocumentLine, currency: str) -> DocumentLine:
    line = one.line
    amount = max(round_money(one.quantity * line.unit_price, currency), one.amount)
    return DocumentLine(
        code=line.code,
        name=line.name,
        options=line.options,
        unit=line.unit,
        quantity=one.quantity,
        unit_price=line.unit_price,
        amount=amount,
        discount=amount - one.amount,
        tax_rate=line.tax_rate,
    )
