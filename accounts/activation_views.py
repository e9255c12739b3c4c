"""Behind the link that was shown at the counter: the customer chooses their password, on their own phone."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import links
from accounts.browser import remember_sign_up
from accounts.forms import ActivateForm
from accounts.models import Registration
from accounts.selectors import registration_behind
from accounts.sent_views import sent_url
from accounts.services.counter import choose_first_password
from accounts.services.sign_up import LinkIsGone
from common import clock
from common.http import see_other


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_post_parameters("password1")
def activate(request: HttpRequest, key: str) -> HttpResponse:
    """Show what was noted and ask for a password; the button uses the link, opening it does not."""
    link = links.read_shown(key, at=clock.now())
    registration = registration_behind(link)
    if link is None or registration is None:
        return _gone(request)
    form = ActivateForm(request.POST or None, sign_up=registration.sign_up)
    if request.method != "POST" or not form.is_valid():
        return _ask(request, registration, form, key)
    try:
        row, is_mailed = choose_first_password(
            registration_id=registration.pk,
            number=link.number,
            password=form.cleaned_data["password1"],
            at=clock.now(),
        )
    except LinkIsGone:  # somebody was quicker
        return _gone(request)
    remember_sign_up(request, row.pk)
    return see_other(sent_url(is_mailed=is_mailed))


def _ask(request: HttpRequest, registration: Registration, form: ActivateForm, key: str) -> HttpResponse:
    context = {"form": form, "registration": registration, "sign_up": registration.sign_up, "key": key}
    return render(request, "account/activate.html", context, status=422 if request.method == "POST" else 200)


def _gone(request: HttpRequest) -> HttpResponse:
    return render(request, "account/activate.html", status=404 if request.method == "POST" else 200)
