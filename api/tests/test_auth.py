"""Tokens for programs: sign-in, refresh, end, and everything that ends them."""

import datetime as dt
import uuid

import jwt
import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from accounts import signing_key
from accounts.models import User, UserSession
from accounts.services.erase import erase_account
from accounts.services.passwords import choose_password
from accounts.services.staff import change_role, correct_email, deactivate, reactivate
from accounts.sessions import SessionStore
from accounts.tests.factories import PASSWORD, make_customer, make_sign_up, make_staff
from accounts.tests.helpers import sign_in
from api.tests.helpers import LOGOUT, ME, REFRESH, TOKEN, me, send, tokens_of
from common.actors import SETUP
from common.models import ThrottleCount

pytestmark = pytest.mark.django_db
ANOTHER = "quite another passphrase"


def claims(token: str) -> dict:
    return jwt.decode(token, options={"verify_signature": False})


def refresh(token: str):
    return send(REFRESH, {"refresh_token": token})


# Signing in


@pytest.mark.parametrize("login", ["mira@example.com", " MIRA@Example.com ", "+31612345678", "06 12 34 56 78"])
def test_email_or_phone_and_password_give_tokens(login):
    make_customer(email="mira@example.com", verified_phone="+31612345678", name="Mira Sato")

    response = send(TOKEN, {"login": login, "password": PASSWORD})

    assert response.status_code == 200
    assert response.json().keys() == {"access_token", "refresh_token", "token_type", "expires_in"}
    assert (response.json()["token_type"], response.json()["expires_in"]) == ("Bearer", 300)
    assert not response.cookies
    assert response["Cache-Control"] == "private, no-store"
    assert me(response.json()["access_token"]).json() == {
        "name": "Mira Sato",
        "email": "mira@example.com",
        "phone": "+31612345678",
        "language": "",
        "role": "customer",
        "second_factor": False,
    }


def test_tokens_name_the_role_but_no_data():
    said = claims(tokens_of(make_staff("shop_manager"))["access_token"])

    assert said["role"] == "shop_manager"
    assert said.keys() == {"iss", "aud", "iat", "exp", "sid", "jti", "token_use", "sub", "role"}


def test_tokens_name_the_account_by_its_public_id():
    user = make_customer()

    given = tokens_of(user)

    said = {claims(given[name])["sub"] for name in ("access_token", "refresh_token")}
    assert said == {str(user.public_id)}
    assert uuid.UUID(said.pop()).version == 4


@pytest.mark.parametrize("name", ["access_token", "refresh_token"])
def test_tokens_that_name_the_number_of_a_row_are_good_no_more(name):
    """As those written before an account had a public id."""
    user = make_customer()
    given = tokens_of(user)
    old = {**claims(given[name]), "sub": str(user.pk)}
    token = jwt.encode(old, signing_key.pem(), algorithm="RS256", headers=jwt.get_unverified_header(given[name]))

    answer = me(token) if name == "access_token" else send(REFRESH, {"refresh_token": token})

    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")


def test_a_sign_in_is_noted():
    user = make_customer()

    tokens_of(user)

    user.refresh_from_db()
    assert user.last_login is not None
    assert UserSession.objects.get().is_app


@pytest.mark.parametrize("login", ["mira@example.com", "nobody@example.com", "+31612345678", "+31687654321"])
def test_known_and_unknown_people_get_one_answer(login):
    make_customer(email="mira@example.com", verified_phone="+31612345678")
    first = send(TOKEN, {"login": "nobody@else.example", "password": "wrong"})

    response = send(TOKEN, {"login": login, "password": "wrong"})

    assert response.status_code == first.status_code == 401
    assert response.content == first.content
    assert response.headers == first.headers
    assert response.json()["code"] == "wrong_password"


def test_wrong_passwords_count_as_on_the_site(client):
    user = make_customer()
    answers = [send(TOKEN, {"login": user.email, "password": "wrong"}).status_code for _ in range(5)]

    refused = send(TOKEN, {"login": user.email, "password": PASSWORD})

    assert answers == [401] * 5
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_attempts")
    assert 0 < int(refused["Retry-After"]) == refused.json()["retry_after"] <= 300
    assert sign_in(client, user.email, PASSWORD).status_code == 429
    assert not UserSession.objects.filter(is_app=True).exists()


