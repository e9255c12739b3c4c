"""Paid orders and their documents, for tests."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

from common.actors import GUEST, WORKER, Actor
from common.registry import invariants
from orders.documents.content import CreditNoteContent, DocumentLine, TaxShare
from orders.models import Document, Order
from orders.services.documents import InvoiceBuyer, issue_credit_note, issue_invoice, issue_receipt
from orders.tests.factories import make_order, pay_at_counter

BUYER = InvoiceBuyer("Noor Visser", ("Singel 1", "1012 VC Amsterdam"), "NL001234567B01")


def paid(at: dt.datetime, **extra) -> Order:
    order = make_order(at, **extra)
    pay_at_counter(order, at)
    return order


def receipt(order: Order, at: dt.datetime, actor: Actor = GUEST) -> Document:
    return issue_receipt(order_id=order.pk, actor=actor, at=at)


def invoice(order: Order, at: dt.datetime, buyer: InvoiceBuyer = BUYER, actor: Actor = GUEST) -> Document:
    return issue_invoice(order_id=order.pk, buyer=buyer, actor=actor, at=at)


def credit_of(amount: str = "2.60", tax: str = "0.24", rate: str = "0.10", **extra) -> CreditNoteContent:
    line = DocumentLine(
        code="SKU", name="Butter croissant", options="", unit="pc", quantity=Decimal(1), unit_price=Decimal(amount),
        amount=Decimal(amount), discount=Decimal(0), tax_rate=Decimal(rate),
    )  # fmt: skip
    shares = [TaxShare(Decimal(rate), Decimal(amount), Decimal(tax))]
    return replace(CreditNoteContent(Decimal(amount), shares, [line], "order_cancelled"), **extra)


def credit(order: Order, at: dt.datetime, content: CreditNoteContent | None = None) -> Document:
    return issue_credit_note(order_id=order.pk, content=content or credit_of(), actor=WORKER, at=at)


def violations(key: str, at: dt.datetime) -> list:
    return list(next(check for check in invariants() if check.id == key).find(at))
