"""Verifying a customer's phone at the counter."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.services.verify_phone import PhoneChanged, look_up_phone, verify_at_counter
from common import clock
from common.http import add_domain_error, post_only, see_other
from common.throttle import TooManyAttempts
from staff.access import Desk, staff_only
from staff.customer_forms import LookUpForm
from staff.presenters.customers import Found, build_found


@staff_only("customers.verify_phone")
@require_http_methods(["GET", "HEAD", "POST"])
def look_up(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Find the accounts with a whole number; it never becomes part of an address."""
    if request.method != "POST":
        return _show(request, desk, LookUpForm())
    form = LookUpForm(request.POST)
    if not form.is_valid():
        return _show(request, desk, form, status=422)
    try:
        users = look_up_phone(phone=form.cleaned_data["phone"], actor=desk.actor, at=clock.now())
    except TooManyAttempts as error:
        return _refuse(request, desk, form, error)
    return _show(request, desk, form, found=build_found(users), phone=form.cleaned_data["phone"])


@staff_only("customers.verify_phone")
@post_only
def verify(request: HttpRequest, desk: Desk, key: int) -> HttpResponse:
    """Verify the number of the account whose owner stands here."""
    form = LookUpForm(request.POST)
    if not form.is_valid():
        raise Http404("no such number")
    try:
        verify_at_counter(user_id=key, phone=form.cleaned_data["phone"], actor=desk.actor, at=clock.now())
    except PhoneChanged as error:
        add_domain_error(form, error)
        return _show(request, desk, form, status=409)
    except TooManyAttempts as error:
        return _refuse(request, desk, form, error)
    return see_other(f"{reverse('staff:verify-phone')}?verified=1")


def _refuse(request: HttpRequest, desk: Desk, form: LookUpForm, error: TooManyAttempts) -> HttpResponse:
    add_domain_error(form, error)
    answer = _show(request, desk, form, status=429)
    answer.headers["Retry-After"] = str(error.extra["retry_after"])
    return answer


def _show(
    request: HttpRequest,
    desk: Desk,
    form: LookUpForm,
    *,
    found: list[Found] | None = None,
    phone: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {"desk": desk, "form": form, "found": found, "phone": phone, "has_verified": "verified" in request.GET}
    return render(request, "staff/verify_phone.html", context, status=status)
