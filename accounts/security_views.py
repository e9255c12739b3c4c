"""The page about one's own security: where one is signed in, and the ends of it."""

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.own_sessions import key_of, own_sessions
from accounts.second_factor import has_second_factor
from accounts.services.sessions import NoSuchSession, end_own
from common import clock
from common.http import post_only, see_other


@require_safe
@never_cache
@login_required
def page(request: HttpRequest) -> HttpResponse:
    """List the person's own sessions."""
    lines = own_sessions(request.user.pk, current=request.session.session_key, at=clock.now())
    context = {"lines": lines, "has_second_factor": has_second_factor(request.user)}
    return render(request, "account/security.html", context)


@post_only
@never_cache
@login_required
def end(request: HttpRequest) -> HttpResponse:
    """End the session that is named, or all but this one."""
    current, key = request.session.session_key, None
    if "others" not in request.POST:
        if "session" not in request.POST:
            return HttpResponseBadRequest("name a session, or all others")
        key = key_of(request.user.pk, request.POST["session"])
        if key is None:
            raise Http404("no such session")
    try:
        ended = end_own(user=request.user, key=key, keep=current, at=clock.now())
    except NoSuchSession as error:
        raise Http404(str(error)) from error
    if key == current:
        logout(request)
        return see_other(reverse("account_login"))
    if ended:
        sentence = ngettext("%(count)s session has ended.", "%(count)s sessions have ended.", ended)
        messages.success(request, sentence % {"count": ended})
    else:
        messages.info(request, gettext("You are signed in nowhere else."))
    return see_other(reverse("mine:security"))
