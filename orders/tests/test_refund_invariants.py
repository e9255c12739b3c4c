"""Each invariant of refund documents finds its planted violation."""

from decimal import Decimal as D

import pytest

from common.registry import invariants
from orders.gateways.base import GatewayRefused, RefundFacts
from orders.models import Refund, RefundDocument, RefundDocumentLine
from orders.payments.refunds import deliver_refund
from orders.tests.factories import actor_of, make_order, make_person
from orders.tests.fake_bank import notice
from orders.tests.test_cancel import pay
from orders.tests.test_refund import Desk, collected

pytestmark = [pytest.mark.django_db, pytest.mark.violates]
OURS = {"I10", "I10b", "I10c", "I10d"}


def broken(at):
    return {check.id for check in invariants() if check.id in OURS and [*check.find(at)]}


@pytest.fixture
def olga():
    return actor_of(make_person("owner", name="Olga Berg"))


@pytest.fixture
def desk(olga, at):
    return Desk(collected(at, olga), olga, at)


def plant_document(order, at, kind="lines", amount="3.33"):
    """Write a document and its refund without the service."""
    document = RefundDocument.objects.create(
        order=order, kind=kind, amount=D(amount), tax_amount=D(0), currency="EUR", reason="other", nonce="planted",
        actor_label="x", at=at,
    )  # fmt: skip
    Refund.objects.create(
        payment=order.payments.get(), document=document, amount=D(amount), reason="other", state="done", created_at=at
    )
    return document


def plant_line(document, line, quantity="1", amount="3.33"):
    RefundDocumentLine.objects.create(
        document=document, line=line, quantity=D(quantity), amount=D(amount), tax_amount=D(0), goods="kept"
    )


def test_what_the_service_writes_violates_nothing(desk, at):
    desk.lines({1: "1", 2: "0.1"})
    desk.amount("1")
    desk.all()

    assert broken(at) == set()


@pytest.mark.parametrize(
    ("kind", "amount", "found"),
    [
        ("lines", "3.33", set()),
        ("lines", "3.32", {"I10b"}),
        ("lines", "3.34", {"I10b"}),
        ("full", "3.32", set()),
        ("full", "3.34", {"I10b"}),
    ],
)
def test_i10b_finds_a_document_that_is_not_the_sum_of_its_lines(desk, at, kind, amount, found):
    plant_line(plant_document(desk.order, at, kind), desk.order.lines.get(position=1), amount=amount)

    assert broken(at) == found


def test_i10b_finds_a_refund_of_lines_without_lines(desk, at):
    plant_document(desk.order, at)

    assert broken(at) == {"I10b"}


@pytest.mark.parametrize("amount", ["3.32", "3.34"])
def test_i10c_finds_a_document_that_is_not_the_sum_of_its_refunds(desk, at, amount):
    desk.amount("3.33")
    Refund.objects.update(amount=D(amount))

    assert broken(at) == {"I10c"}


def test_i10c_finds_a_document_whose_refund_was_replaced_by_nothing(desk, at):
    desk.amount("3.33")
    Refund.objects.update(state="replaced")

    assert broken(at) == {"I10c"}


def test_i10c_finds_a_refund_of_another_order(desk, olga, at):
    document = desk.amount("3.33")
    elsewhere = Desk(collected(at, olga), olga, at)
    Refund.objects.update(payment=elsewhere.order.payments.get())

    assert document.order != elsewhere.order
    assert broken(at) == {"I10c"}


def test_i10c_accepts_the_banks_own_refund_in_place_of_ours(olga, at, bank, monkeypatch):
    order = make_order(at, online=True)
    payment = pay(order, at)
    document = Desk(order, olga, at).amount("2")
    own = RefundFacts("ref_own", "5f0d7d2e-6f0e-4f53-9a43-0c7a4a0d9b11", D("1.50"))
    bank.book[str(payment.public_id)] = bank.read_facts(notice(payment, "captured", refunds=(own,)))

    def refuse(*_):
        raise GatewayRefused("no")

    monkeypatch.setattr(bank, "refund", refuse)
    deliver_refund(refund_id=Refund.objects.get().pk, at=at)

    rows = sorted((one.state, one.amount, one.document_id == document.pk) for one in Refund.objects.all())
    assert rows == [("done", D("1.50"), False), ("pending", D("0.50"), True), ("replaced", D("2.00"), True)]
    assert broken(at) == set()


def test_i10d_finds_more_of_a_line_refunded_than_was_ordered(desk, at):
    line = desk.order.lines.get(position=1)
    desk.lines({1: "2"})
    plant_line(plant_document(desk.order, at), line, quantity="2")

    assert broken(at) == {"I10d"}


def test_i10d_finds_a_line_of_another_order(desk, olga, at):
    other = collected(at, olga)
    plant_line(plant_document(desk.order, at), other.lines.get(position=1))

    assert broken(at) == {"I10d"}
