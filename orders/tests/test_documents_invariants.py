"""Each invariant of documents finds its planted violation."""

from decimal import Decimal

import pytest

from orders.documents.content import digest
from orders.models import DocumentSeries
from orders.tests.documents import credit, invoice, paid, receipt, violations
from orders.tests.factories import make_order, make_seller

pytestmark = pytest.mark.django_db


def test_documents_as_issued_violate_nothing(at):
    make_seller()
    order = paid(at)
    receipt(order, at), invoice(order, at), credit(order, at)

    assert violations("I48", at) == violations("I49", at) == []


@pytest.mark.violates
@pytest.mark.parametrize("change", [{"last_number": 3}, {"last_number": 1}, {"kind": "invoice"}, {"year": 2025}])
def test_i48_finds_a_gap(at, change):
    receipt(paid(at), at), receipt(paid(at), at)
    DocumentSeries.objects.update(**change)

    assert violations("I48", at)


@pytest.mark.violates
def test_i48_finds_a_number_that_was_left_out(at):
    document = receipt(paid(at), at)
    document.pk, document.order, document.number, document.name = None, make_order(at), 3, "R-2026-000003"
    document.save(force_insert=True)
    DocumentSeries.objects.update(last_number=3)

    assert violations("I48", at)


@pytest.mark.violates
@pytest.mark.parametrize(
    "change",
    [
        lambda document: document.content["totals"].update(paid="99"),
        lambda document: document.content["lines"].clear(),
        lambda document: setattr(document, "amount", Decimal("5.21")),
        lambda document: setattr(document, "content_hash", "0" * 64),
        lambda document: setattr(document, "year", 2025),
    ],
)
def test_i49_finds_a_document_that_is_not_as_issued(at, change):
    document = receipt(paid(at), at)
    document.pk, document.order, document.number, document.name = None, make_order(at), 2, "R-2026-000002"
    document.content.update(name="R-2026-000002", number=2)
    document.content_hash = digest(document.content)
    change(document)
    document.save(force_insert=True)

    assert violations("I49", at) == [{"document": "R-2026-000002"}]
