"""Sessions know whose they are, when they began and were last used, and end by account."""

import datetime as dt

import pytest
from allauth.mfa.stages import AuthenticateStage
from django.test import Client

from accounts.models import User, UserSession
from accounts.own_sessions import own_sessions
from accounts.privacy import sessions
from accounts.second_factor_forms import CodeForm
from accounts.services.erase import erase_account
from accounts.services.sessions import end_clients, end_sessions
from accounts.tests.factories import PASSWORD, code_of, give_second_factor, make_customer
from accounts.tests.helpers import is_signed_in, sign_in
from common import clock

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def hands(monkeypatch, at):
    """Stop the clock; call with a moment to set it."""

    def set_to(moment: dt.datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    set_to(at)
    return set_to


def test_a_sign_in_is_kept_with_its_account_moment_and_device(hands, at):
    user = make_customer()

    sign_in(Client(headers={"User-Agent": FIREFOX}), user.email, PASSWORD)

    row = UserSession.objects.get()
    assert (row.user, row.began_at, row.used_at, row.device, row.is_app) == (user, at, at, FIREFOX, False)


def test_a_device_with_a_long_name_is_cut():
    sign_in(Client(headers={"User-Agent": "x" * 5_000}), make_customer().email, PASSWORD)

    assert UserSession.objects.get().device == "x" * 200


def test_a_visitors_session_belongs_to_nobody(client):
    client.post("/accounts/signup/", {"name": "Mira", "email": "m@example.com", "password1": PASSWORD})

    row = UserSession.objects.get()
    assert (row.user, row.began_at) == (None, None)


def test_use_is_noted_once_an_hour(client, hands, at, django_assert_num_queries):
    client.force_login(make_customer())
    hands(at + HOUR - dt.timedelta(seconds=1))
    client.get("/account/orders/")
    assert UserSession.objects.get().used_at == at

    hands(at + HOUR)
    client.get("/account/orders/")

    row = UserSession.objects.get()
    assert (row.began_at, row.used_at) == (at, at + HOUR)


def test_a_page_for_everybody_notes_nothing(client, hands, at):
    client.force_login(make_customer())
    hands(at + 5 * HOUR)

    client.get("/robots.txt")

    assert UserSession.objects.get().used_at == at


def test_all_sessions_of_an_account_end_but_one(at):
    user, other = make_customer(), make_customer()
    here, there, elsewhere = Client(), Client(), Client()
    for browser, who in ((here, user), (there, user), (elsewhere, other)):
        browser.force_login(who)

    ended = end_sessions(user=user, at=at, keep=here.session.session_key)

    assert ended == 1
    assert [is_signed_in(browser) for browser in (here, there, elsewhere)] == [True, False, True]


def test_clients_of_the_api_end_alone(client, at):
    user = make_customer()
    client.force_login(user)
    UserSession.objects.create(session_key="app", user=user, is_app=True, expire_date=at)

    end_clients(user=user, at=at)

    assert is_signed_in(client)
    assert not UserSession.objects.filter(is_app=True).exists()


def test_another_password_ends_the_other_sessions_and_keeps_this_one():
    user, here, there = make_customer(), Client(), Client()
    for browser in (here, there):
        sign_in(browser, user.email, PASSWORD)

    answer = here.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": "quite another one"})

    assert answer.status_code == 303
    assert [browser.get("/account/orders/").status_code for browser in (here, there)] == [200, 302]
    assert UserSession.objects.filter(user=user).count() == 1


# What happens while a sign-in is under way


@pytest.fixture
def before_the_session(monkeypatch):
    """Let something happen after a sign-in has looked whether there is a second step, before its session begins."""

    def arrange(what) -> None:
        real = AuthenticateStage._should_handle

        def look(stage, request) -> bool:
            answer = real(stage, request)
            what()
            return answer

        monkeypatch.setattr(AuthenticateStage, "_should_handle", look)

    return arrange


def set_new_password(user: User) -> None:
    user.set_password("quite another one")
    user.save()
    end_sessions(user=user, at=clock.now())


@pytest.mark.parametrize(
    "meanwhile",
    [give_second_factor, set_new_password, lambda user: User.objects.filter(pk=user.pk).update(is_active=False)],
    ids=["second step on", "another password", "shut out"],
)
def test_no_session_outlives_what_is_changed_while_it_begins(client, before_the_session, meanwhile):
    user = make_customer()
    before_the_session(lambda: meanwhile(user))

    answer = sign_in(client, user.email, PASSWORD)

    assert (answer.status_code, answer["Location"]) == (303, "/accounts/login/")
    assert not UserSession.objects.filter(user=user).exists()
    assert "has just changed. Please sign in again." in client.get("/accounts/login/").content.decode()


def test_a_code_that_overlaps_the_end_of_all_sessions_signs_nobody_in(client, monkeypatch):
    user = make_customer()
    give_second_factor(user)
    sign_in(client, user.email, PASSWORD)
    real = CodeForm.note

    def note_and_end(form, request) -> None:
        real(form, request)
        end_sessions(user=user, at=clock.now())

    monkeypatch.setattr(CodeForm, "note", note_and_end)

    answer = client.post("/accounts/2fa/code/", {"code": code_of(user)})

    assert (answer.status_code, answer["Location"]) == (303, "/accounts/login/")
    assert not UserSession.objects.filter(user=user).exists()


@pytest.fixture
def waiting(client):
    """Return a person whose password has been given in `client`, where their code is waited for."""
    user = make_customer()
    give_second_factor(user)
    sign_in(client, user.email, PASSWORD)
    return user


def test_a_sign_in_that_waits_for_its_code_belongs_to_its_account(waiting):
    row = UserSession.objects.get()

    assert (row.user, row.began_at) == (waiting, None)


def test_a_sign_in_that_waits_for_its_code_is_in_no_list(waiting, at):
    assert own_sessions(waiting.pk, current=None, at=at) == []


def test_a_sign_in_that_waits_for_its_code_is_not_in_the_download(waiting):
    assert list(sessions(waiting.pk)) == []


def test_another_password_ends_a_sign_in_that_waits_for_its_code(client, waiting):
    set_new_password(waiting)

    client.post("/accounts/2fa/code/", {"code": code_of(waiting)})

    assert not is_signed_in(client)


def test_ending_all_sessions_does_not_count_a_sign_in_that_waits(waiting, at):
    assert end_sessions(user=waiting, at=at) == 0
    assert not UserSession.objects.exists()


def test_an_erased_account_leaves_no_sign_in_that_waits(waiting, at):
    erase_account(user_id=waiting.pk, at=at)

    assert not UserSession.objects.exists()
