"""Entering the CMS: a signed-in person without the right finds no such page."""

from django.http import Http404, HttpRequest
from django.urls import reverse

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
