"""One sign-in: every sign-in address leads to it, with the same throttle."""

import pytest
from django.test import Client
from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver

from accounts.models import User
from accounts.tests.factories import PASSWORD, make_customer, make_staff
from accounts.tests.helpers import is_signed_in, sign_in
from accounts.views import SignInView
from common.http import client_ip
from storefront.services.role_groups import make_groups

pytestmark = pytest.mark.django_db
ADDRESSES = ["/accounts/login/", "/ru/accounts/login/", "/admin/login/", "/_util/login/", "/ru/_util/login/"]
TRIES = 5


def spellings(user: User) -> list[str]:
    return [user.email, user.email.upper(), "06 12345678", "+31 (0)6 12345678", f" {user.email}", "0612345678"]


@pytest.mark.parametrize("path", ADDRESSES)
def test_every_address_is_the_same_sign_in(client, path):
    assert isinstance(client.get(path).context["view"], SignInView)
    user = make_customer()
    assert sign_in(client, user.email, PASSWORD, path=path).status_code == 303
    assert is_signed_in(client)


def test_after_wrong_passwords_the_right_one_is_refused_at_every_address():
    user = make_customer(verified_phone="+31612345678")
    for n, login in enumerate(spellings(user)[:TRIES]):
        response = sign_in(Client(REMOTE_ADDR=f"198.51.100.{n}"), login, "wrong", path=ADDRESSES[n])
        assert response.status_code == 422
    for n, path in enumerate(ADDRESSES):
        for login in spellings(user):
            visitor = Client(REMOTE_ADDR=f"203.0.113.{n}", headers={"host": "localhost"})
            response = sign_in(visitor, login, PASSWORD, path=path)
            assert response.status_code == 429
            assert int(response["Retry-After"]) > 0
            assert not is_signed_in(visitor)
    assert "Wait 5 minutes" in response.content.decode()


def test_the_throttle_of_one_person_does_not_affect_others():
    locked = make_customer(verified_phone="+31612345678")
    for n in range(TRIES + 1):
        sign_in(Client(REMOTE_ADDR=f"198.51.100.{n}"), "06 12345678", "wrong")
    other = make_customer(verified_phone="+31687654321")
    visitor = Client()
    assert sign_in(visitor, "06 87654321", PASSWORD).status_code == 303
    assert is_signed_in(visitor)
    assert sign_in(Client(), locked.email, PASSWORD).status_code == 429
    assert other.pk != locked.pk


def test_an_unknown_login_is_locked_like_a_known_one():
    answers = [
        sign_in(Client(REMOTE_ADDR=f"198.51.100.{n}"), "nobody@example.com", "wrong").status_code
        for n in range(TRIES + 1)
    ]
    assert answers == [422] * TRIES + [429]


def test_one_address_cannot_try_many_people():
    answers = {sign_in(Client(REMOTE_ADDR="198.51.100.9"), f"p{n}@example.com", "x").status_code for n in range(12)}
    assert 429 in answers


def test_a_new_password_lifts_the_throttle():
    user = make_customer()
    for n in range(TRIES):
        sign_in(Client(REMOTE_ADDR=f"198.51.100.{n}"), user.email, "wrong")
    assert sign_in(Client(), user.email, PASSWORD).status_code == 429


@pytest.mark.parametrize(
    "path", ["/admin/password_reset/", "/admin/password_reset/done/", "/admin/password_reset/confirm/MQ/x-y/"]
)
def test_wagtails_password_reset_is_not_available(client, path):
    assert client.get(path).status_code == 404
    assert client.post(path, {"email": "a@example.com"}).status_code == 404


def test_visitors_of_protected_pages_are_sent_to_the_one_sign_in(client):
    for path in ("/admin/", "/admin/pages/", "/admin/users/", "/staff/"):
        response = client.get(path)
        assert response.status_code == 302
        assert response.url.startswith("/accounts/login/?next=")


@pytest.mark.parametrize("role", [None, "employee", "courier"])
def test_a_person_without_the_right_gets_not_found_and_no_redirect_loop(client, role):
    make_groups()
    make_staff("owner")
    user = make_staff(role) if role else make_customer()
    sign_in(client, user.email, PASSWORD)
    for path in ("/admin/", "/admin/users/", "/admin/account/", "/admin/pages/", "/admin/reports/site-history/"):
        assert client.get(path).status_code == 404, path
    landed = client.get("/accounts/login/?next=/admin/", follow=True)
    assert landed.status_code == 404
    assert len(landed.redirect_chain) == 1


def test_the_cms_uses_our_sign_out(client):
    make_groups()
    sign_in(client, make_staff("owner").email, PASSWORD)
    assert client.post("/admin/logout/").status_code == 303
    assert not is_signed_in(client)


def test_no_other_view_accepts_a_password():
    """Wagtail's own sign-in view is still routed after ours and must never be the first match."""
    first = {}
    for path, callback in walk(get_resolver()):
        first.setdefault(path, callback)
    login_like = {
        path: getattr(getattr(callback, "view_class", callback), "__module__", "")
        for path, callback in first.items()
        if path.rstrip("/").endswith("login")
    }
    assert login_like
    assert set(login_like.values()) == {"accounts.views"}, login_like


def walk(resolver: URLResolver, prefix: str = ""):
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield path, entry.callback
        else:
            yield from walk(entry, path)


def test_attempts_over_a_socket_without_address_are_counted(rf):
    request = rf.get("/")
    request.META["REMOTE_ADDR"] = ""
    assert client_ip(request) == ""
