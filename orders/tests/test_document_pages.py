"""Documents on the buyer's page and in emails: the order's address is the right to them."""

import datetime as dt
import io

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from common.actors import GUEST
from common.models import OutboxMessage
from common.urls import absolute
from orders.models import Document, Order, Payment
from orders.payments.inbox import receive_and_process
from orders.payments.start import start_payment
from orders.services.cancel import cancel_order
from orders.services.erase import erase_contacts
from orders.tests.documents import BUYER, credit, invoice, paid, receipt
from orders.tests.factories import make_order, make_person, make_seller
from orders.tests.fake_bank import notice
from orders.tests.test_mails import deliver, html_of

pytestmark = pytest.mark.django_db
GIVEN = {"name": "Noor Visser", "address": "Singel 1\r\n1012 VC Amsterdam", "vat": "NL001234567B01"}


@pytest.fixture(autouse=True)
def a_minute_later(stopped_clock, at):
    stopped_clock(at + dt.timedelta(minutes=1))


def url(order: Order, name: str = "status", *args: str) -> str:
    return reverse(f"orders:{name}", args=[order.token, *args])


def html(client: Client, order: Order) -> str:
    return client.get(url(order)).content.decode()


def pdf_text(response) -> str:
    pages = PdfReader(io.BytesIO(response.content)).pages
    return " ".join(" ".join(page.extract_text().split()) for page in pages)


# The receipt


def test_a_paid_order_offers_its_receipt_and_then_links_to_it(client, at):
    order = paid(at)
    assert f'action="{url(order, "receipt")}"' in html(client, order)

    answer = client.post(url(order, "receipt"))

    document = Document.objects.get()
    address = url(order, "document", document.name)
    assert (answer.status_code, answer["Location"]) == (303, address)
    page = html(client, order)
    assert f'href="{address}"' in page and url(order, "receipt") not in page
    assert document.actor_label == GUEST.label


def test_the_receipt_is_a_private_pdf_with_a_safe_name(client, at):
    order = paid(at)
    document = receipt(order, at)

    answer = client.get(url(order, "document", document.name))

    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == 'inline; filename="R-2026-000001.pdf"'
    assert answer["Cache-Control"] == "private, no-store"
    assert (answer["X-Robots-Tag"], answer["Referrer-Policy"]) == ("noindex, nofollow", "same-origin")
    assert "object-src" not in answer["Content-Security-Policy"]
    assert "Receipt R-2026-000001" in pdf_text(answer)


def test_an_order_that_is_not_paid_offers_and_gets_nothing(client, at):
    order = make_order(at)
    make_seller()
    page = html(client, order)
    assert url(order, "receipt") not in page and url(order, "invoice") not in page

    refused = client.post(url(order, "receipt"))

    assert refused.status_code == 409
    assert "There is no receipt until the order is paid." in refused.content.decode()
    assert client.post(url(order, "invoice"), GIVEN).status_code == 409
    assert not Document.objects.exists()


def test_a_document_is_found_only_under_the_address_of_its_order(client, at):
    document, other = receipt(paid(at), at), paid(at)

    assert client.get(url(other, "document", document.name)).status_code == 404
    assert client.get(url(document.order, "document", "R-2026-000002")).status_code == 404
    assert client.get(url(document.order, "document", document.name)).status_code == 200


@pytest.mark.parametrize("name", ["x", "R-2026-1", "../../etc", "r-2026-000001", "R-2026-000001%0A"])
def test_other_names_are_plain_404s(client, at, name):
    assert client.get(f"{url(paid(at))}documents/{name}.pdf").status_code == 404


def test_reading_a_document_changes_nothing(client, at):
    document = receipt(paid(at), at)

    assert client.post(url(document.order, "document", document.name)).status_code == 405
    assert client.get(url(document.order, "receipt")).status_code == 405
    assert Document.objects.count() == 1


def test_a_new_document_is_news_to_the_poll(client, at):
    order = paid(at)
    tag = client.get(url(order, "fragment"))["ETag"]
    assert client.get(url(order, "fragment"), headers={"If-None-Match": tag}).status_code == 304

    receipt(order, at)

    answer = client.get(url(order, "fragment"), headers={"If-None-Match": tag})
    assert answer.status_code == 200
    assert url(order, "document", "R-2026-000001") in answer.content.decode()


def test_credit_notes_are_listed_by_name(client, at):
    order = paid(at)
    receipt(order, at), credit(order, at), credit(order, at)

    page = html(client, order)

    assert "Credit note CN-2026-000001 (PDF)" in page and "Credit note CN-2026-000002 (PDF)" in page


# The invoice


