"""People who would like to deliver, for owners: reading, approving, refusing."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.models import CourierApplication
from accounts.reveals import OF_APPLICATION
from accounts.selectors import applications
from accounts.services import audit
from accounts.services.applications import AlreadyDecided, BuysHere, approve, refuse, reveal_applicant
from common import clock
from common.http import add_domain_error, post_only, see_other
from staff.access import Desk, staff_only
from staff.customer_forms import ReasonForm
from staff.forms import RevealForm
from staff.presenters.applications import build_applications

REVEALED_KEY = "staff_applicant"
REVEALED_FOR = 60  # seconds for which an applicant's contact stays on the page


@staff_only("staff.manage")
@require_safe
def show(request: HttpRequest, desk: Desk) -> HttpResponse:
    """List those that wait, then those that were refused."""
    return _page(request, desk)


@staff_only("staff.manage")
@post_only
def decide(request: HttpRequest, desk: Desk, key: int, verb: str) -> HttpResponse:
    """Approve or refuse an application, or show how to reach the applicant."""
    if verb not in DO or not CourierApplication.objects.filter(pk=key, user__isnull=False).exists():
        raise Http404("no such application")
    return DO[verb](request, desk, key)


def _approve(request: HttpRequest, desk: Desk, key: int) -> HttpResponse:
    try:
        approve(application_id=key, actor=desk.actor, at=clock.now())
    except (AlreadyDecided, BuysHere) as error:
        return _page(request, desk, notice=error.message, status=409)
    return see_other(f"{reverse('staff:applications')}?done=approve")


def _refuse(request: HttpRequest, desk: Desk, key: int) -> HttpResponse:
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _page(request, desk, form=form, at_key=key, status=422)
    try:
        refuse(application_id=key, reason=form.cleaned_data["reason"], actor=desk.actor, at=clock.now())
    except AlreadyDecided as error:
        return _page(request, desk, notice=error.message, status=409)
    return see_other(f"{reverse('staff:applications')}?done=refuse")


def _reveal(request: HttpRequest, desk: Desk, key: int) -> HttpResponse:
    at = clock.now()
    form = RevealForm(request.POST, reasons=OF_APPLICATION)
    if not form.is_valid():
        return _page(request, desk, reveal_form=form, reveal_key=key, status=422)
    try:
        reveal_applicant(application_id=key, reason=form.given, actor=desk.actor, at=at)
    except audit.ReasonMissing as error:
        add_domain_error(form, error, "words")
        return _page(request, desk, reveal_form=form, reveal_key=key, status=422)
    except AlreadyDecided as error:
        return _page(request, desk, notice=error.message, status=409)
    request.session[REVEALED_KEY] = {"key": key, "until": at.timestamp() + REVEALED_FOR}
    return see_other(reverse("staff:applications"))


DO = {"approve": _approve, "refuse": _refuse, "show": _reveal}


def _page(
    request: HttpRequest,
    desk: Desk,
    *,
    notice: str = "",
    form: ReasonForm | None = None,
    reveal_form: RevealForm | None = None,
    at_key: int = 0,
    reveal_key: int = 0,
    status: int = 200,
) -> HttpResponse:
    at, revealed = clock.now(), request.session.get(REVEALED_KEY) or {}
    shown = revealed.get("key") if at.timestamp() < revealed.get("until", 0) else None
    context = {
        "desk": desk,
        "rows": build_applications(applications().order_by("-state", "created_at", "pk"), shown),
        "notice": notice,
        "form": form or ReasonForm(),
        "reveal": RevealForm(reasons=OF_APPLICATION),
        "refused": reveal_form,
        "reveal_key": reveal_key,
        "at_key": at_key,
        "done": request.GET.get("done", ""),
    }
    return render(request, "staff/applications.html", context, status=status)
