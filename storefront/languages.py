"""Links of the language switch: to the same page in another language, else to that language's home page."""

from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.urls import translate_url
from django.utils.translation import get_language
from wagtail.models import Page

from common.kept_pages import read_pairs
from common.page_changes.feed import shows_products
from common.page_changes.parts import kept
from common.visible_pages import open_to_all
from products.models import ProductPage
from storefront.shell import Link, Shell


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
    """Return {language: address} of its live translations that everybody may see."""

    def build() -> dict[str, str]:
        if isinstance(page, ProductPage):
            shows_products([page.product_id])
        twins = open_to_all(page.get_translations(inclusive=True).live()).select_related("locale")
        return {twin.locale.language_code: twin.url for twin in twins if twin.url}

    return kept(("translations", page.translation_key), build)


def _of_view(request: HttpRequest) -> dict[str, str]:
    """Return {language: address} of a view; {} for addresses of which only Wagtail knows whether there is a page."""
    match, here, query = request.resolver_match, get_language(), request.META.get("QUERY_STRING", "")
    if match is None or match.url_name == "wagtail_serve":
        return {}
    if match.app_name == "search":
        # A public page: parameters that it does not read make no difference to it.
        query = urlencode(read_pairs(request))
    found = {code: translate_url(request.path, code) for code, _name in settings.LANGUAGES}
    # An address that cannot be translated is returned unchanged.
    found = {code: url for code, url in found.items() if code == here or url != request.path}
    return {code: f"{url}?{query}" if query else url for code, url in found.items()}
