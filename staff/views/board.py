"""The board of open orders: one tap to the next status, undo, recall, pause."""

import datetime as dt

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag, url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from common import clock
from common.errors import DomainError
from common.http import post_only, see_other
from orders import numbers
from orders.attention_list import count_attention
from orders.board import load_lines, read_open_orders
from orders.for_staff import Recall, recalls, recalls_among
from orders.models import Order
from orders.presenters.wording import actor_word, short_status
from orders.services.change_status import change_status, undo
from staff.access import Desk, staff_only
from staff.forms import PauseForm, StepForm, UndoForm
from staff.presenters import board, wording
from staff.views import order as order_page
from stock.services.shops import pause


@staff_only("orders.view_board")
@require_safe
def show_board(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show the open orders of the current shop."""
    return render(request, "staff/board.html", _context(request, desk))


@staff_only("orders.view_board")
@require_safe
def live(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Answer the board's polling: its live part, or 304 without drawing it if nothing on it has changed."""
    facts = _facts(request, desk)
    etag = quote_etag(board.version(facts))
    response = get_conditional_response(request, etag=etag)
    if response is None:
        response = render(request, "staff/_live.html", _context(request, desk, facts))
    response["ETag"] = etag
    return response


@staff_only("orders.view_board")
@require_safe
def recall(request: HttpRequest, desk: Desk) -> HttpResponse:
    """List the steps of the last hour that can be undone."""
    at = clock.now()
    rows = _recall_rows(recalls(role=desk.role, actor=desk.actor, shop_ids=desk.here, at=at), at)
    context = {"desk": desk, "at": at, "recalls": rows}
    return render(request, "staff/recall.html", context)


@staff_only("orders.change_status")
@post_only
def take_step(request: HttpRequest, desk: Desk, number: str) -> HttpResponse:
    """Take an order to its next status."""
    at = clock.now()
    order = desk.order(number, at)
    form = StepForm(request.POST)
    if not form.is_valid():
        return _refuse(request, desk, order, form.errors["step"][0], 400)
    to, version = form.cleaned_data["step"]
    try:
        change_status(order_id=order.pk, to=to, expected_version=version, actor=desk.actor, at=at)
    except DomainError as error:
        return _refuse(request, desk, order, wording.refusal(error, order), 409)
    return see_other(_back(request))


@staff_only("orders.change_status")
@post_only
def take_back(request: HttpRequest, desk: Desk, number: str) -> HttpResponse:
    """Undo the last step of an order."""
    at = clock.now()
    order = desk.order(number, at)
    form = UndoForm(request.POST)
    if not form.is_valid():
        return _refuse(request, desk, order, gettext("Reload the page and try again."), 400)
    try:
        undo(order_id=order.pk, expected_version=form.cleaned_data["version"], actor=desk.actor, at=at)
    except DomainError as error:
        return _refuse(request, desk, order, wording.refusal(error, order), 409)
    return see_other(_back(request))


@staff_only("shop.pause")
@post_only
def pause_shop(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Pause or resume new orders at the current shop."""
    form = PauseForm(request.POST)
    if desk.shop is None or not form.is_valid():
        context = _context(request, desk, notice=gettext("Choose how long to pause."))
        return render(request, "staff/board.html", context, status=400)
    at = clock.now()
    until = board.pause_until(form.cleaned_data["pause"], desk.shop, at)
    pause(shop_id=desk.shop.pk, until=until, actor=desk.actor, at=at)
    return see_other(_back(request))


def _facts(request: HttpRequest, desk: Desk) -> board.Facts:
    """Return what the live part of the board is drawn from: one query, and two for those who decide about money."""
    at = clock.now()
    found = read_open_orders(desk.here, at)
    return board.Facts(
        at=at,
        shop=desk.shop,
        role=desk.role,
        orders=found.orders,
        recalls=_recall_rows(recalls_among(found, role=desk.role, actor=desk.actor, at=at), at),
        attention=count_attention(desk.shop_ids, is_owner=desk.is_owner, at=at) if desk.may("orders.refund") else 0,
        paused_until=wording.when(desk.shop.paused_until, desk.shop, at) if _is_paused(desk, at) else "",
        col=request.GET.get("col", ""),
        add_shop_url=reverse("shops:add") if desk.may("staff.manage") else "",
    )


def _context(
    request: HttpRequest, desk: Desk, facts: board.Facts | None = None, *, notice: str = ""
) -> dict[str, object]:
    facts = facts or _facts(request, desk)
    load_lines(facts.orders)
    columns = board.build_columns(facts.orders, shop=desk.shop, role=desk.role, at=facts.at) if desk.shop else []
    statuses = [column.status for column in columns]
    return {
        "desk": desk,
        "at": facts.at,
        "clock": wording.clock(facts.at, desk.shop) if desk.shop else "",
        "columns": columns,
        "col": facts.col if facts.col in statuses else next(iter(statuses), ""),
        "open_count": board.total_open(columns),
        "recalls": facts.recalls,
        "toast": facts.toast,
        "pause": {"choices": board.PAUSES, "until": facts.paused_until},
        "may_pause": desk.may("shop.pause"),
        "attention": facts.attention,
        "add_shop_url": facts.add_shop_url,
        "notice": notice,
        "board_url": _board_url(request),
    }


def _is_paused(desk: Desk, at: dt.datetime) -> bool:
    return desk.shop is not None and desk.shop.paused_until is not None and desk.shop.paused_until > at


def _recall_rows(found: list[Recall], at: dt.datetime) -> list[dict[str, object]]:
    return [
        {
            "number": recall.order.number,
            "code": numbers.group(recall.order.number),
            "version": recall.order.version,
            "status": short_status(recall.order.status),
            "who": actor_word(recall.event.actor_label),
            "time": wording.clock(recall.event.at, recall.order.shop),
            "left": max(int((recall.undo_until - at).total_seconds()), 0),
            "is_fresh": recall.is_fresh,
        }
        for recall in found
    ]


def _board_url(request: HttpRequest) -> str:
    url = reverse("staff:board")
    col = request.GET.get("col", "")
    return f"{url}?col={col}" if col in Order.Status.values else url


def _back(request: HttpRequest) -> str:
    """Return the page of ours that the post came from, or else the board."""
    target = request.POST.get("next", "")
    is_ours = target.startswith("/") and url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if is_ours else reverse("staff:board")


def _refuse(request: HttpRequest, desk: Desk, order: Order, sentence: str, status: int) -> HttpResponse:
    """Show the current state of the button's page, with the sentence above it."""
    if _back(request).split("?")[0] == reverse("staff:board"):
        return render(request, "staff/board.html", _context(request, desk, notice=sentence), status=status)
    return order_page.order_response(request, desk, order.number, notice=sentence, status=status)
