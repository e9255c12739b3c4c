"""Pages that are the same for everybody, and the middleware that keeps them so."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_cache_control

from common.page_context import context_of
from common.shell_cache import forget_shell

if TYPE_CHECKING:
    from wagtail.models import Page as _Page
else:
    _Page = object


class PageLeak(Exception):
    """A public page touched something personal: a programming error, raised in tests and development."""


class PublicPageMixin(_Page):
    """A Wagtail page whose HTML is the same for every visitor. The menu may show it: saving it drops the shell."""

    def save(self, *args: object, **kwargs: object) -> None:
        super().save(*args, **kwargs)
        forget_shell()

    def delete(self, *args: object, **kwargs: object) -> object:
        deleted = super().delete(*args, **kwargs)
        forget_shell()
        return deleted

    def move(self, *args: object, **kwargs: object) -> None:
        super().move(*args, **kwargs)
        forget_shell()

    def get_context(self, request: HttpRequest, *args: object, **kwargs: object) -> dict[str, object]:
        """Return what the template shows, from the builders registered for this page's model."""
        return {**super().get_context(request, *args, **kwargs), **context_of(self, request)}

    def serve(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        return mark_public(request, super().serve(request, *args, **kwargs))


def mark_public(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Declare an answer to be the same for everybody; the middleware checks it."""
    if request.method in ("GET", "HEAD") and response.status_code == 200:
        # A mark that the middleware looks for.
        response.is_public_page = True  # type: ignore[attr-defined]
    return response


def find_leaks(request: HttpRequest, response: HttpResponse) -> list[str]:
    """Return the traits that make this answer personal."""
    leaks = []
    session = getattr(request, "session", None)
    if session is not None and session.accessed:
        leaks.append("session read")
    if response.cookies:
        leaks.append("cookie set")
    if response.has_header("Vary") and response["Vary"].lower() not in ("", "accept-encoding"):
        leaks.append(f"Vary: {response['Vary']}")
    if request.META.get("CSRF_COOKIE_NEEDS_UPDATE"):
        leaks.append("CSRF token")
    messages = getattr(request, "_messages", None)
    if messages is not None and messages.used:
        leaks.append("messages shown")
    return leaks


class CatalogueCacheMiddleware:
    """Outermost: a clean public page may be shared, everything else is private.

    A page that already says Cache-Control (restricted by Wagtail) is left as it is.
    """

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.has_header("Cache-Control"):
            return response
        if getattr(response, "is_public_page", False):
            leaks = find_leaks(request, response)
            if not leaks:
                patch_cache_control(response, public=True, max_age=0, s_maxage=settings.PAGE_SHARED_SECONDS)
                return response
            if settings.RAISE_ON_PAGE_LEAK:
                raise PageLeak(f"{request.path}: {', '.join(leaks)}")
        patch_cache_control(response, private=True, no_store=True)
        return response


class UrlLanguageMiddleware:
    """The language is in the URL and nowhere else; in place of Django's LocaleMiddleware, without Vary."""

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = translation.get_language_from_path(request.path_info) or settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", language)
            return response
