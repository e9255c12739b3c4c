"""Middleware for every request: the visitor's address, probes, and the content security policy."""

import ipaddress
from functools import cache

from csp.utils import build_policy
from django.conf import settings
from django.contrib.sessions import middleware as sessions
from django.contrib.sessions.exceptions import SessionInterrupted
from django.http import HttpRequest, HttpResponse
from django.middleware.common import CommonMiddleware

from accounts.sessions import note_use
from common import clock
from common.refusals import API
from orders.gateways import registry as gateways

PROBES = ("/healthz", "/readyz")
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PORT")


class TrustedProxyMiddleware:
    """Trust X-Forwarded headers from TRUSTED_PROXIES only: take the visitor's address from them, else drop them.

    The address is the last one that is not a proxy of ours; the visitor may have forged anything before it.
    """

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if is_trusted(request.META.get("REMOTE_ADDR", "")):
            hops = [_host(hop) for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
            client = next((hop for hop in reversed(hops) if not is_trusted(hop)), "")
            if _address(client):
                request.META["REMOTE_ADDR"] = client
        else:
            for name in FORWARDED:
                request.META.pop(name, None)
        return self.get_response(request)


def is_trusted(text: str) -> bool:
    """Return whether this is the address of a proxy of ours."""
    address = _address(text)
    return address is not None and any(address in network for network in _networks(tuple(settings.TRUSTED_PROXIES)))


@cache
def _networks(proxies: tuple[str, ...]) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    return [ipaddress.ip_network(text, strict=False) for text in proxies]


def _host(hop: str) -> str:
    """Return the address of a hop without the port that some proxies add: 203.0.113.9:4711, [2001:db8::9]:4711."""
    hop = hop.strip()
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


class ProbeMiddleware:
    """Answer probes whatever host they name: a load balancer uses the machine's address, not the site's name."""

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info in PROBES:
            request.META.pop("HTTP_X_FORWARDED_HOST", None)
            request.get_host = lambda: "localhost"
        return self.get_response(request)


class SlashMiddleware(CommonMiddleware):
    """Django's, which adds a missing slash, but not in the API: there a redirect would lose what was posted."""

    def should_redirect_with_slash(self, request: HttpRequest) -> bool:
        return not request.path_info.startswith(API) and super().should_redirect_with_slash(request)


class SessionMiddleware(sessions.SessionMiddleware):
    """Take a cookie that can be no session's key for none: to delete it would make a public page personal.

    The API neither reads nor sets cookies: its clients send tokens.
    """

    def process_request(self, request: HttpRequest) -> None:
        if request.path_info.startswith(API):
            request.COOKIES.clear()
        super().process_request(request)
        if not request.session.session_key:
            request.COOKIES.pop(settings.SESSION_COOKIE_NAME, None)

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if request.path_info.startswith(API):
            return response
        note_use(request.session, at=clock.now())
        try:
            return super().process_response(request, response)
        except SessionInterrupted:
            # It ended while the request was under way. What was done is done: say so, and let the browser forget it.
            request.session.flush()
            return super().process_response(request, response)


class ContentPolicyMiddleware:
    """Send our policy everywhere; Wagtail's editor needs inline code and gets its own policy.

    Pages that may be kept have no nonce, and no view changes the policy: it is put together once, not for each answer.
    `form-action` also covers the redirect after a post, so it names the pages of the gateways.
    """

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if settings.DEBUG and response.status_code in (404, 500):
            # Django's page about the error has its styles and scripts in itself.
            return response
        is_admin = request.path_info.startswith("/admin/")
        policy = settings.ADMIN_CONTENT_POLICY if is_admin else _policy(tuple(gateways.form_origins()))
        response.headers.setdefault("Content-Security-Policy", policy)
        return response


@cache
def _policy(form_origins: tuple[str, ...]) -> str:
    """Return the policy of all pages but the editor's, whose forms may lead to these origins as well."""
    return build_policy(update={"form-action": list(form_origins)} if form_origins else None)
