"""Credit notes of refunds: each corrects what the buyer was given, to the cent and to the tax."""

from decimal import Decimal as D

import pytest

from orders.models import Document
from orders.services.cancel import cancel_order
from orders.tests.documents import invoice, receipt
from orders.tests.factories import actor_of, make_order, make_person, make_seller
from orders.tests.test_cancel import pay
from orders.tests.test_refund import TAX, TOTAL, Desk, collected

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture
def olga():
    return actor_of(make_person("owner", name="Olga Berg"))


@pytest.fixture
def order(at, olga):
    make_seller()
    return collected(at, olga)


@pytest.fixture
def desk(order, olga, at):
    return Desk(order, olga, at)


def notes():
    return list(Document.objects.filter(kind="credit_note").order_by("number"))


def taxes():
    return sum((D(share["tax"]) for note in notes() for share in note.content["taxes"]), D(0))


def test_a_refund_without_a_document_needs_no_credit_note(desk):
    desk.lines({1: "1"})

    assert notes() == []


@pytest.mark.parametrize("given", [receipt, invoice], ids=["receipt", "invoice"])
def test_a_refunded_line_is_credited_with_its_discount_and_tax(desk, order, at, given):
    original = given(order, at)

    refund = desk.lines({1: "2", 2: "0.333"})

    [note] = notes()
    assert (note.amount, note.content["original"]) == (refund.amount, original.name)
    assert (note.buyer_name, note.content["reason"]) == (original.buyer_name, "damaged")
    first, second = note.content["lines"]
    assert [first[name] for name in ("quantity", "unit_price", "amount", "discount")] == ["2", "3.5", "7", "0.33"]
    assert [second[name] for name in ("quantity", "amount", "discount")] == ["0.333", "6.66", "0"]
    assert taxes() == refund.tax_amount


def test_refunding_all_of_it_in_parts_credits_the_whole(desk, order, at):
    receipt(order, at)

    desk.lines({1: "1"})
    desk.amount("2.50")
    desk.lines({3: "4"})
    desk.all()

    assert (sum(note.amount for note in notes()), taxes()) == (TOTAL, TAX)
    assert [bool(note.content["lines"]) for note in notes()] == [True, False, True, False]


def test_a_repeated_submit_is_credited_once(desk, order, at):
    receipt(order, at)

    for _ in range(2):
        desk.lines({1: "1"}, nonce="once")

    assert len(notes()) == 1


def test_cancelling_credits_the_rest(at, olga, bank):
    order = make_order(at, online=True)
    pay(order, at)
    receipt(order, at)
    Desk(order, olga, at).amount("2")

    cancel_order(order_id=order.pk, reason="", actor=olga, at=at)

    assert [(note.amount, note.content["reason"]) for note in notes()] == [
        (D(2), "damaged"),
        (D("3.20"), "order_cancelled"),
    ]
    assert taxes() == order.tax_total


def test_cancelling_without_a_document_credits_nothing(at, olga, bank):
    order = make_order(at, online=True)
    pay(order, at)

    cancel_order(order_id=order.pk, reason="", actor=olga, at=at)

    assert notes() == []
