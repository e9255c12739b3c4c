"""The visitor's address of a request, and the policy of an answer."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from storefront.middleware import ContentPolicyMiddleware, TrustedProxyMiddleware


def passed_on(settings, remote: str, proxies: list[str], **headers: str):
    """Return the request as it looks after the middleware."""
    settings.TRUSTED_PROXIES = proxies
    seen = []
    middleware = TrustedProxyMiddleware(lambda request: seen.append(request) or HttpResponse())
    middleware(RequestFactory().get("/", REMOTE_ADDR=remote, **headers))
    return seen[0]


@pytest.mark.parametrize(
    ("remote", "proxies", "forwarded", "address"),
    [
        ("10.0.0.1", ["10.0.0.1"], "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", ["10.0.0.0/8"], "203.0.113.9, 10.0.0.7", "203.0.113.9"),
        ("10.0.0.1", ["10.0.0.1"], "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", ["10.0.0.1"], "rubbish", "10.0.0.1"),
        ("10.0.0.1", ["10.0.0.1"], "", "10.0.0.1"),
        ("203.0.113.9", ["10.0.0.1"], "6.6.6.6", "203.0.113.9"),
        ("203.0.113.9", [], "6.6.6.6", "203.0.113.9"),
        ("10.0.0.1", ["10.0.0.1"], "2001:db8::9", "2001:db8::9"),
        ("10.0.0.1", ["10.0.0.1"], "203.0.113.9:4711", "203.0.113.9"),
        ("10.0.0.1", ["10.0.0.0/8"], "[2001:db8::9]:4711, 10.0.0.7:80", "2001:db8::9"),
        ("", ["10.0.0.1"], "6.6.6.6", ""),
    ],
    ids=[
        "through our proxy", "through two of ours", "an address forged by the visitor is ignored", "rubbish",
        "no header", "header from an untrusted sender", "no proxy at all", "version 6", "a port",
        "version 6 and a port", "a Unix socket",
    ],
)  # fmt: skip
def test_the_visitors_address(settings, remote, proxies, forwarded, address):
    request = passed_on(settings, remote, proxies, HTTP_X_FORWARDED_FOR=forwarded)

    assert request.META["REMOTE_ADDR"] == address


def test_an_untrusted_sender_cannot_claim_https(settings):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

    stranger = passed_on(settings, "203.0.113.9", ["10.0.0.1"], HTTP_X_FORWARDED_PROTO="https")
    proxy = passed_on(settings, "10.0.0.1", ["10.0.0.1"], HTTP_X_FORWARDED_PROTO="https")

    assert not stranger.is_secure()
    assert proxy.is_secure()


@pytest.mark.django_db
def test_the_shop_and_the_administration_have_a_policy_each(client):
    shop = client.get("/healthz").headers["Content-Security-Policy"]
    admin = client.get("/admin/").headers["Content-Security-Policy"]

    assert "script-src 'self';" in shop + ";"
    assert "unsafe-inline" not in shop
    assert "script-src 'self' 'unsafe-inline'" in admin


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
@pytest.mark.parametrize("host", ["10.1.2.3:8000", "no_name", "[::1]", "evil.example"])
def test_a_probe_is_answered_whatever_host_it_names(client, settings, path, host):
    settings.ALLOWED_HOSTS = ["shop.example.com"]

    assert client.get(path, headers={"host": host}).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/healthz/", "/readyz?next=/", "/cart/"])
def test_nothing_else_is_answered_for_a_foreign_host(client, settings, path):
    settings.ALLOWED_HOSTS = ["shop.example.com"]

    status = client.get(path, headers={"host": "evil.example"}).status_code

    assert status == (200 if path.startswith("/readyz?") else 400)


@pytest.mark.parametrize("status", [404, 500])
def test_pages_about_errors_for_developers_have_no_policy(settings, status):
    settings.DEBUG = True

    answer = ContentPolicyMiddleware(lambda request: HttpResponse(status=status))(RequestFactory().get("/nowhere/"))

    assert "Content-Security-Policy" not in answer.headers
