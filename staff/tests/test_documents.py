"""Documents at the counter: the receipt for anybody there, the buyer's data only with a reason that is recorded."""

import io
import re

import pytest
from django.urls import reverse
from pypdf import PdfReader

from accounts.models import AuditEntry
from orders.models import Document
from orders.tests.documents import credit, invoice, paid, receipt
from orders.tests.factories import make_seller, make_shop
from staff.tests.factories import make_employee, make_open_order, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return make_shop()


@pytest.fixture
def client(shop):
    return sign_in(make_employee(shop))


def url(name: str, order, *args: str) -> str:
    return reverse(f"staff:{name}", args=[order.number, *args])


def pdf_text(response) -> str:
    assert response["Content-Type"] == "application/pdf"
    return " ".join(" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(response.content)).pages)


def test_staff_issue_and_print_the_receipt_of_a_paid_order(client, shop, at):
    order = paid(at, shop=shop)
    assert f'action="{url("receipt", order)}"' in client.get(url("order", order)).content.decode()

    answer = client.post(url("receipt", order))

    document = Document.objects.get()
    address = url("document", order, document.name)
    assert (answer.status_code, answer["Location"]) == (303, address)
    assert document.actor_label == "Anna"
    page = client.get(url("order", order)).content.decode()
    assert f'href="{address}"' in page and url("receipt", order) not in page
    printed = client.get(address)
    assert printed["Cache-Control"] == "private, no-store"
    assert "€5.20" in pdf_text(printed)


def test_an_order_that_is_not_paid_gets_no_receipt(client, shop):
    order = make_open_order("placed", shop=shop)
    assert url("receipt", order) not in client.get(url("order", order)).content.decode()

    answer = client.post(url("receipt", order))

    assert answer.status_code == 409
    assert "There is no receipt until the order is paid." in answer.content.decode()
    assert not Document.objects.exists()


def test_the_copy_at_the_counter_leaves_the_buyer_out(client, shop, at):
    make_seller()
    order = paid(at, shop=shop)
    named = [invoice(order, at), credit(order, at)]

    for document in named:
        text = pdf_text(client.get(url("document", order, document.name)))

        assert "This copy leaves the buyer’s data out." in text and "Noor" not in text
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(
    ("given", "kept"), [({"reason": "print"}, "print"), ({"words": "They lost it"}, "They lost it")]
)
def test_the_buyer_is_shown_for_a_reason_that_is_recorded(client, shop, at, given, kept):
    make_seller()
    order = paid(at, shop=shop)
    document = invoice(order, at)
    address = url("show-document", order, document.name)
    assert f'action="{address}"' in client.get(url("order", order)).content.decode()

    answer = client.post(address, given)

    entry = AuditEntry.objects.get()
    assert "Noor Visser" in pdf_text(answer) and answer["Cache-Control"] == "private, no-store"
    assert (entry.action, entry.target, entry.note, entry.reason) == (
        "reveal", f"order:{order.number}", f"buyer on {document.name}", kept,
    )  # fmt: skip


def test_the_panel_beside_the_board_leaves_documents_to_a_tab_of_their_own(client, shop, at):
    """Its script posts every other form itself and would throw the answer away."""
    make_seller()
    order = paid(at, shop=shop)
    document = invoice(order, at)

    panel = client.get(f"{url('order', order)}?panel=1").content.decode()

    forms = re.findall(r"<form[^>]*>", panel)
    in_a_tab = {re.search(r'action="([^"]*)"', form)[1] for form in forms if 'target="_blank"' in form}
    assert in_a_tab == {url("receipt", order), url("show-document", order, document.name)}


@pytest.mark.parametrize("given", [{}, {"reason": "other"}, {"words": " \u200b "}, {"words": "x" * 201}])
def test_without_a_reason_the_buyer_stays_hidden(client, shop, at, given):
    make_seller()
    order = paid(at, shop=shop)
    document = invoice(order, at)

    answer = client.post(url("show-document", order, document.name), given)

    assert answer.status_code == 422
    assert "Noor" not in answer.content.decode() and not AuditEntry.objects.exists()


def test_a_document_without_a_buyer_has_nothing_to_reveal(client, shop, at):
    order = paid(at, shop=shop)
    document = receipt(order, at)

    answer = client.post(url("show-document", order, document.name), {"reason": "print"})

    assert answer.status_code == 409 and not AuditEntry.objects.exists()


@pytest.mark.parametrize("name", ["document", "show-document"])
def test_documents_of_other_orders_and_shops_are_missing_pages(client, shop, at, name):
    mine, elsewhere = paid(at, shop=shop), paid(at)
    document = receipt(elsewhere, at)
    ask = client.get if name == "document" else client.post

    assert ask(url(name, elsewhere, document.name)).status_code == 404
    assert ask(url(name, mine, document.name)).status_code == 404
    assert ask(url(name, mine, "nonsense")).status_code == 404
