"""The packing slip: the contents of the bag, for the printer at the counter."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from common import clock
from common.urls import absolute
from orders.qr import svg_path_of
from staff.access import Desk, staff_only
from staff.presenters import details

PAPERS = ("80mm", "a6", "a4")


@staff_only("orders.view_board")
@require_safe
def show_slip(request: HttpRequest, desk: Desk, number: str) -> HttpResponse:
    """Show the slip for `?paper=80mm|a6|a4`; `?print=1` opens the printer's dialog.

    Its QR code holds the staff's address of the order, not the customer's secret.
    """
    at = clock.now()
    order = desk.order(number, at)
    side, path = svg_path_of(absolute("staff:order", order.number))
    paper = request.GET.get("paper")
    context = {
        "desk": desk,
        "slip": details.build_slip(order, at=at),
        "qr_side": side,
        "qr_path": path,
        "paper": paper if paper in PAPERS else PAPERS[0],
        "papers": PAPERS,
        "prints": "print" in request.GET,
    }
    return render(request, "staff/slip.html", context)
