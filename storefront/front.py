"""Before Django is asked: a kept page is answered here, for a fraction of what a request object costs.

Only a request that takes no thought is: it changes nothing, its page was answered the same way before, and nobody has
to ask the feed just now. All others go on to Django, whose answers these are (common/kept_pages.py).
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings

from common import kept_pages
from common.page_changes.feed import feed
from storefront.middleware import FORWARDED, is_trusted

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class Front:
    """A WSGI application around another."""

    def __init__(self, application: Application) -> None:
        self.application = application

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        answer = find_answer(environ)
        if answer is None:
            return self.application(environ, start_response)
        start_response(answer.status, list(answer.headers))
        return [answer.body]


def find_answer(environ: Environ) -> kept_pages.Answer | None:
    """Return the answer to a request if it is known, None if Django is to be asked."""
    path = environ.get("PATH_INFO", "")
    if not path or not path.isascii() or not kept_pages.is_simple(environ):
        return None
    cookies = environ.get("HTTP_COOKIE", "")
    if any(name in cookies for name in kept_pages.COOKIES_OF_CHANGERS):
        return None
    if any(name in environ for name in FORWARDED) and not is_trusted(environ.get("REMOTE_ADDR", "")):
        return None
    key = kept_pages.key_of(scheme_of(environ), path, environ)
    if key is None or key not in kept_pages.store or not feed.needs_no_asking():
        return None
    page = kept_pages.store.get(key)
    return page.answers.get(kept_pages.kind_of(environ, page.etag) or "") if page else None


def scheme_of(environ: Environ) -> str:
    """Return the scheme as Django's request does."""
    if settings.SECURE_PROXY_SSL_HEADER:
        name, secure = settings.SECURE_PROXY_SSL_HEADER
        if name in environ:
            return "https" if environ[name].split(",", 1)[0].strip() == secure else "http"
    return environ["wsgi.url_scheme"]
