"""Applying to deliver, and the page on which applicants wait for an owner."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts.browser import remember_sign_up
from accounts.forms import ApplyForm
from accounts.roles import role_of
from accounts.selectors import application_of
from accounts.sent_views import sent_url
from accounts.services.applications import apply_as_courier
from common import clock
from common.http import add_domain_error, client_network, see_other
from common.throttle import TooManyAttempts


@require_safe
@never_cache
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Tell an applicant that they wait, or why they were refused; a courier has no deliveries yet."""
    application = application_of(request.user)
    if application is None and role_of(request.user) != "courier":
        raise Http404("not a courier")
    return render(request, "account/courier.html", {"application": application})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_post_parameters("password1")
def apply(request: HttpRequest) -> HttpResponse:
    """Note an application. Looks nobody up: known and unknown people get one answer."""
    form = ApplyForm(request.POST or None)
    if request.method != "POST":
        return render(request, "account/courier_apply.html", {"form": form})
    if not form.is_valid():
        return render(request, "account/courier_apply.html", {"form": form}, status=422)
    try:
        application = apply_as_courier(applicant=form.applicant(), network=client_network(request), at=clock.now())
    except TooManyAttempts as error:
        add_domain_error(form, error)
        answer = render(request, "account/courier_apply.html", {"form": form}, status=429)
        answer.headers["Retry-After"] = str(error.extra["retry_after"])
        return answer
    remember_sign_up(request, application.sign_up_id)
    return see_other(sent_url(is_mailed=application.sign_up.mailed_at is not None))
