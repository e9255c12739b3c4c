"""HTTP helpers for rendered pages: posts without a token, answers after them, and refusals as form errors."""

import ipaddress
from collections.abc import Callable
from functools import wraps

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.utils.encoding import iri_to_uri
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from common.errors import DomainError

View = Callable[..., HttpResponse]


def is_same_origin(request: HttpRequest) -> bool:
    """Return whether the browser says that our own page made this request.

    `Sec-Fetch-Site` wins when sent; `same-site` is another port or subdomain and is refused
    (a Lax cookie travels with it). Without it `Origin` must equal our own.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    return request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"


def same_origin_post(view: View) -> View:
    """Accept posts from our own pages without a CSRF token, because cached pages cannot carry one.

    A post that fails the origin check but carries a valid token passes (the page offered below);
    anything else gets a 403 page with the same form and a token. The only csrf_exempt besides webhooks.
    """
    checked = csrf_protect(view)

    @wraps(view)
    def wrapper(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if request.method != "POST" or is_same_origin(request):
            return view(request, *args, **kwargs)
        if request.POST.get("csrfmiddlewaretoken"):
            return checked(request, *args, **kwargs)
        fields = [(name, value) for name, values in request.POST.lists() for value in values]
        response = render(request, "403_confirm.html", {"fields": fields, "action": request.path}, status=403)
        return private(response)

    return csrf_exempt(wrapper)


def private(response: HttpResponse) -> HttpResponse:
    """Mark an answer as the visitor's own: kept by no shared cache."""
    patch_cache_control(response, private=True, no_store=True)
    return response


def see_other(url: str) -> HttpResponse:
    """Redirect after success with 303, so that reload does not post again; what is no sign of a URL is escaped."""
    return HttpResponse(status=303, headers={"Location": iri_to_uri(url)})


def add_domain_error(form: BaseForm, error: DomainError, field: str | None = None) -> None:
    """Put a service's refusal on the form, beside `field` when the form has it."""
    form.add_error(field if field in form.fields else None, error.message)


def client_network(request: HttpRequest) -> str:
    """Return whom to count tries for: an IPv4 address, or the /64 that one IPv6 customer owns whole."""
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
