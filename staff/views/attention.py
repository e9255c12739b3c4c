"""Matters that need a person: the list, and one decision a request."""

import uuid
from collections.abc import Sequence

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from common import clock
from common.errors import DomainError
from common.http import post_only, see_other
from orders import numbers
from orders.attention_list import attention_in
from orders.models import Order, Payment, Refund
from orders.payments import by_hand
from orders.services import cancel_requests, given_up
from staff.access import Desk, staff_only
from staff.forms import DecisionForm
from staff.presenters.attention import Posted, build_items

OF_PAYMENTS = {
    "accept": by_hand.accept_payment,
    "refund": by_hand.refund_by_hand,
    "close": by_hand.close_payment,
    "ask": by_hand.ask_gateway,
}
OF_REFUNDS = {"repeat": by_hand.repeat_refund, "close": by_hand.close_refund}
OF_ORDERS = {
    "charge": by_hand.charge_again,
    "agree": by_hand.agree_to_refund,
    "cancel": cancel_requests.grant_cancel,
    "keep": cancel_requests.decline_cancel,
}
OF_MESSAGES = {"retry": given_up.retry_message, "close": given_up.close_message}
WITHOUT_NOTE = ("ask", "repeat", "retry")


@staff_only("orders.refund")
@require_safe
def show(request: HttpRequest, desk: Desk) -> HttpResponse:
    """List the matters that wait in all shops of this person, oldest first."""
    return _page(request, desk)


@staff_only("orders.refund")
@post_only
def payment(request: HttpRequest, desk: Desk, key: uuid.UUID, verb: str) -> HttpResponse:
    """Take one decision about a payment."""
    found = Payment.objects.filter(public_id=key, order__shop__in=desk.shop_ids).first()
    if found is None or verb not in OF_PAYMENTS:
        raise Http404("no such payment for this person")
    extra = {} if verb == "ask" else {"seen": request.POST.get("seen", "")}
    return _decide(request, desk, OF_PAYMENTS[verb], verb, {"payment_id": found.pk, **extra})


@staff_only("orders.refund")
@post_only
def refund(request: HttpRequest, desk: Desk, key: uuid.UUID, verb: str) -> HttpResponse:
    """Repeat a refused refund, or record that it was made outside the bank."""
    found = Refund.objects.filter(key=key, payment__order__shop__in=desk.shop_ids).first()
    if found is None or verb not in OF_REFUNDS:
        raise Http404("no such refund for this person")
    return _decide(request, desk, OF_REFUNDS[verb], verb, {"refund_id": found.pk})


@staff_only("orders.refund")
@post_only
def order(request: HttpRequest, desk: Desk, number: str, verb: str) -> HttpResponse:
    """Decide about an order: the bank's own refund, or a colleague's request to cancel."""
    found = Order.objects.filter(number=numbers.normalise(number), shop__in=desk.shop_ids).first()
    if found is None or verb not in OF_ORDERS:
        raise Http404("no such order for this person")
    return _decide(request, desk, OF_ORDERS[verb], verb, {"order_id": found.pk, "seen": request.POST.get("seen", "")})


@staff_only("orders.refund")
@post_only
def message(request: HttpRequest, desk: Desk, key: int, verb: str) -> HttpResponse:
    """Retry a message that was given up, or close it."""
    visible = attention_in(desk.shop_ids, is_owner=desk.is_owner, at=clock.now()).messages
    if verb not in OF_MESSAGES or key not in {one.message.pk for one in visible}:
        raise Http404("no such message for this person")
    return _decide(request, desk, OF_MESSAGES[verb], verb, {"message_id": key})


def _decide(request: HttpRequest, desk: Desk, service, verb: str, what: dict[str, object]) -> HttpResponse:
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _page(request, desk, errors=form.errors["note"], status=422)
    note = {} if verb in WITHOUT_NOTE else {"note": form.cleaned_data["note"]}
    try:
        service(**what, **note, actor=desk.actor, at=clock.now())
    except DomainError as error:
        status = {"note_missing": 422, "gateway_unavailable": 503}.get(error.code, 409)
        return _page(request, desk, errors=[error.message], status=status)
    return see_other(reverse("staff:attention"))


def _page(request: HttpRequest, desk: Desk, *, errors: Sequence[str] = (), status: int = 200) -> HttpResponse:
    posted = Posted(request.path, request.POST.get("note", ""), list(errors)) if errors else None
    at = clock.now()
    items = build_items(attention_in(desk.shop_ids, is_owner=desk.is_owner, at=at), at, posted)
    context = {"desk": desk, "items": items, "error": " ".join(errors)}
    return render(request, "staff/attention.html", context, status=status)
