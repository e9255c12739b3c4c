"""Entering the CMS without the right, working without a second step, and accounts deleted in another tab."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.core.exceptions import MiddlewareNotUsed
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from accounts.adapter import STATE_COOKIE
from accounts.second_factor import has_second_factor, must_have_second_factor
from accounts.services.lock import AccountGone
from common.http import private, see_other

WORK = ("/admin/", "/staff/")
PERMISSION = "wagtailadmin.access_admin"
OPEN = ("login/", "logout/")


class AdminDoorMiddleware:
    """Answer 404 under /admin/ to people who are signed in and may not enter.

    Wagtail would send them to sign in, which sends signed-in people back: a loop. Visitors still go to sign in.
    """

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest):
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view, args, kwargs) -> None:
        home = reverse("wagtailadmin_home")
        if not request.path_info.startswith(home) or request.path_info.removeprefix(home) in OPEN:
            return
        if request.user.is_authenticated and not request.user.has_perm(PERMISSION):
            raise Http404("not for this person")


class SecondFactorMiddleware:
    """Lead owners without a second factor to its page before they work, where the installation asks it of them."""

    def __init__(self, get_response) -> None:
        if not settings.OWNERS_NEED_SECOND_FACTOR:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest):
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view, args, kwargs) -> HttpResponse | None:
        at_work = request.path_info.startswith(WORK) or request.resolver_match.view_name == "collect"
        if not at_work or request.path_info.endswith(OPEN):
            return None
        if must_have_second_factor(request.user) and not has_second_factor(request.user):
            messages.warning(request, gettext("Owners need a second step to sign in here. Set it up to go on."))
            return private(see_other(reverse("mfa_activate_totp")))
        return None


class AccountGoneMiddleware:
    """Answer people whose account was deleted in another tab, while this one was saving something, as signed out."""

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest):
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, AccountGone):
            return None
        if request.user.pk == error.extra["user_id"]:
            logout(request)
        messages.warning(request, error.message)
        answer = private(see_other(reverse("account_login")))
        answer.delete_cookie(STATE_COOKIE, samesite="Lax")
        return answer
