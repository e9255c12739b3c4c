"""Behind the link "This wasn't me" of an email that told of a change: opening it does nothing, its button does."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import links
from accounts.models import Notice
from accounts.second_factor import has_second_factor
from accounts.selectors import can_put_back, notice_behind
from accounts.services.register import EmailTaken
from accounts.services.sign_up import LinkIsGone
from accounts.services.take_back import take_back_account
from common import clock
from common.http import see_other


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def page(request: HttpRequest, key: str) -> HttpResponse:
    """Say what the button does, then do it. People who are signed in as somebody else stay so."""
    notice = notice_behind(links.read_notice(key, at=clock.now()))
    if notice is None:
        return _show(request, key, None, status=404 if request.method == "POST" else 200)
    if request.method != "POST":
        return _show(request, key, notice)
    try:
        taken = take_back_account(notice_id=notice.pk, at=clock.now())
    except LinkIsGone:  # somebody was quicker
        return _show(request, key, None, status=404)
    except EmailTaken:  # at the same moment; nothing has changed
        return _show(request, key, notice, status=409)
    done = "shut" if not taken.has_link else "code" if taken.needs_code else "1"
    return see_other(f"{request.path}?done={done}")


def _show(request: HttpRequest, key: str, notice: Notice | None, status: int = 200) -> HttpResponse:
    context = {
        "notice": notice,
        "key": key,
        "done": request.GET.get("done", "") if notice is None else "",
        "can_put_back": notice is not None and can_put_back(notice),
        "is_other_address": notice is not None and notice.user.email != notice.email,
        "needs_code": notice is not None and notice.had_second_factor and has_second_factor(notice.user),
        "is_somebody_else": notice is not None and request.user.is_authenticated and request.user != notice.user,
    }
    return render(request, "account/take_back.html", context, status=status)
