"""Pages that are the same for everybody, and the middleware that keeps them so."""

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, TypeVar

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_cache_control
from wagtail.models import PageViewRestriction

from common import kept_pages
from common.kept_routes import find_page
from common.page_changes.feed import NEVER, asking_once, collecting, shows
from common.page_changes.shared import HEADER, header_of
from common.page_changes.watches import LINKS
from common.page_context import context_of

if TYPE_CHECKING:
    from wagtail.models import Page as _Page
else:
    _Page = object

View = TypeVar("View", bound=Callable[..., HttpResponse])


class PageLeak(Exception):
    """A public page touched something personal: a programming error, raised in tests and development."""


class PublicPageMixin(_Page):
    """A Wagtail page whose HTML is the same for every visitor.

    `is_open_to_all`: it is known to be behind no restriction.
    """

    is_open_to_all = False

    def tags_of_content(self) -> list[str]:
        """Return the tags of the page's own row, beside those that every page has."""
        return []

    def get_view_restrictions(self) -> "QuerySet[PageViewRestriction]":
        """Return the restrictions on this page, without a query if it is known that there are none."""
        return PageViewRestriction.objects.none() if self.is_open_to_all else super().get_view_restrictions()

    def get_context(self, request: HttpRequest, *args: object, **kwargs: object) -> dict[str, object]:
        """Return what the template shows, from the builders registered for this page's model."""
        return {**super().get_context(request, *args, **kwargs), **context_of(self, request)}

    def serve(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        shows(LINKS)
        return mark_public(request, super().serve(request, *args, **kwargs))


def draws_public_page(view: View) -> View:
    """Declare that a view draws a public page."""
    view.draws_public_page = True  # type: ignore[attr-defined]
    return view


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


class PublicPagesMiddleware:
    """Outermost: a clean public page may be shared and is kept, everything else is private.

    A page that already says Cache-Control (restricted by Wagtail) is left as it is.
    """

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with asking_once():
            return self._answer(request)

    def process_view(self, request: HttpRequest, view: Callable, args: object, kwargs: object) -> None:
        """Ask what has changed before a public page is drawn: it is as fresh as what is read from here on."""
        match = request.resolver_match
        is_page = match is not None and match.url_name == "wagtail_serve"
        if is_page or getattr(view, "draws_public_page", False):
            # Found again when the page is kept.
            request.drawn_in = kept_pages.begin_to_draw(request)  # type: ignore[attr-defined]
        if match is not None and is_page and request.method in ("GET", "HEAD"):
            find_page(request, match.args[0])

    def _answer(self, request: HttpRequest) -> HttpResponse:
        key = None
        if settings.PAGES_KEPT and kept_pages.is_looked_up(request):
            key = kept_pages.key_of(request.scheme or "", request.path_info, request.META)
        page = kept_pages.look_up(request, key) if key is not None else None
        if page is not None:
            return kept_pages.answer_with(request, page)
        with collecting() as tags:
            response = self.get_response(request)
        epoch = getattr(request, "drawn_in", None)
        if response.has_header("Cache-Control"):
            return response
        if not is_public(request, response):
            patch_cache_control(response, private=True, no_store=True)
            return response
        let_share(response, tags)
        if response.streaming:
            return response
        drawn = kept_pages.freeze(response, frozenset(tags), epoch or 0)
        if key is not None and epoch is not None and request.method == "GET" and NEVER not in tags:
            kept_pages.store.put(key, drawn)
        return kept_pages.answer_with(request, drawn)


def let_share(response: HttpResponse, tags: Collection[str]) -> None:
    """Say how long a public page may be shown: browsers ask each time, and so do CDNs unless the owner allows more.

    These are told what the page shows, so that they can drop it when that changes.
    """
    patch_cache_control(response, public=True, max_age=0, must_revalidate=True)
    if settings.PAGE_SHARED_SECONDS:
        patch_cache_control(response, s_maxage=settings.PAGE_SHARED_SECONDS)
        response[HEADER] = header_of(tags)


def is_public(request: HttpRequest, response: HttpResponse) -> bool:
    """Return whether an answer may be shared. Raises PageLeak in tests and development when it only claims so."""
    if not getattr(response, "is_public_page", False):
        return False
    leaks = find_leaks(request, response)
    if leaks and settings.RAISE_ON_PAGE_LEAK:
        raise PageLeak(f"{request.path}: {', '.join(leaks)}")
    return not leaks


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
