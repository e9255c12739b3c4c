"""A form sent after the session has ended: nothing is done, they are told so, and a page opens after signing in."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import Client
from django.urls import get_resolver, resolve, reverse

from accounts.models import AuditEntry, User
from accounts.tests.factories import PASSWORD, make_customer, make_staff
from accounts.tests.helpers import sign_in
from stock.models import ShopStaff
from stock.tests.factories import make_shop
from storefront.services.role_groups import make_groups
from tests.sources import sources
from tests.test_access import COURIERS, GUARDED, ROLES_OF, address, walk

pytestmark = pytest.mark.django_db
SENTENCE = "You were signed out, so nothing was changed. Sign in, then try again."
SITE = "http://testserver"


def person_for(row) -> User:
    """Return somebody who may open the address."""
    make_groups()
    shop = make_shop()
    if row.who not in ROLES_OF:
        return make_customer()
    owner = make_staff(role="owner")
    user = make_staff(role="courier") if ROLES_OF[row.who] == COURIERS else owner
    ShopStaff.objects.create(user=user, shop=shop)
    return user


def post(path: str, referer: str = "", **headers: str):
    return Client(headers={"Referer": referer, **headers} if referer else headers).post(path)


def next_of(response) -> str:
    """Return where the person is led after signing in."""
    target = urlsplit(response["Location"])
    asked = dict(parse_qsl(target.query))
    assert (response.status_code in (302, 303), target.path, asked.get("ended")) == (True, "/accounts/login/", "1")
    return asked["next"]


# The code after the password is asked for in no session: without a sign-in that waits, the home page follows.
@pytest.mark.parametrize("row", [one for one in GUARDED if one.name != "mfa_authenticate"], ids=lambda row: row.name)
def test_every_guarded_form_leads_to_a_page(row):
    path, user, client = address(row), person_for(row), Client()

    responses = [post(path, referer) for referer in ("", SITE + path)]

    if {response.status_code for response in responses} == {405}:
        return  # no form is ever sent there
    sign_in(client, user.email, PASSWORD)
    assert 405 not in {client.get(next_of(response)).status_code for response in responses}


@pytest.mark.parametrize(
    ("path", "referer", "shown"),
    [
        ("/account/security/end/", SITE + "/account/security/", "/account/security/"),
        ("/account/security/end/", SITE + "/account/security/?page=2", "/account/security/?page=2"),
        ("/account/security/end/", "", "/account/"),
        ("/account/security/end/", SITE + "/account/security/end/", "/account/"),
        ("/account/security/end/", SITE + "/account/phone/check/", "/account/"),
        ("/account/security/end/", SITE + "/no such page", "/account/"),
        ("/account/security/end/", "https://evil.example/account/security/", "/account/"),
        ("/account/security/end/", "https://testserver/account/security/", "/account/"),
        ("/account/security/end/", "http://testserver.evil.example/account/security/", "/account/"),
        ("/account/security/end/", SITE + "//evil.example/", "/account/"),
        ("/account/security/end/", "http://[", "/account/"),
        ("/account/security/end/", SITE + "/accounts/logout/", "/account/"),
        ("/account/security/end/", SITE + "/admin/logout/?next=/", "/account/"),
        ("/account/security/end/", SITE + "/accounts/login/?next=/admin/", "/account/"),
        ("/account/security/end/", SITE + "/account/?" + "a" * 1991, "/account/"),
        ("/account/security/end/", SITE + "/account/?" + "a" * 1990, "/account/?" + "a" * 1990),
        ("/account/profile/", "", "/account/profile/"),
        ("/account/profile/?from=mail", "", "/account/profile/?from=mail"),
        ("/accounts/email/", "", "/accounts/email/"),
        ("/staff/pause/", SITE + "/staff/?shop=canal", "/staff/?shop=canal"),
        ("/staff/pause/", "", "/staff/"),
        ("/admin/pages/1/delete/", SITE + "/admin/pages/1/edit/", "/admin/pages/1/edit/"),
        ("/admin/pages/1/delete/", "", "/admin/"),
    ],
)
def test_the_page_is_the_one_the_form_was_on_or_the_first_of_its_area(path, referer, shown):
    assert next_of(post(path, referer)) == shown


def test_a_page_in_another_language_stays_in_it():
    target = urlsplit(post("/ru/account/security/end/")["Location"])

    assert (target.path, dict(parse_qsl(target.query))["next"]) == ("/ru/accounts/login/", "/ru/account/")


def test_they_are_told_on_the_sign_in_page_until_they_type(client):
    user = make_customer()
    asked = post("/account/security/end/")["Location"]

    assert [SENTENCE in client.get(asked).content.decode() for _ in range(2)] == [True, True]
    assert SENTENCE not in client.get("/accounts/login/?next=/account/").content.decode()
    assert (
        sign_in(client, user.email, PASSWORD, next=next_of(post("/account/security/end/")))["Location"] == "/account/"
    )
    assert not AuditEntry.objects.filter(action="account.sessions").exists()


def test_scripts_are_told_in_json():
    response = post("/staff/pause/", Accept="application/json")

    assert (response.status_code, response["Content-Type"]) == (401, "application/problem+json")
    assert (response.json()["code"], response.json()["message"]) == ("signed_out", SENTENCE)


def test_reading_is_led_back_as_before():
    assert Client().get("/account/security/")["Location"] == "/accounts/login/?next=/account/security/"


def test_addresses_for_forms_say_so():
    """`post_only` is known to the middleware, Django's own decorator is not."""
    silent = [one.name for one in sources() if "require_POST" in one.text and one.name != "common/http.py"]

    assert not silent
    assert resolve(reverse("mine:end-session")).func.is_post_only
    marked = [name for _path, name, pattern in walk(get_resolver()) if getattr(pattern.callback, "is_post_only", False)]
    assert len(marked) >= 25
