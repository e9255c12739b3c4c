"""From an address to its page: site, language, path and restrictions are looked up once and kept.

Wagtail looks for a site and a route on the request before it asks the database.
"""

import copy
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language
from wagtail.fields import StreamField
from wagtail.models import Page, Site
from wagtail.url_routing import RouteResult

from common.page_changes.feed import do_not_keep, shows
from common.page_changes.parts import kept


@dataclass(frozen=True)
class _Route:
    """A page as it was found. `streams` are its stream fields as text: their blocks remember what they have shown."""

    page: Page
    streams: dict[str, Any]

    def result(self) -> RouteResult:
        """Return a page of its own: what is read from the database while it is drawn belongs to one request."""
        page = copy.copy(self.page)
        for name, text in self.streams.items():
            setattr(page, name, text)
        return RouteResult(page, ([], {}))


def find_page(request: HttpRequest, path: str) -> None:
    """Give Wagtail the page of an address if it is open to all; for any other it looks by itself."""
    wanted: Any = request
    site = kept(("site", request.get_host(), request.get_port()), lambda: _site(request))
    if site is None:
        return
    wanted._wagtail_site = _own(site)
    key = ("route", site.pk, get_language() or settings.LANGUAGE_CODE, path)
    route = kept(key, lambda: _route(request, path))
    if route is not None:
        wanted._wagtail_route_for_request = route.result()


def _own(site: Site) -> Site:
    """Return a site of the request's own: Wagtail remembers its home page, as it was read, on the row it begins at."""
    own = copy.copy(site)
    own.root_page = copy.copy(site.root_page)
    return own


def _site(request: HttpRequest) -> Site | None:
    site = Site.find_for_request(request)
    if site is None:
        do_not_keep()
    return site


def _route(request: HttpRequest, path: str) -> _Route | None:
    """Return the page of an address, None (never kept) if there is none that everybody may see."""
    found = Page.route_for_request(request, path)
    # A route inside a page may depend on anything.
    if found is None or not found.page.url_path.endswith(f"/{path}") or not _is_open(found.page):
        do_not_keep()
        return None
    page = found.page
    shows(*page.tags_of_content())
    streams = {
        field.name: field.get_prep_value(getattr(page, field.name))
        for field in page._meta.get_fields()
        if isinstance(field, StreamField)
    }
    return _Route(page, streams)


def _is_open(page: Page) -> bool:
    """Return whether there is no restriction, and note it on the page, which is asked again before it is served."""
    if not hasattr(page, "is_open_to_all") or page.get_view_restrictions().exists():
        return False
    page.is_open_to_all = True
    return True
