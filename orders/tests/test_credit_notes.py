"""Credit notes: what they correct, and that they never credit more than was paid."""

from dataclasses import replace
from decimal import Decimal

import pytest

from orders.documents.content import TaxShare
from orders.models import DocumentSeries
from orders.services.documents import CreditRefused, NothingPaid
from orders.tests.documents import credit, credit_of, invoice, paid, receipt
from orders.tests.factories import make_order, make_seller

pytestmark = pytest.mark.django_db


def test_a_credit_note_names_what_it_corrects_and_the_buyer(at):
    make_seller()
    order = paid(at)
    corrected = invoice(order, at)

    note = credit(order, at)

    assert (note.name, note.amount) == ("CN-2026-000001", Decimal("2.60"))
    assert note.content["original"] == corrected.name
    assert (note.buyer_name, note.buyer_lines) == (corrected.buyer_name, corrected.buyer_lines)
    assert note.content["taxes"] == [{"rate": "0.1", "gross": "2.6", "tax": "0.24", "net": "2.36"}]


def test_a_credit_note_without_an_invoice_corrects_the_receipt(at):
    order = paid(at)
    corrected = receipt(order, at)

    note = credit(order, at)

    assert (note.content["original"], note.buyer_name) == (corrected.name, "")


def test_credit_notes_never_exceed_what_was_paid(at):
    order = paid(at)
    credit(order, at), credit(order, at)

    with pytest.raises(CreditRefused):
        credit(order, at, credit_of("0.01", "0"))

    assert DocumentSeries.objects.get().last_number == 2


@pytest.mark.parametrize(
    "content",
    [
        credit_of("0", "0"),
        credit_of("-1", "0"),
        credit_of(amount="0.001", tax="0"),
        credit_of(taxes=[]),
        credit_of(taxes=[TaxShare(Decimal("0.1"), Decimal("2.59"), Decimal("0.24"))]),
        replace(credit_of(), amount=Decimal("2.61")),
    ],
)
def test_amounts_that_do_not_add_up_are_refused(at, content):
    with pytest.raises(CreditRefused):
        credit(paid(at), at, content)

    assert not DocumentSeries.objects.exists()


def test_an_amount_without_goods_can_be_credited(at):
    note = credit(paid(at), at, credit_of(lines=[]))

    assert (note.amount, note.content["lines"]) == (Decimal("2.60"), [])


def test_nothing_is_credited_when_nothing_was_paid(at):
    with pytest.raises(NothingPaid):
        credit(make_order(at), at)
