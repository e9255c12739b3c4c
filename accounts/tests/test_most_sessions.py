"""An account has so many browsers and apps at most; one more sign-in ends the one unused for longest."""

import datetime as dt

import pytest
from django.test import Client

from accounts.models import UserSession
from accounts.services import sessions, tokens
from accounts.services.sessions import make_room
from accounts.tests.factories import PASSWORD, make_customer
from accounts.tests.helpers import sign_in
from accounts.tests.test_password_race import at_once, browser_of, is_let_in
from api.tests.helpers import TOKEN, me, tokens_of

MOST, AT_ONCE = 3, 5
HOUR = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def few(monkeypatch):
    monkeypatch.setattr(sessions, "MOST_BROWSERS", MOST)
    monkeypatch.setattr(sessions, "MOST_APPS", MOST)


def used(user, *, is_app: bool) -> int:
    return UserSession.objects.filter(user=user, is_app=is_app).count()


@pytest.mark.django_db
def test_the_browser_that_was_not_used_for_longest_is_signed_out(stopped_clock, at):
    user, browsers = make_customer(), []
    for hour in range(MOST):
        stopped_clock(at + hour * HOUR)
        browsers.append(browser_of(user))
    stopped_clock(at + MOST * HOUR)
    assert is_let_in(browsers[0])  # the use is noted

    browsers.append(browser_of(user))

    assert [is_let_in(browser) for browser in browsers] == [True, False, True, True]


@pytest.mark.django_db
def test_the_app_that_was_not_used_for_longest_loses_its_tokens(stopped_clock, at):
    user, given = make_customer(), []
    for hour in range(MOST + 1):
        stopped_clock(at + hour * HOUR)
        given.append(tokens_of(user)["access_token"])

    assert used(user, is_app=True) == MOST
    assert [key for key, token in enumerate(given) if me(token).status_code == 200] == [1, 2, 3]


@pytest.mark.django_db
def test_browsers_apps_and_other_people_do_not_count_together():
    user, other = make_customer(), make_customer()
    browsers = [browser_of(user) for _ in range(MOST)] + [browser_of(other) for _ in range(MOST)]
    given = [tokens_of(user)["access_token"] for _ in range(MOST)]

    assert all(is_let_in(browser) for browser in browsers)
    assert [me(token).status_code for token in given] == [200] * MOST


@pytest.mark.django_db
def test_a_visitors_session_and_one_that_begins_anew_do_not_end(at):
    user = make_customer()
    browser_of(user)
    key = UserSession.objects.get().pk
    Client().post("/accounts/signup/", {"name": "Mira", "email": "m@example.com", "password1": PASSWORD})

    assert make_room(user=user, keep=key, at=at) == 0
    assert UserSession.objects.count() == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("number", range(5))
def test_sign_ins_at_once_never_leave_more(number):
    user = make_customer()
    asked = {"login": user.email, "password": PASSWORD}

    at_once(*[lambda: sign_in(Client(), user.email, PASSWORD)] * AT_ONCE)
    at_once(*[lambda: Client().post(TOKEN, asked, content_type="application/json")] * AT_ONCE)

    assert (used(user, is_app=False), used(user, is_app=True)) == (MOST, MOST)


@pytest.mark.django_db(transaction=True)
def test_control_without_making_room_more_are_left(monkeypatch):
    for module in (sessions, tokens):
        monkeypatch.setattr(module, "make_room", lambda **kwargs: 0)
    user = make_customer()

    at_once(*[lambda: sign_in(Client(), user.email, PASSWORD)] * AT_ONCE)

    assert used(user, is_app=False) == AT_ONCE
