"""The pages about one's own data: its download, and the end of the account."""

from allauth.account.decorators import reauthentication_required
from allauth.core.exceptions import ReauthenticationRequired
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actors import actor_of
from accounts.adapter import STATE_COOKIE
from accounts.exports import as_json, as_zip
from accounts.services.erase import StillNeeded, WorksHere, erase_account
from accounts.services.export import export_data
from common import clock
from common.http import post_only, see_other
from common.throttle import TooManyAttempts

FORMS = {"json": (as_json, "application/json"), "zip": (as_zip, "application/zip")}


@require_safe
@never_cache
@login_required
@reauthentication_required
def page(request: HttpRequest) -> HttpResponse:
    """Say what is kept and offer it. Asks for the password first, unless it was typed a moment ago."""
    return render(request, "account/privacy.html")


# Raises ReauthenticationRequired.
_need_password = reauthentication_required(lambda request: None)


@post_only
@never_cache
@login_required
def download(request: HttpRequest) -> HttpResponse:
    """Send everything that is kept of the person who asks."""
    try:
        _need_password(request)
    except ReauthenticationRequired:
        # The page asks for it and is there again afterwards; a file would leave the question on the screen.
        return see_other(reverse("mine:privacy"))
    form = request.POST.get("form", "")
    if form not in FORMS:
        return HttpResponseBadRequest("form is json or zip")
    write, kind = FORMS[form]
    at = clock.now()
    try:
        sections = export_data(user_id=request.user.pk, actor=actor_of(request.user), at=at)
    except TooManyAttempts as error:
        answer = render(request, "account/privacy.html", {"refusal": error.message}, status=429)
        answer["Retry-After"] = str(error.extra["retry_after"])
        return answer
    name = f"my-data-{at:%Y-%m-%d}.{form}"
    return HttpResponse(
        write(sections), content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
@reauthentication_required
def delete(request: HttpRequest) -> HttpResponse:
    """Say what deleting the account means, and do it once that is confirmed."""
    if request.method != "POST":
        return render(request, "account/delete.html")
    if "sure" not in request.POST:
        return render(request, "account/delete.html", {"is_unsure": True}, status=422)
    try:
        erase_account(user_id=request.user.pk, at=clock.now())
    except (StillNeeded, WorksHere) as error:
        reasons = error.extra.get("reasons", [])
        return render(request, "account/delete.html", {"refusal": error.message, "reasons": reasons}, status=409)
    logout(request)
    answer = see_other(reverse("mine:deleted"))
    answer.delete_cookie(STATE_COOKIE, samesite="Lax")
    return answer


@require_safe
@never_cache
def deleted(request: HttpRequest) -> HttpResponse:
    """Say that the account is gone."""
    return render(request, "account/deleted.html")
