"""Links of the language switch: to the same page in another language, else to that language's home page."""

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.urls import translate_url
from django.utils.translation import get_language
from wagtail.models import Page

from common.visible_pages import open_to_all
from storefront.shell import KEPT_SECONDS, Link, Shell


def language_links(request: HttpRequest | None, page: object, shell: Shell) -> list[Link]:
    """Return a link for each language of the site; it depends on the address and the page, not on the visitor.

    `page` is the template's variable of that name: a Wagtail page, or anything else that a view calls so.
    """
    if len(shell.languages) < 2 or request is None or request.method not in ("GET", "HEAD"):
        return list(shell.languages)
    found = _of_page(page) if isinstance(page, Page) else _of_view(request)
    codes = [code for code, _name in settings.LANGUAGES]
    return [Link(home.title, found.get(code, home.url)) for code, home in zip(codes, shell.languages, strict=True)]


def _of_page(page: Page) -> dict[str, str]:
    """Return {language: address} of its live, public translations; cached as long as the shell."""
    key = f"translations:{page.translation_key}"
    found: dict[str, str] | None = cache.get(key)
    if found is None:
        twins = open_to_all(page.get_translations(inclusive=True).live()).select_related("locale")
        found = {twin.locale.language_code: twin.url for twin in twins if twin.url}
        cache.set(key, found, KEPT_SECONDS)
    return found


def _of_view(request: HttpRequest) -> dict[str, str]:
    """Return {language: address} of a view; {} for addresses of which only Wagtail knows whether there is a page."""
    match, here, query = request.resolver_match, get_language(), request.META.get("QUERY_STRING", "")
    if match is None or match.url_name == "wagtail_serve":
        return {}
    found = {code: translate_url(request.path, code) for code, _name in settings.LANGUAGES}
    # An address that cannot be translated is returned unchanged.
    found = {code: url for code, url in found.items() if code == here or url != request.path}
    return {code: f"{url}?{query}" if query else url for code, url in found.items()}
