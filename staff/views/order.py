"""Order information: finding orders by number, phone or scan; their history and the possible actions."""

import datetime as dt

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.reveals import OF_DOCUMENT, OF_ORDER
from accounts.services import audit
from common import clock
from common.errors import DomainError
from common.http import add_domain_error, post_only, see_other
from orders.for_staff import find_by_phone, find_order
from orders.limits import has_guessed_too_often, note_unknown_code
from orders.scan_reading import MAX_LENGTH, Wanted, is_garbled
from orders.selectors import read_scan
from orders.services.cancel import cancel_order
from orders.services.cancel_requests import ask_to_cancel
from orders.services.reveal import NothingToShow, reveal_phone
from staff.access import Desk, staff_only
from staff.forms import CancelForm, FindForm, RevealForm
from staff.presenters import details, wording
from staff.presenters.screens import Screen, other_keyboard_screen, too_many_screen, unknown_screen
from staff.views import screen

REVEALED_KEY = "staff_revealed"
REVEALED_FOR = 60  # seconds for which a revealed number stays on the page


@staff_only("orders.view_board")
@require_safe
def show_order(request: HttpRequest, desk: Desk, number: str) -> HttpResponse:
    """Show one order, or only its panel beside the board with `?panel=1`."""
    return order_response(request, desk, number)


@staff_only("orders.reveal")
@post_only
def show_phone(request: HttpRequest, desk: Desk, number: str) -> HttpResponse:
    """Record in the audit who reveals the customer's number, and why, then show it for a minute."""
    at = clock.now()
    order = desk.order(number, at)
    form = RevealForm(request.POST, reasons=OF_ORDER)
    if not form.is_valid():
        return order_response(request, desk, number, reveal_form=form, status=422)
    try:
        reveal_phone(order_id=order.pk, reason=form.given, actor=desk.actor, at=at)
    except audit.ReasonMissing as error:
        add_domain_error(form, error, "words")
        return order_response(request, desk, number, reveal_form=form, status=422)
    except NothingToShow as error:
        return order_response(request, desk, number, notice=error.message, status=409)
    request.session[REVEALED_KEY] = {"number": order.number, "until": at.timestamp() + REVEALED_FOR}
    return see_other(reverse("staff:order", args=[order.number]))


@staff_only("orders.cancel")
@post_only
def cancel(request: HttpRequest, desk: Desk, number: str) -> HttpResponse:
    """Cancel an order, or ask a manager to do it (`ask`), with a reason."""
    at = clock.now()
    order = desk.order(number, at)
    form = CancelForm(request.POST)
    if not form.is_valid():
        return order_response(request, desk, number, cancel_form=form, status=422)
    act = ask_to_cancel if "ask" in request.POST else cancel_order
    try:
        act(
            order_id=order.pk,
            reason=form.cleaned_data["reason"],
            expected_version=form.cleaned_data["version"],
            actor=desk.actor,
            at=at,
        )
    except DomainError as error:
        return order_response(request, desk, number, cancel_form=form, notice=wording.refusal(error, order), status=409)
    return see_other(reverse("staff:order", args=[order.number]))


@staff_only("orders.view_board")
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Find an order by typed or scanned text, which never becomes part of an address."""
    if request.method != "POST":
        return render(request, "staff/find.html", {"desk": desk})
    is_scan = request.POST.get("mode") == "scan"
    if not request.POST.get("q", "").strip():
        # Nothing was asked, so this is no failed attempt.
        if is_scan:
            return see_other(reverse("staff:scan"))
        return render(request, "staff/find.html", {"desk": desk, "is_empty": True}, status=422)
    at = clock.now()
    if has_guessed_too_often(user_id=desk.user.pk, at=at):
        return _not_found(request, desk, is_scan, too_many_screen())
    form = FindForm(request.POST)
    wanted = read_scan(form.cleaned_data["q"]) if form.is_valid() else Wanted()
    if wanted.secret:
        return see_other(reverse("collect", args=[wanted.secret]))
    order = find_order(desk.orders(at), wanted.number) if wanted.number else None
    if order is not None:
        return see_other(reverse("staff:hand-over" if is_scan else "staff:order", args=[order.number]))
    orders = find_by_phone(desk.orders(at), wanted.phone) if wanted.phone else []
    if orders:
        return render(request, "staff/find.html", {"desk": desk, "rows": details.found_rows(orders, at)})
    if not note_unknown_code(user_id=desk.user.pk, at=at):
        return _not_found(request, desk, is_scan, too_many_screen())
    if is_garbled(request.POST["q"]):
        return _not_found(request, desk, is_scan, other_keyboard_screen())
    return _not_found(request, desk, is_scan, unknown_screen(number=wanted.number))


def _not_found(request: HttpRequest, desk: Desk, is_scan: bool, answer: Screen) -> HttpResponse:
    if is_scan:
        return screen.show(request, desk, answer)
    context = {"desk": desk, "answer": answer, "asked": request.POST.get("q", "")[:MAX_LENGTH]}
    return render(request, "staff/find.html", context, status=answer.status)


def order_response(
    request: HttpRequest,
    desk: Desk,
    number: str,
    *,
    notice: str = "",
    cancel_form: CancelForm | None = None,
    reveal_form: RevealForm | None = None,
    document_form: RevealForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Return the page of an order in its current state; raise Http404 if they may not see it."""
    at = clock.now()
    order = desk.order(number, at)
    context = {
        "desk": desk,
        "info": details.build_details(order, desk=desk, at=at, show_phone=_is_revealed(request, order.number, at)),
        "cancel_form": cancel_form or CancelForm(initial={"version": order.version}),
        "reveal_form": reveal_form or RevealForm(reasons=OF_ORDER),
        "document_form": document_form or RevealForm(reasons=OF_DOCUMENT),
        "notice": notice,
    }
    template = "staff/_order_panel.html" if request.GET.get("panel") else "staff/order.html"
    return render(request, template, context, status=status)


def _is_revealed(request: HttpRequest, number: str, at: dt.datetime) -> bool:
    revealed = request.session.get(REVEALED_KEY) or {}
    return revealed.get("number") == number and at.timestamp() < revealed.get("until", 0)
