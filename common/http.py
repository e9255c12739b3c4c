"""HTTP helpers for rendered pages: posts without a token, answers after them, and refusals as form errors."""

import ipaddress
from collections.abc import Callable
from enum import Enum
from functools import wraps

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils.cache import patch_cache_control
from django.utils.encoding import iri_to_uri
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from common.errors import DomainError
from common.refusals import wants_json

View = Callable[..., HttpResponse]


class Sender(Enum):
    """Where a post comes from, according to the browser."""

    OWN = "a page of ours"
    FOREIGN = "another site"
    UNKNOWN = "the browser does not say"


def sender_of(request: HttpRequest) -> Sender:
    """Return where a post comes from: the one rule for posts without a token and for refused tokens.

    `Sec-Fetch-Site` wins when sent: `same-site` is another port or subdomain and foreign (a Lax cookie travels
    with it), `none` is no page at all and leaves it to the other headers to name a foreign one. Without it
    `Origin` must equal our own. A foreign `Origin` (`null` too) or `Referer` is enough to be foreign.
    """
    own = f"{request.scheme}://{request.get_host()}"
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site == "same-origin" or (site is None and origin == own):
        return Sender.OWN
    referer = request.headers.get("Referer", "")
    if site not in (None, "none") or origin not in (None, own) or (referer and not referer.startswith(f"{own}/")):
        return Sender.FOREIGN
    return Sender.UNKNOWN


def same_origin_post(label: str | Promise) -> Callable[[View], View]:
    """Accept posts from our own pages without a CSRF token, because cached pages cannot carry one.

    A browser that does not say where its post comes from is asked once more: a page with the same form, a token
    and `label` on its button. A foreign post is refused and none of it repeated. Only for actions that neither
    place an order nor change an account. The only csrf_exempt besides webhooks.
    """

    def decorate(view: View) -> View:
        checked = csrf_protect(view)

        @wraps(view)
        def wrapper(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            sender = Sender.OWN if request.method != "POST" else sender_of(request)
            if sender is Sender.OWN:
                return view(request, *args, **kwargs)
            if sender is Sender.FOREIGN:
                return refuse_post(request)
            if request.POST.get("csrfmiddlewaretoken"):
                return checked(request, *args, **kwargs)
            return offer_again(request, label)

        return csrf_exempt(wrapper)

    return decorate


def post_only(view: View) -> View:
    """Accept posts alone, and say so on the view: nobody can be led there (accounts/middleware.py)."""
    checked = require_POST(view)
    checked.is_post_only = True  # type: ignore[attr-defined]
    return checked


def can_be_shown(path: str) -> bool:
    """Return whether a path of this site is a page, and not merely an address for forms."""
    try:
        return not getattr(resolve(path).func, "is_post_only", False)
    except Resolver404:
        return False


def refuse_post(request: HttpRequest) -> HttpResponse:
    """Answer 403 to a post from another site. None of it is repeated."""
    if wants_json(request):
        message = gettext("This was not sent from our site. Nothing has been changed.")
        return private(JsonResponse({"code": "foreign_post", "message": message}, status=403))
    return private(render(request, "403_foreign.html", status=403))


def offer_again(request: HttpRequest, label: str | Promise) -> HttpResponse:
    """Answer 403 with the same fields under a fresh token, passwords left out; the button says what it does."""
    if wants_json(request):
        message = gettext("This page was open for a long time. Reload it and try again.")
        return private(JsonResponse({"code": "old_token", "message": message}, status=403))
    hidden = [
        (name, value)
        for name, values in request.POST.lists()
        if name != "csrfmiddlewaretoken" and "password" not in name
        for value in values
    ]
    context = {
        "fields": hidden,
        "action": request.get_full_path(),
        "label": label,
        "keeps_no_cookies": not keeps_cookies(request),
    }
    return private(render(request, "403_confirm.html", context, status=403))


def keeps_cookies(request: HttpRequest) -> bool:
    """Return whether the browser sent any cookie back; without cookies a cart or sign-in is lost after each answer."""
    return bool(request.COOKIES)


def private(response: HttpResponse) -> HttpResponse:
    """Mark an answer as personal, so that no shared cache keeps it."""
    patch_cache_control(response, private=True, no_store=True)
    return response


def see_other(url: str) -> HttpResponse:
    """Redirect with 303 after success, so that a reload does not post again; escape what a URL cannot hold."""
    return HttpResponse(status=303, headers={"Location": iri_to_uri(url)})


def add_domain_error(form: BaseForm, error: DomainError, field: str | None = None) -> None:
    """Put a service's refusal on the form, beside `field` when the form has it."""
    form.add_error(field if field in form.fields else None, error.message)


def client_network(request: HttpRequest) -> str:
    """Return the network to count attempts by: an IPv4 address, or the /64 that one IPv6 customer owns."""
    text = client_ip(request)
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return text
    if address.version == 4:
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, 64), strict=False))


def client_ip(request: HttpRequest) -> str:
    """Return the peer's address as set by the trusted-proxy middleware or the socket."""
    return request.META.get("REMOTE_ADDR", "")
