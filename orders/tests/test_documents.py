"""Issuing documents: once for each order, under the next number, frozen, and only for money that was kept."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from accounts.services.erase import erase_account
from accounts.tests.factories import make_customer
from common.actors import WORKER
from common.registry import export_of
from orders.documents.content import digest
from orders.models import Document, DocumentSeries, Order, OrderLine, Refund
from orders.services.cancel import cancel_order
from orders.services.documents import BuyerErased, BuyerUnknown, InvoiceBuyer, NothingPaid, SellerUnknown
from orders.services.erase import erase_contacts
from orders.services.hand_over import hand_over
from orders.tests.documents import invoice, paid, receipt
from orders.tests.factories import actor_of, make_order, make_seller, make_shop, pay_at_counter, take_to_ready

pytestmark = pytest.mark.django_db


# Receipts


def test_a_receipt_freezes_what_was_sold_and_paid(at):
    order = paid(at)

    document = receipt(order, at)

    content = document.content
    assert (document.name, document.kind, document.amount) == ("R-2026-000001", "receipt", Decimal("5.20"))
    assert content["lines"] == [
        {
            "code": order.lines.get().code, "name": "Butter croissant", "options": "", "unit": "pc", "quantity": "2",
            "unit_price": "2.6", "amount": "5.2", "discount": "0", "tax_rate": "0.1",
        }
    ]  # fmt: skip
    assert content["taxes"] == [{"rate": "0.1", "gross": "5.2", "tax": "0.47", "net": "4.73"}]
    assert content["totals"]["total"] == content["totals"]["paid"] == "5.2"
    assert content["payments"] == [{"gateway": "on_collection", "taken": "cash", "amount": "5.2", "on": "2026-03-10"}]
    assert document.content_hash == digest(content)


def test_a_receipt_names_no_buyer(at):
    document = receipt(paid(at), at)

    assert (document.buyer_name, document.buyer_lines, document.buyer_vat) == ("", "", "")
    assert not any(word in str(document.content) for word in ("Mira", "mira@", "+31"))


def test_a_second_request_gets_the_first_receipt(at):
    order = paid(at)
    first = receipt(order, at)

    again = receipt(order, at + dt.timedelta(days=400))

    assert again == first
    assert Document.objects.count() == DocumentSeries.objects.get().last_number == 1


def test_the_database_refuses_a_second_receipt(at):
    document = receipt(paid(at), at)
    document.pk, document.number, document.name = None, 2, "R-2026-000002"

    with pytest.raises(IntegrityError), transaction.atomic():
        document.save(force_insert=True)


@pytest.mark.parametrize("issue", [receipt, invoice])
@pytest.mark.parametrize("case", ["nothing paid", "a part paid", "cancelled and refunded", "all of it refunded"])
def test_no_document_is_issued_for_money_that_was_not_kept(at, issue, case):
    make_seller()
    order = make_order(at)
    if case == "a part paid":
        pay_at_counter(order, at, Decimal("5.19"))
    elif case == "cancelled and refunded":
        pay_at_counter(order, at)
        cancel_order(order_id=order.pk, reason="", actor=WORKER, at=at)
    elif case == "all of it refunded":
        payment = pay_at_counter(order, at)
        Refund.objects.create(payment=payment, amount=payment.amount, reason="x", state="done", created_at=at)
        Order.objects.update(waived=order.total)

    with pytest.raises(NothingPaid):
        issue(order, at)

    assert not Document.objects.exists() and not DocumentSeries.objects.exists()


def test_a_shortfall_and_a_refund_are_told_apart(at):
    order = make_order(at)
    payment = pay_at_counter(order, at, Decimal("5.00"))
    Refund.objects.create(payment=payment, amount=Decimal("1.50"), reason="x", state="done", created_at=at)
    Order.objects.update(waived=Decimal("1.70"))

    totals = receipt(order, at).content["totals"]

    assert [totals[name] for name in ("total", "waived", "paid", "refunded")] == ["5.2", "0.2", "5", "1.5"]


@pytest.mark.violates("I05")
def test_each_rate_has_its_sum_and_its_tax(at):
    order = make_order(at)
    line = order.lines.get()
    line.pk, line.position, line.tax_rate, line.tax_amount = None, 2, Decimal("0.21"), Decimal("0.90")
    line.save()
    Order.objects.update(goods_total="10.40", total="10.40", tax_total="1.37")
    pay_at_counter(order, at, Decimal("10.40"))

    taxes = receipt(order, at).content["taxes"]

    assert taxes == [
        {"rate": "0.21", "gross": "5.2", "tax": "0.9", "net": "4.3"},
        {"rate": "0.1", "gross": "5.2", "tax": "0.47", "net": "4.73"},
    ]


# Numbers


@pytest.mark.sqlite
def test_each_kind_and_each_year_begins_at_one(at):
    make_seller()
    next_year = at + dt.timedelta(days=300)

    names = [receipt(paid(at), at).name, receipt(paid(at), at).name, invoice(paid(at), at).name]
    names.append(receipt(paid(at), next_year).name)

    assert names == ["R-2026-000001", "R-2026-000002", "INV-2026-000001", "R-2027-000001"]


def test_the_year_is_the_one_on_the_shops_calendar(at):
    midnight_in_utc = dt.datetime(2026, 12, 31, 23, 30, tzinfo=dt.UTC)
    here, there = paid(at), paid(at, shop=make_shop(timezone="America/New_York"))

    names = [receipt(order, midnight_in_utc).name for order in (here, there)]

    assert names == ["R-2027-000001", "R-2026-000001"]


@pytest.mark.sqlite
def test_an_issue_that_is_rolled_back_leaves_no_gap(at):
    first, second = paid(at), paid(at)
    with transaction.atomic():
        assert receipt(first, at).number == 1
        transaction.set_rollback(True)

    assert receipt(second, at).number == 1


# Frozen


@pytest.mark.violates("I07")
def test_nothing_that_changes_later_changes_a_document(at):
    make_seller()
    order = paid(at)
    document = invoice(order, at)
    before = dict(document.content)

    OrderLine.objects.update(name="Another", tax_rate="0.5")
    make_seller(legal_name="Somebody else")
    Order.objects.update(language="ru")

    document.refresh_from_db()
    assert document.content == before


@pytest.mark.parametrize("column", [{"name": "R-1"}, {"content": {}}, {"amount": "1"}, {"number": 7}, {"year": 2020}])
def test_the_database_refuses_to_change_a_document(at, column):
    receipt(paid(at), at)

    with pytest.raises(DatabaseError), transaction.atomic():
        Document.objects.update(**column)
    with pytest.raises(DatabaseError), transaction.atomic():
        Document.objects.all().delete()


# Invoices


def test_an_invoice_names_the_seller_and_the_buyer(at):
    make_seller(vat_number="NL123", registration_number="KvK 1")

    document = invoice(paid(at), at)

    seller = document.content["seller"]
    assert (document.buyer_name, document.buyer_vat) == ("Noor Visser", "NL001234567B01")
    assert document.buyer_lines == "Singel 1\n1012 VC Amsterdam"
    assert "Noor" not in str(document.content)
    assert (seller["name"], seller["address"]) == ("Canal Bakery B.V.", ["12 Canal Quay", "1011 AB Amsterdam"])
    assert (seller["vat_number"], seller["registration_number"]) == ("NL123", "KvK 1")


def test_a_second_request_gets_the_first_invoice_whoever_it_names(at):
    make_seller()
    order = paid(at)
    first = invoice(order, at)

    assert invoice(order, at, InvoiceBuyer("Somebody Else", ("Elsewhere 2",))) == first


def test_no_invoice_is_made_without_a_seller(at):
    with pytest.raises(SellerUnknown):
        invoice(paid(at), at)

    assert not DocumentSeries.objects.exists()


def test_an_order_whose_buyer_was_erased_gets_no_invoice(at):
    make_seller()
    order = paid(at)
    erase_contacts([order])

    with pytest.raises(BuyerErased):
        invoice(order, at)

    assert not DocumentSeries.objects.exists()
    assert receipt(order, at).number == 1


@pytest.mark.parametrize(
    "buyer",
    [
        InvoiceBuyer("", ("Singel 1",)),
        InvoiceBuyer("\u200b\u202e", ("Singel 1",)),
        InvoiceBuyer("Noor", ()),
        InvoiceBuyer("Noor", (" ", "\u2060")),
        InvoiceBuyer("N" * 151, ("Singel 1",)),
        InvoiceBuyer("Noor", ("S" * 101,)),
        InvoiceBuyer("Noor", ("Singel 1",) * 7),
        InvoiceBuyer("Noor", ("Singel 1",), "1" * 41),
    ],
)
def test_an_invoice_needs_a_buyer_that_can_be_printed(at, buyer):
    make_seller()

    with pytest.raises(BuyerUnknown):
        invoice(paid(at), at, buyer)

    assert not Document.objects.exists()


def test_marks_that_turn_text_around_are_not_kept(at):
    make_seller()

    document = invoice(paid(at), at, InvoiceBuyer("Noor \u202eresiV", ("Singel\u0007 1", "", "x\u2066y")))

    assert (document.buyer_name, document.buyer_lines) == ("Noor resiV", "Singel 1\nxy")


# People


def test_erasing_the_buyer_leaves_the_document_whole(at):
    make_seller()
    order = paid(at)
    confirmed, named = receipt(order, at), invoice(order, at)

    erase_contacts([order])

    confirmed.refresh_from_db(), named.refresh_from_db()
    assert (named.buyer_name, named.buyer_lines, named.buyer_vat) == (None, None, None)
    assert named.is_buyer_erased and not confirmed.is_buyer_erased
    assert named.content_hash == digest(named.content)


def test_a_deleted_account_takes_its_name_off_its_documents(at):
    make_seller()
    user = make_customer(email="mila@example.com")
    order = paid(at, user=user)
    document = invoice(order, at, actor=actor_of(user))
    assert export_of(user.pk)["documents"][0]["buyer_name"] == "Noor Visser"
    take_to_ready(order, at)
    hand_over(order_id=order.pk, nonce="n", taken=None, actor=WORKER, at=at, shop_ids=[order.shop_id])

    erase_account(user_id=user.pk, at=at)

    document.refresh_from_db()
    assert (document.buyer_name, document.actor_label) == (None, "customer")