def test_an_address_that_is_not_confirmed_gives_no_tokens():
    row = make_sign_up(email="mira@example.com")
    unproven = make_customer()
    EmailAddress.objects.filter(user=unproven).update(verified=False)

    answers = [send(TOKEN, {"login": who.email, "password": PASSWORD}) for who in (row, unproven)]
    EmailAddress.objects.filter(user=unproven).update(verified=True)

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(401, "email_not_confirmed")] * 2
    assert send(TOKEN, {"login": row.email, "password": "wrong"}).json()["code"] == "wrong_password"


def test_an_inactive_account_gives_no_tokens(at):
    make_staff("owner")
    user = make_staff("employee")
    deactivate(user_id=user.pk, actor=SETUP, at=at)

    response = send(TOKEN, {"login": user.email, "password": PASSWORD})

    assert (response.status_code, response.json()["code"]) == (401, "account_inactive")


# Refreshing


def test_a_refresh_token_gives_new_tokens_once():
    first = tokens_of(make_customer())

    second = refresh(first["refresh_token"]).json()

    assert me(second["access_token"]).status_code == 200
    assert second["refresh_token"] != first["refresh_token"]


def test_using_one_again_ends_the_whole_family_and_no_other():
    user = make_customer()
    stolen, other = tokens_of(user), tokens_of(user)
    newer = refresh(stolen["refresh_token"]).json()

    again = refresh(stolen["refresh_token"])

    assert (again.status_code, again.json()["code"]) == (401, "invalid_token")
    assert me(newer["access_token"]).status_code == me(stolen["access_token"]).status_code == 401
    assert refresh(newer["refresh_token"]).status_code == 401
    assert me(other["access_token"]).status_code == 200


def test_a_new_role_is_in_the_next_token_only(at):
    make_staff("owner")
    user = make_staff("employee")
    change_role(user_id=user.pk, role="editor", actor=SETUP, at=at)

    assert claims(tokens_of(user)["access_token"])["role"] == "editor"


# Ending


def test_logout_ends_this_family_only():
    user = make_customer()
    one, other = tokens_of(user), tokens_of(user)

    response = send(LOGOUT, token=one["access_token"])

    assert (response.status_code, response.content) == (204, b"")
    assert me(one["access_token"]).status_code == refresh(one["refresh_token"]).status_code == 401
    assert me(other["access_token"]).status_code == 200
    assert send(LOGOUT, token=one["access_token"]).status_code == 401


def shut_out(user, at):
    deactivate(user_id=user.pk, actor=SETUP, at=at)


def another_role(user, at):
    change_role(user_id=user.pk, role="editor", actor=SETUP, at=at)


def another_address(user, at):
    correct_email(user_id=user.pk, email="new@example.com", actor=SETUP, at=at)


def another_password(user, at):
    choose_password(user=user, password=ANOTHER, at=at)


def password_changed_on_the_site(user, at):
    browser = Client()
    sign_in(browser, user.email, PASSWORD)
    form = {"oldpassword": PASSWORD, "password1": ANOTHER}
    assert browser.post("/accounts/password/change/", form).status_code == 303
    assert browser.get("/account/orders/").status_code == 200


@pytest.mark.parametrize(
    "end", [shut_out, another_role, another_address, another_password, password_changed_on_the_site]
)
def test_tokens_end_with(end, at):
    make_staff("owner")
    user = make_staff("employee")
    tokens = [tokens_of(user) for _ in range(2)]

    end(user, at)

    assert [me(one["access_token"]).status_code for one in tokens] == [401, 401]
    assert [refresh(one["refresh_token"]).status_code for one in tokens] == [401, 401]
    assert not UserSession.objects.filter(user=user, is_app=True).exists()


def test_tokens_end_with_the_account(at):
    user = make_customer()
    tokens = tokens_of(user)

    erase_account(user_id=user.pk, at=at)

    assert me(tokens["access_token"]).status_code == refresh(tokens["refresh_token"]).status_code == 401
    assert not UserSession.objects.exists()


def test_tokens_of_before_stay_dead_when_a_person_is_let_in_again(at):
    make_staff("owner")
    user = make_staff("employee")
    tokens = tokens_of(user)
    deactivate(user_id=user.pk, actor=SETUP, at=at)
    reactivate(user_id=user.pk, actor=SETUP, at=at)

    assert me(tokens["access_token"]).status_code == 401


