"""One's own phone: entering it, and verifying it by a code."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.actors import actor_of
from accounts.forms import CodeForm, PhoneForm
from accounts.selectors import has_phone_code
from accounts.services.contact import set_phone
from accounts.services.verify_phone import (
    CodeGone,
    CostlyNumber,
    NoPhone,
    NoTexts,
    PhoneChanged,
    WrongCode,
    enter_code,
    send_code,
)
from accounts.sms.registry import can_text
from common import clock
from common.http import add_domain_error, client_network, post_only, see_other
from common.throttle import TooManyAttempts


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def page(request: HttpRequest) -> HttpResponse:
    """Show the phone and whether it is verified; change it."""
    if request.method != "POST":
        return _show(request)
    form = PhoneForm(request.POST)
    if not form.is_valid():
        return _show(request, form=form, status=422)
    phone = form.cleaned_data["phone"]
    set_phone(user_id=request.user.pk, phone=phone, actor=actor_of(request.user), at=clock.now())
    return see_other(reverse("mine:phone"))


@post_only
@never_cache
@login_required
def send(request: HttpRequest) -> HttpResponse:
    """Have a code texted."""
    who = {"user_id": request.user.pk, "actor": actor_of(request.user), "network": client_network(request)}
    try:
        send_code(**who, at=clock.now())
    except (NoPhone, NoTexts, CostlyNumber) as error:
        return _show(request, refusal=error.message, status=409)
    except TooManyAttempts as error:
        answer = _show(request, refusal=error.message, status=429)
        answer.headers["Retry-After"] = str(error.extra["retry_after"])
        return answer
    return see_other(reverse("mine:phone"))


@post_only
@never_cache
@login_required
def check(request: HttpRequest) -> HttpResponse:
    """Compare what was typed with the code."""
    form = CodeForm(request.POST)
    if not form.is_valid():
        return _show(request, code_form=form, status=422)
    who = {"user_id": request.user.pk, "actor": actor_of(request.user)}
    try:
        enter_code(**who, typed=form.cleaned_data["code"], at=clock.now())
    except WrongCode as error:
        add_domain_error(form, error, "code")
        return _show(request, code_form=form, status=422)
    except (CodeGone, PhoneChanged) as error:
        return _show(request, refusal=error.message, status=409)
    messages.success(request, gettext("Your phone number is verified. You can sign in with it."))
    return see_other(reverse("mine:phone"))


def _show(
    request: HttpRequest,
    *,
    form: PhoneForm | None = None,
    code_form: CodeForm | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    user = request.user
    failed = form or code_form
    context = {
        "phone_form": form or PhoneForm(initial={"phone": user.phone}),
        "code_form": code_form or CodeForm(),
        "failed": failed if failed is not None and failed.errors else None,
        "refusal": refusal,
        "phone": user.phone,
        "is_verified": user.phone_verified_at is not None,
        "can_text": can_text(),
        "is_sent": has_phone_code(user, at=clock.now()),
    }
    return render(request, "account/phone.html", context, status=status)