def test_an_invoice_is_made_for_the_buyer_who_is_typed_in(client, at):
    make_seller()
    order = paid(at)
    assert f'action="{url(order, "invoice")}"' in html(client, order)

    answer = client.post(url(order, "invoice"), GIVEN)

    document = Document.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, url(order))
    assert (document.buyer_name, document.buyer_lines, document.buyer_vat) == (
        BUYER.name, "\n".join(BUYER.lines), BUYER.vat,
    )  # fmt: skip
    page = html(client, order)
    assert url(order, "document", document.name) in page and url(order, "invoice") not in page
    assert "Noor Visser" in pdf_text(client.get(url(order, "document", document.name)))


def test_without_a_seller_no_invoice_is_offered(client, at):
    order = paid(at)

    assert url(order, "invoice") not in html(client, order)
    refused = client.post(url(order, "invoice"), GIVEN)
    assert refused.status_code == 409
    assert "The shop cannot make invoices yet. Please ask the shop." in refused.content.decode()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": ""}, "Enter the name that the invoice is for."),
        ({"name": "\u200b\u202e"}, "Enter the name that the invoice is for."),
        ({"name": "N" * 151}, "Keep the name under 150 characters."),
        ({"address": " \r\n "}, "Enter the address that the invoice is for."),
        ({"address": "\n".join("1234567")}, "Keep the address to six lines."),
        ({"address": "S" * 101}, "Keep each line of the address to 100 characters."),
        ({"vat": "1" * 41}, "Keep the VAT number under 40 characters."),
    ],
)
def test_what_cannot_be_printed_is_refused_and_kept(client, at, change, sentence):
    make_seller()
    order = paid(at)

    answer = client.post(url(order, "invoice"), {**GIVEN, **change})

    text = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in text and "Error:" in text
    assert ("Noor Visser" in text) is ("name" not in change)
    assert ("1012 VC Amsterdam" in text) is ("address" not in change)
    assert not Document.objects.exists()


def test_an_order_without_a_buyer_offers_no_invoice(client, at):
    make_seller()
    order = paid(at)
    erase_contacts([order])

    page = html(client, order)

    assert url(order, "invoice") not in page and url(order, "receipt") in page
    assert client.post(url(order, "invoice"), GIVEN).status_code == 409


def test_the_form_knows_the_name_of_its_own_customer_only(client, at):
    make_seller()
    user = make_person()
    order = paid(at, user=user)
    assert 'value="Mira Jansen"' not in html(client, order)

    client.force_login(user)

    assert 'value="Mira Jansen"' in html(client, order)


def test_pages_in_russian_work(client, at):
    make_seller()
    order = paid(at, language="ru")
    client.post(f"/ru{url(order, 'invoice')}", GIVEN)

    answer = client.get(f"/ru{url(order, 'document', 'INV-2026-000001')}")

    assert "10 марта 2026" in pdf_text(answer)


# Emails


def pay_online(order: Order, at) -> Payment:
    payment = start_payment(order_id=order.pk, return_url="http://shop.example/", actor=GUEST, at=at)
    body = notice(payment, "captured")
    receive_and_process(
        gateway="demo_bank", event_id=body["id"], kind=body["type"], payment_public_id=str(payment.public_id),
        body=body, at=at,
    )  # fmt: skip
    return payment


def test_the_email_about_a_payment_links_to_the_receipt(bank, at):
    order = make_order(at, online=True)
    pay_online(order, at)

    deliver(at + dt.timedelta(minutes=3))

    document = Document.objects.get()
    address = absolute("orders:document", order.token, document.name)
    assert document.actor_label == "worker"
    assert f"Receipt (PDF): {address}" in mail.outbox[0].body
    assert f'href="{address}"' in html_of(mail.outbox[0])


def test_an_email_delivered_twice_issues_one_receipt(bank, at):
    order = make_order(at, online=True)
    pay_online(order, at)
    deliver(at + dt.timedelta(minutes=3))
    OutboxMessage.objects.filter(event="order.paid").update(done_at=None, due_at=at)

    deliver(at + dt.timedelta(minutes=9))

    assert len(mail.outbox) == 2 and Document.objects.count() == 1


def test_the_email_about_a_refund_links_to_what_was_issued(bank, at):
    make_seller()
    order = make_order(at, online=True)
    pay_online(order, at)
    deliver(at + dt.timedelta(minutes=3))
    invoice(order, at)

    body = refund_email(order, at)

    assert "Receipt (PDF): " in body and "Invoice (PDF): " in body


def refund_email(order: Order, at) -> str:
    cancel_order(order_id=order.pk, reason="", actor=GUEST, at=at)
    for minutes in (4, 8):
        deliver(at + dt.timedelta(minutes=minutes))
    return next(message.body for message in mail.outbox if "refunded" in message.subject)
