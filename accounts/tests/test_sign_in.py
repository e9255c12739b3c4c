"""Signing in and out: the redirect, the session, and protection from other sites."""

import pytest
from django.test import Client, override_settings

from accounts.demo import DEMO_ACCOUNTS
from accounts.demo import PASSWORD as DEMO_PASSWORD
from accounts.models import User
from accounts.tests.factories import PASSWORD, make_customer, make_staff
from accounts.tests.helpers import SIGN_IN, is_signed_in, sign_in
from storefront.services.role_groups import make_groups

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("role", "home"),
    [
        ("owner", "/admin/"),
        ("shop_manager", "/staff/"),
        ("employee", "/staff/"),
        ("editor", "/admin/"),
        ("price_manager", "/admin/"),
        ("courier", "/courier/"),
    ],
)
def test_staff_are_taken_to_their_workplace(client, role, home):
    make_groups()
    make_staff("owner")
    assert sign_in(client, make_staff(role).email, PASSWORD).url == home


def test_the_break_glass_account_is_taken_to_the_cms(client):
    user = make_customer()
    User.objects.filter(pk=user.pk).update(is_superuser=True)
    assert sign_in(client, user.email, PASSWORD).url == "/admin/"


def test_an_email_works_in_any_case(client):
    make_customer(email="mira@example.com")
    sign_in(client, "MIRA@Example.COM", PASSWORD)
    assert is_signed_in(client)


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "http:///evil.example",
        "https://shop.localhost.evil.example/",
        "",
    ],
)
def test_a_foreign_next_is_refused(client, target):
    user = make_customer()
    assert sign_in(client, user.email, PASSWORD, next=target).url == "/"
    again = client.get(SIGN_IN, {"next": target})
    assert (again.status_code, again.url) == (302, "/")


def test_a_next_on_our_site_is_followed(client):
    assert sign_in(client, make_customer().email, PASSWORD, next="/cart/?a=1").url == "/cart/?a=1"


def test_the_session_key_changes_at_sign_in(client):
    user = make_customer()
    session = client.session
    session["cart"] = "kept"
    session.save()
    before = session.session_key
    sign_in(client, user.email, PASSWORD)
    assert client.session.session_key != before
    assert client.session["cart"] == "kept"


def test_signing_out_needs_a_post_and_ends_the_session(client):
    sign_in(client, make_customer().email, PASSWORD)
    assert client.cookies["shop_state"].value == "1"
    assert not client.cookies["shop_state"]["httponly"]
    assert client.get("/accounts/logout/").status_code == 200
    assert is_signed_in(client)
    response = client.post("/accounts/logout/")
    assert (response.status_code, response.url) == (303, "/")
    assert not is_signed_in(client)
    assert client.cookies["shop_state"].value == ""


def test_people_choose_whether_to_stay_signed_in(client):
    user = make_customer()
    assert sign_in(client, user.email, PASSWORD).cookies["sessionid"]["max-age"] == ""
    assert sign_in(Client(), user.email, PASSWORD, remember="on").cookies["sessionid"]["max-age"] > 0


def test_the_owner_of_a_closed_account_is_told(client):
    user = make_customer()
    User.objects.filter(pk=user.pk).update(is_active=False)
    response = sign_in(client, user.email, PASSWORD)
    assert (response.status_code, response.url) == (303, "/accounts/inactive/")
    assert "This account is closed" in client.get(response.url).content.decode()
    assert sign_in(client, user.email, "wrong").status_code == 422


def test_the_page_is_private_and_helps_password_managers(client):
    response = client.get(SIGN_IN)
    page = response.content.decode()
    assert "no-store" in response["Cache-Control"]
    for wanted in ('autocomplete="username"', 'autocomplete="current-password"', "data-show-password", "noindex"):
        assert wanted in page
    assert "demo" not in page


def test_an_empty_form_is_refused(client):
    response = client.post(SIGN_IN, {})
    assert response.status_code == 422
    assert "Enter your email address or phone number." in response.content.decode()


@pytest.mark.parametrize("login", ["x" * 5000, "'; drop table users;--", "😀@example.com", "+", "()"])
def test_rubbish_does_not_sign_in(client, login):
    assert sign_in(client, login, "x").status_code == 422


@override_settings(DEMO=True)
def test_the_demo_shows_its_accounts_and_fills_in_the_form(client):
    make_staff("owner", email="owner@zerno.example")
    page = client.get(SIGN_IN, {"next": "/staff/"}).content.decode()
    assert "owner@zerno.example" in page
    assert "customer@zerno.example" not in page
    assert "?demo=owner&amp;next=/staff/" in page
    assert f'value="{DEMO_PASSWORD}"' not in page
    filled = client.get(SIGN_IN, {"demo": "owner"}).content.decode()
    assert 'value="owner@zerno.example"' in filled
    assert f'value="{DEMO_PASSWORD}"' in filled
    assert f'value="{DEMO_PASSWORD}"' not in client.get(SIGN_IN, {"demo": "customer"}).content.decode()
    assert DEMO_PASSWORD not in sign_in(client, "owner@zerno.example", "my own secret").content.decode().split("<ul")[0]
    assert "my own secret" not in sign_in(client, "owner@zerno.example", "my own secret").content.decode()


@override_settings(DEMO=False)
def test_without_the_demo_no_passwords_are_shown(client):
    make_staff("owner", email="owner@zerno.example")
    page = client.get(SIGN_IN, {"demo": "owner"}).content.decode()
    assert "zerno" not in page


def test_demo_accounts_are_valid(at):
    assert len({account.email for account in DEMO_ACCOUNTS}) == len(DEMO_ACCOUNTS)
    assert all(account.label and account.password == DEMO_PASSWORD for account in DEMO_ACCOUNTS)


def test_the_door_to_the_cms_says_that_nobody_owns_the_shop(client):
    missing = "This shop has no owner yet"
    assert missing in client.get("/admin/", follow=True).content.decode()
    assert missing not in client.get("/accounts/login/").content.decode()

    make_staff("owner")

    assert missing not in client.get("/admin/", follow=True).content.decode()
