"""Ways in: to the CMS without the right, without a second step, after the session or the account has ended."""

from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.core.exceptions import MiddlewareNotUsed
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils.translation import gettext

from accounts.adapter import STATE_COOKIE
from accounts.second_factor import has_second_factor, must_have_second_factor
from accounts.services.lock import AccountGone
from accounts.services.sessions import Overtaken
from common.http import can_be_shown, private, see_other
from common.refusals import Refusal, answer, wants_json

WORK = ("/admin/", "/staff/")
PERMISSION = "wagtailadmin.access_admin"
OPEN = ("login/", "logout/")
SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")
# Stands in the address of the sign-in page, which then says that nothing was done.
ENDED = "ended"
# Longer addresses are not led back to: no server would take them.
MOST_OF_ADDRESS = 2000
# First pages, by where the form was posted; all other forms belong to my pages.
AREAS = (("/staff/", "staff:board"), ("/courier/", "courier:home"), ("/admin/", "wagtailadmin_home"))


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
    """Answer people as signed out whose account was deleted, or taken back, while this tab was saving something."""

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest):
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, AccountGone | Overtaken):
            return None
        if isinstance(error, Overtaken):
            request.session.flush()
        elif request.user.pk == error.extra["user_id"]:
            logout(request)
        messages.warning(request, error.message)
        to_sign_in = private(see_other(reverse("account_login")))
        to_sign_in.delete_cookie(STATE_COOKIE, samesite="Lax")
        return to_sign_in


class SignedOutMiddleware:
    """Say that a form was not carried out if the session had ended, and lead to a page after signing in.

    Every view that wants a session, ours or a package's, sends visitors to sign in with its own address as `next`;
    for a form that may be an address which cannot be shown.
    """

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest):
        response = self.get_response(request)
        if request.method in SAFE or not _leads_back_here(request, response):
            return response
        if wants_json(request):
            sentence = gettext("You were signed out, so nothing was changed. Sign in, then try again.")
            return answer(request, Refusal(401, "signed_out", gettext("Sign in again"), sentence))
        response["Location"] = f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': _page_for(request), ENDED: 1})}"
        return response


def _leads_back_here(request: HttpRequest, response: HttpResponse) -> bool:
    target = urlsplit(response.get("Location", "")) if response.status_code in (302, 303) else None
    if target is None or target.path != resolve_url(settings.LOGIN_URL):
        return False
    return QueryDict(target.query).get("next") == request.get_full_path()


def _page_for(request: HttpRequest) -> str:
    """Return the page the form was on, else the form's own address if it is a page, else the first page of its area."""
    own, came_from = f"{request.scheme}://{request.get_host()}", request.headers.get("Referer", "")
    if came_from.startswith(f"{own}/") and _is_page(came_from.removeprefix(own)):
        return came_from.removeprefix(own)
    area = next((name for prefix, name in AREAS if request.path.startswith(prefix)), "orders:overview")
    # Of Wagtail's addresses nobody knows which are pages.
    if area != "wagtailadmin_home" and _is_page(request.path):
        return request.get_full_path()
    return reverse(area)


def _is_page(address: str) -> bool:
    """Return whether people can be led to this address of ours: it is a page, and not the one to sign out."""
    path = address.partition("?")[0]
    return len(address) <= MOST_OF_ADDRESS and can_be_shown(path) and not path.endswith(OPEN)