def test_a_password_set_past_the_services_ends_them_too():
    user = make_customer()
    tokens = tokens_of(user)
    user = User.objects.get(pk=user.pk)
    user.set_password(ANOTHER)
    user.save()

    assert me(tokens["access_token"]).status_code == refresh(tokens["refresh_token"]).status_code == 401


def test_a_family_that_is_not_renewed_ends(at):
    tokens = tokens_of(make_customer())
    UserSession.objects.update(expire_date=at - dt.timedelta(days=400))

    assert me(tokens["access_token"]).status_code == refresh(tokens["refresh_token"]).status_code == 401


def test_the_key_of_a_family_opens_no_page():
    """It never leaves the server; were it known, it would be a session like others, so it is encrypted in tokens."""
    tokens = tokens_of(make_customer())
    key = UserSession.objects.get().pk

    assert key not in claims(tokens["access_token"])["sid"]
    assert SessionStore(key).get("refresh_token") == claims(tokens["refresh_token"])["jti"]


# Input


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["login", "password"]),
        ({"login": "mira@example.com"}, ["password"]),
        ({"login": "", "password": ""}, ["login", "password"]),
        ({"login": 1, "password": True}, ["login", "password"]),
        ({"login": None, "password": []}, ["login", "password"]),
        ({"login": "a" * 255, "password": "a" * 1001}, ["login", "password"]),
        ({"login": "a@example.com", "password": "x", "role": "owner", "is_staff": True}, ["role", "is_staff"]),
        ([], [""]),
        ('"text"', [""]),
    ],
)
def test_input_that_cannot_be_used_is_named_by_field(body, fields):
    response = send(TOKEN, body)

    assert (response.status_code, response.json()["code"]) == (422, "invalid")
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["errors"].keys() == set(fields)
    assert not ThrottleCount.objects.exists()


@pytest.mark.parametrize(
    ("body", "kind", "answer"),
    [
        (b"{", "application/json", (400, "json")),
        (b'{"login": NaN}', "application/json", (400, "json")),
        (b"\xff", "application/json", (400, "json")),
        (b"login=a&password=b", "application/x-www-form-urlencoded", (415, "content_type")),
        (b"<login/>", "text/xml", (415, "content_type")),
        (b'{"login": "' + b"a" * 16_000 + b'"}', "application/json", (413, "too_large")),
    ],
    ids=["cut", "not a number", "not UTF-8", "a form", "XML", "too much"],
)
def test_a_body_that_cannot_be_read_is_refused(body, kind, answer):
    response = Client().post(TOKEN, body, content_type=kind)

    assert (response.status_code, response.json()["code"]) == answer
    assert response["Content-Type"] == "application/problem+json"


def test_parameters_in_the_address_are_refused():
    user = make_customer()

    response = send(f"{TOKEN}?next=/", {"login": user.email, "password": PASSWORD})

    assert (response.status_code, response.json()["errors"]) == (422, {"next": ["There is no such field."]})
    assert not UserSession.objects.exists()


@pytest.mark.parametrize("path", [TOKEN, REFRESH, LOGOUT, ME])
@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace"])
def test_other_methods_are_refused(path, method):
    response = getattr(Client(), method)(path, headers={"Authorization": f"Bearer {tokens_of(make_customer())}"})

    assert response.status_code in (401, 405)
    assert response["Content-Type"] == "application/problem+json"


def test_an_unknown_address_is_a_problem_in_json(client):
    response = client.get("/api/v1/nothing/")

    assert (response.status_code, response.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("path", ["/api/v1/auth/session/", "/_allauth/app/v1/auth/login/", "/api/v1/auth/login/"])
def test_allauths_own_addresses_are_closed(client, path):
    assert client.post(path, {}, content_type="application/json").status_code == 404


# Cookies


def test_cookies_are_neither_read_nor_set(client):
    user = make_customer()
    client.force_login(user)
    cookie = client.cookies["sessionid"].value

    response = client.post(TOKEN, {"login": user.email, "password": PASSWORD}, content_type="application/json")

    assert response.status_code == 200
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")
    assert client.get(ME).status_code == 401
    assert client.cookies["sessionid"].value == cookie
    assert client.get("/account/orders/").status_code == 200
