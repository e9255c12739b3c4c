"""Customers at the counter: registering them."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Registration
from accounts.services.counter import KnownAlready, mail_link, register_at_counter, renew_link
from accounts.services.sign_up import LinkIsGone
from common import clock
from common.http import add_domain_error, post_only, see_other
from common.throttle import TooManyAttempts
from staff.access import Desk, staff_only
from staff.customer_forms import RegisterForm
from staff.presenters.customers import build_registered
from staff.views.slip import PAPERS


@sensitive_post_parameters("password")
@staff_only("customers.register")
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Register a customer who stands here."""
    form = RegisterForm(request.POST or None)
    if request.method != "POST":
        return render(request, "staff/customer_new.html", {"desk": desk, "form": form})
    if not form.is_valid():
        return render(request, "staff/customer_new.html", {"desk": desk, "form": form}, status=422)
    try:
        registration = register_at_counter(
            customer=form.customer(), nonce=form.cleaned_data["nonce"], actor=desk.actor, at=clock.now()
        )
    except KnownAlready as error:
        add_domain_error(form, error, error.extra["what"])
        return render(request, "staff/customer_new.html", {"desk": desk, "form": form}, status=409)
    except TooManyAttempts as error:
        add_domain_error(form, error)
        return _too_many(render(request, "staff/customer_new.html", {"desk": desk, "form": form}), error)
    return see_other(reverse("staff:registered", args=[registration.pk]))


@staff_only("customers.register")
@require_safe
def registered(request: HttpRequest, desk: Desk, key: int) -> HttpResponse:
    """Show the code for the customer's phone, or what is still missing."""
    return _show(request, desk, _own(desk, key))


@staff_only("customers.register")
@require_safe
def slip(request: HttpRequest, desk: Desk, key: int) -> HttpResponse:
    """Show the code for paper, `?print=1` with the printer's dialog; there is none once it is used."""
    page = build_registered(_own(desk, key), clock.now())
    if page.state != "code":
        raise Http404("no code to print")
    paper, papers = request.GET.get("paper"), PAPERS[:2]
    context = {
        "desk": desk,
        "page": page,
        "paper": paper if paper in papers else papers[0],
        "papers": papers,
        "prints": "print" in request.GET,
    }
    return render(request, "staff/customer_slip.html", context)


@staff_only("customers.register")
@post_only
def renew(request: HttpRequest, desk: Desk, key: int) -> HttpResponse:
    """Make a new code; those shown or printed before stop working."""
    registration = _own(desk, key)
    try:
        renew_link(registration_id=registration.pk, actor=desk.actor, at=clock.now())
    except LinkIsGone as error:
        return _show(request, desk, _own(desk, key), notice=error.message, status=409)
    return see_other(reverse("staff:registered", args=[key]))


@staff_only("customers.register")
@post_only
def send_mail(request: HttpRequest, desk: Desk, key: int) -> HttpResponse:
    """Send the link by email."""
    registration = _own(desk, key)
    try:
        mail_link(registration_id=registration.pk, actor=desk.actor, at=clock.now())
    except LinkIsGone as error:
        return _show(request, desk, _own(desk, key), notice=error.message, status=409)
    except TooManyAttempts as error:
        return _too_many(_show(request, desk, registration, notice=error.message), error)
    return see_other(f"{reverse('staff:registered', args=[key])}?mailed=1")


def _own(desk: Desk, key: int) -> Registration:
    """Return a registration that this person made; those of colleagues are a 404."""
    registration = Registration.objects.select_related("sign_up").filter(pk=key, actor=desk.user.pk).first()
    if registration is None:
        raise Http404("no such registration of this person")
    return registration


def _show(
    request: HttpRequest, desk: Desk, registration: Registration, *, notice: str = "", status: int = 200
) -> HttpResponse:
    page = build_registered(registration, clock.now())
    context = {"desk": desk, "page": page, "notice": notice, "has_mailed": "mailed" in request.GET}
    return render(request, "staff/customer_registered.html", context, status=status)


def _too_many(response: HttpResponse, error: TooManyAttempts) -> HttpResponse:
    response.status_code = 429
    response.headers["Retry-After"] = str(error.extra["retry_after"])
    return response
