"""Hand-over by scan: the camera page, the QR code's address, the button, the answer."""

from collections.abc import Collection

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from common import clock
from common.http import see_other
from orders.for_staff import find_by_secret
from orders.limits import has_guessed_too_often, note_unknown_code
from orders.models import Order
from orders.scan_reading import read_code
from orders.selectors import set_due
from orders.services import hand_over as service
from staff.access import Desk, staff_only
from staff.forms import HandOverForm
from staff.presenters.screens import build_screen, tampered_screen, too_many_screen, unknown_screen
from staff.views import screen


@staff_only("orders.hand_over")
@require_safe
def scanner(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show the page that waits for a code from a camera, a hand scanner or the keyboard."""
    return render(request, "staff/scan.html", {"desk": desk})


@staff_only("orders.hand_over")
@require_http_methods(["GET", "HEAD", "POST"])
def collect(request: HttpRequest, desk: Desk, secret: str) -> HttpResponse:
    """Answer a QR code scanned at this counter; only the button on the page changes anything."""
    at = clock.now()
    if has_guessed_too_often(user_id=desk.user.pk, at=at):
        return screen.show(request, desk, too_many_screen())
    code = read_code(secret).secret
    order = find_by_secret(code) if code else None
    if order is None:
        is_allowed = note_unknown_code(user_id=desk.user.pk, at=at)
        return screen.show(request, desk, unknown_screen() if is_allowed else too_many_screen())
    return _answer(request, desk, order, desk.here)


@staff_only("orders.hand_over")
@require_http_methods(["GET", "HEAD", "POST"])
def hand_over_order(request: HttpRequest, desk: Desk, number: str) -> HttpResponse:
    """Hand over an order by its number at this counter; for another shop, staff first switch to it."""
    return _answer(request, desk, desk.order(number, clock.now()), desk.here)


def _answer(request: HttpRequest, desk: Desk, order: Order, shop_ids: Collection[int]) -> HttpResponse:
    at = clock.now()
    if request.method != "POST":
        result = service.preview(order=order, shop_ids=shop_ids, nonce=request.GET.get("done", ""))
        return screen.show(request, desk, build_screen(result, desk=desk, at=at))
    form = HandOverForm(request.POST)
    if not form.is_valid():
        return screen.show(request, desk, tampered_screen())
    nonce = form.cleaned_data["nonce"]
    taken = form.cleaned_data["taken"] or None
    result = service.hand_over(
        order_id=order.pk,
        nonce=nonce,
        taken=taken,
        asked=form.cleaned_data["asked"],
        actor=desk.actor,
        at=at,
        shop_ids=shop_ids,
    )
    if result.code == "handed_over":
        return see_other(f"{request.path}?done={nonce}")
    if result.order is not None:
        set_due([result.order])
    return screen.show(request, desk, build_screen(result, desk=desk, at=at, refused=True))
