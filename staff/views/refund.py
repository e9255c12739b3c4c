"""Refunds of an order: what to refund, the sum before it is made, and what is left to do."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from common import clock
from common.errors import DomainError
from common.http import see_other
from orders.models import Order, RefundDocument
from orders.selectors import payments_of, refund_allowance, refundable_of
from orders.services.refund import refund_all, refund_amount, refund_lines
from staff.access import Desk, staff_only
from staff.presenters.refund import build_check, build_made, build_page, taken_of
from staff.refund_forms import RefundForm

Kind = RefundDocument.Kind
MAKE: dict[str, Callable[..., RefundDocument]] = {
    Kind.LINES: refund_lines,
    Kind.AMOUNT: refund_amount,
    Kind.FULL: refund_all,
}


@staff_only("orders.make_refund")
@require_http_methods(["GET", "HEAD", "POST"])
def refund(request: HttpRequest, desk: Desk, number: str) -> HttpResponse:
    """Ask what to refund, show the sum, and make it once that is confirmed; `?made=<id>` shows a refund made here."""
    at = clock.now()
    order = desk.order(number, at)
    allowance = refund_allowance(order, role=desk.role, user_id=desk.user.pk)
    if "made" in request.GET:
        return _made(request, desk, order)
    if allowance is not None and allowance <= 0 and not order.refund_documents.filter(actor=desk.user).exists():
        raise Http404("this role refunds nothing")
    done = order.refund_documents.filter(nonce=request.POST.get("nonce", "")[:64]).first()
    if done is not None:
        return see_other(_address(order, done))
    payments = payments_of(order)
    form = RefundForm(
        request.POST or None, refundable=refundable_of(order), allowance=allowance, taken=taken_of(payments)
    )
    if request.method != "POST" or "change" in request.POST:
        return _page(request, desk, order, form)
    if not form.is_valid():
        return _page(request, desk, order, form, status=422)
    if "confirm" not in request.POST:
        return _check(request, desk, order, form)
    make = MAKE[form.plan.kind]
    try:
        document = make(order_id=order.pk, actor=desk.actor, at=at, **form.what(), **form.said())
    except DomainError as error:
        return _check(request, desk, order, form, notice=error.message, status=409)
    return see_other(_address(order, document))


def _address(order: Order, document: RefundDocument) -> str:
    return f"{reverse('staff:refund', args=[order.number])}?made={document.pk}"


def _made(request: HttpRequest, desk: Desk, order: Order) -> HttpResponse:
    text = request.GET["made"]
    if not text.isascii() or not text.isdecimal() or len(text) > 18:
        raise Http404("no such refund")
    document = get_object_or_404(order.refund_documents.prefetch_related("refunds__payment"), pk=int(text))
    return render(request, "staff/refund_made.html", {"desk": desk, "made": build_made(order, document)})


def _page(request: HttpRequest, desk: Desk, order: Order, form: RefundForm, *, status: int = 200) -> HttpResponse:
    page = build_page(order, form.refundable, form.allowance, form.line_fields())
    return render(request, "staff/refund.html", {"desk": desk, "page": page, "form": form}, status=status)


def _check(
    request: HttpRequest, desk: Desk, order: Order, form: RefundForm, *, notice: str = "", status: int = 200
) -> HttpResponse:
    paid_out = form.cleaned_data.get("paid_out", "")
    check = build_check(order, form.plan, payments_of(order), reason=form.cleaned_data["reason"], paid_out=paid_out)
    context = {"desk": desk, "check": check, "carried": form.carried(), "notice": notice}
    return render(request, "staff/refund_check.html", context, status=status)
