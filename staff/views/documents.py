"""Receipts, invoices and credit notes of an order, for printing at the counter and for the books."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.reveals import OF_DOCUMENT
from accounts.services import audit
from common import clock
from common.errors import DomainError
from common.http import post_only, see_other
from orders.documents.response import pdf_response
from orders.selectors import document_of
from orders.services.documents import issue_receipt
from orders.services.reveal import reveal_document
from staff.access import Desk, staff_only
from staff.forms import RevealForm
from staff.views.order import order_response


@staff_only("orders.view_board")
@require_safe
def document(request: HttpRequest, desk: Desk, number: str, name: str) -> HttpResponse:
    """Return a document as PDF, without the buyer that it may name."""
    found = document_of(desk.order(number, clock.now()), name)
    if found is None:
        raise Http404("no such document for this person")
    return pdf_response(found, shows_buyer=False)


@staff_only("orders.hand_over")
@post_only
def receipt(request: HttpRequest, desk: Desk, number: str) -> HttpResponse:
    """Issue the receipt of a paid order and show it."""
    at = clock.now()
    order = desk.order(number, at)
    try:
        issued = issue_receipt(order_id=order.pk, actor=desk.actor, at=at)
    except DomainError as error:
        return order_response(request, desk, number, notice=error.message, status=409)
    return see_other(reverse("staff:document", args=[order.number, issued.name]))


@staff_only("orders.reveal")
@post_only
def show_document(request: HttpRequest, desk: Desk, number: str, name: str) -> HttpResponse:
    """Record in the audit who sees a document with its buyer, and why, then return it as PDF."""
    at = clock.now()
    order = desk.order(number, at)
    if document_of(order, name) is None:
        raise Http404("no such document for this person")
    form = RevealForm(request.POST, reasons=OF_DOCUMENT)
    if not form.is_valid():
        return order_response(request, desk, number, document_form=form, status=422)
    try:
        shown = reveal_document(order_id=order.pk, name=name, reason=form.given, actor=desk.actor, at=at)
    except audit.ReasonMissing as error:
        form.add_error("words", error.message)
        return order_response(request, desk, number, document_form=form, status=422)
    except DomainError as error:
        return order_response(request, desk, number, notice=error.message, status=409)
    return pdf_response(shown)
