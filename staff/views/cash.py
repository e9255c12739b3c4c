"""The cash book of a shop: one day with its figures, closing it, and the days before."""

import datetime as dt

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from common import clock
from common.errors import DomainError
from common.http import add_domain_error, see_other
from orders.cash_book import closed_days, figures_of, today_at, usual_opening
from orders.services.cash_day import close_day
from staff.access import Desk, staff_only
from staff.cash_forms import CloseDayForm
from staff.presenters.cash import DAYS_SHOWN, build_book
from stock.models import Shop

STATUS = {"reason_missing": 422}


@staff_only("orders.close_cash")
@require_http_methods(["GET", "HEAD", "POST"])
def cash_book(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show today, or `?day=<date>` of the last month, at the shop the person is in; a post closes that day."""
    if desk.shop is None:
        raise Http404("no shop to have a till")
    at = clock.now()
    day = _day(request, desk.shop, at)
    form = CloseDayForm(request.POST or None, opening=usual_opening(desk.shop, day))
    if request.method != "POST":
        return _page(request, desk, day, form, at)
    if not form.is_valid():
        return _page(request, desk, day, form, at, status=422)
    try:
        close_day(shop_id=desk.shop.pk, date=day, actor=desk.actor, at=at, **form.cleaned_data)
    except DomainError as error:
        add_domain_error(form, error, "reason" if error.code == "reason_missing" else None)
        return _page(request, desk, day, form, at, status=STATUS.get(error.code, 409))
    return see_other(f"{reverse('staff:cash')}?day={day.isoformat()}")


def _day(request: HttpRequest, shop: Shop, at: dt.datetime) -> dt.date:
    """Return the day asked for; raise Http404 for one that the book does not show."""
    today = today_at(shop, at)
    text = request.GET.get("day")
    if text is None:
        return today
    try:
        day = dt.date.fromisoformat(text)
    except ValueError as error:
        raise Http404("no such day") from error
    if not today - dt.timedelta(days=DAYS_SHOWN) < day <= today:
        raise Http404("not a day of this page")
    return day


def _page(
    request: HttpRequest, desk: Desk, day: dt.date, form: CloseDayForm, at: dt.datetime, *, status: int = 200
) -> HttpResponse:
    shop = desk.shop
    if shop is None:
        raise Http404("no shop to have a till")
    today = today_at(shop, at)
    first = today - dt.timedelta(days=DAYS_SHOWN - 1)
    book = build_book(shop, day, today, figures_of(shop, first, today), closed_days(shop, first, today))
    return render(request, "staff/cash.html", {"desk": desk, "book": book, "form": form}, status=status)
