"""An account with a second factor gets tokens with a code only, and each code works once."""

import pytest
from allauth.mfa.models import Authenticator

from accounts.models import User, UserSession
from accounts.services import tokens as token_services
from accounts.tests.factories import PASSWORD, code_of, give_second_factor, make_customer, recovery_codes_of
from api.tests.helpers import TOKEN, me, send, tokens_of
from common import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def mira():
    user = make_customer()
    give_second_factor(user)
    return user


def try_code(user, code: str):
    response = send(TOKEN, {"login": user.email, "password": PASSWORD, "code": code})
    return response.status_code, response.json().get("code", "tokens")


def test_without_a_code_the_answer_says_that_one_is_needed(mira):
    response = send(TOKEN, {"login": mira.email, "password": PASSWORD})

    assert (response.status_code, response.json()["code"]) == (401, "second_factor_required")
    assert not UserSession.objects.exists()


def test_without_the_password_nobody_learns_of_the_second_factor(mira):
    answers = [send(TOKEN, {"login": mira.email, "password": "wrong", "code": code}) for code in ("", "1")]

    assert [answer.json()["code"] for answer in answers] == ["wrong_password"] * 2


def test_a_code_of_the_app_gives_tokens(mira):
    tokens = tokens_of(mira, code=code_of(mira))

    assert me(tokens["access_token"]).json()["second_factor"] is True


def test_a_code_works_once(mira):
    code = code_of(mira)

    assert [try_code(mira, code) for _ in range(2)] == [(200, "tokens"), (401, "wrong_code")]


@pytest.mark.parametrize(("steps", "answer"), [(-2, 401), (-1, 200), (1, 200), (2, 401)])
def test_a_clock_may_be_half_a_minute_wrong(mira, monkeypatch, steps, answer):
    at = clock.now()
    monkeypatch.setattr(clock, "now", lambda: at)

    assert try_code(mira, code_of(mira, steps=steps))[0] == answer


def test_after_a_newer_code_an_older_one_is_no_good(mira, monkeypatch):
    at = clock.now()
    monkeypatch.setattr(clock, "now", lambda: at)

    assert [try_code(mira, code_of(mira, steps=steps))[0] for steps in (1, 0)] == [200, 401]


def test_a_recovery_code_gives_tokens_once(mira):
    first, second = recovery_codes_of(mira)[:2]

    answers = [try_code(mira, code) for code in (first, first, f" {second[:4]}-{second[4:]} ")]

    assert answers == [(200, "tokens"), (401, "wrong_code"), (200, "tokens")]


@pytest.mark.parametrize("code", ["000000", "abcdef", "١٢٣٤٥٦", "1" * 40, " ", "12345"])
def test_other_codes_are_refused(mira, code):
    assert try_code(mira, code)[0] == 401
    assert not UserSession.objects.exists()


def test_codes_cannot_be_guessed(mira):
    answers = [try_code(mira, f"00000{n}")[0] for n in range(5)]

    assert answers == [401] * 5
    assert try_code(mira, code_of(mira)) == (429, "too_many_attempts")
    assert not UserSession.objects.exists()


def test_recovery_codes_alone_are_no_second_factor(mira):
    Authenticator.objects.filter(user=mira, type=Authenticator.Type.TOTP).delete()

    assert tokens_of(mira)


def test_secrets_are_encrypted_in_the_database(mira):
    kept = str(list(Authenticator.objects.values_list("data", flat=True)))

    assert len(recovery_codes_of(mira)) == 10
    assert not any(code in kept for code in recovery_codes_of(mira))
    assert "gAAAA" in kept


def test_another_secret_key_lets_nobody_in_by_a_code(mira, settings):
    code = code_of(mira)
    settings.SECRET_KEY = "another key than the one that encrypted them"

    assert try_code(mira, code)[0] == 401


# What happens while a sign-in is under way


@pytest.fixture
def after_first_look(monkeypatch):
    """Let something happen right after a sign-in has looked whether there is a second step, before it locks."""

    def arrange(what) -> None:
        real = token_services.has_second_factor

        def look(user) -> bool:
            answer = real(user)
            monkeypatch.setattr(token_services, "has_second_factor", real)
            what()
            return answer

        monkeypatch.setattr(token_services, "has_second_factor", look)

    return arrange


def test_no_tokens_outlive_a_second_step_that_is_turned_on_meanwhile(after_first_look):
    user = make_customer()
    after_first_look(lambda: give_second_factor(user))

    response = send(TOKEN, {"login": user.email, "password": PASSWORD})

    assert (response.status_code, response.json()["code"]) == (401, "second_factor_required")
    assert not UserSession.objects.exists()


def test_a_code_of_an_app_that_is_replaced_meanwhile_gives_no_tokens(mira, monkeypatch):
    real, code = token_services.check_code, code_of(mira)

    def check_and_replace(**asked):
        passed = real(**asked)
        Authenticator.objects.filter(user=mira).delete()
        give_second_factor(mira)
        return passed

    monkeypatch.setattr(token_services, "check_code", check_and_replace)

    assert try_code(mira, code) == (401, "second_factor_required")
    assert not UserSession.objects.exists()


@pytest.mark.violates
def test_no_tokens_for_a_mailbox_that_is_taken_away_meanwhile(after_first_look):
    user = make_customer()
    after_first_look(lambda: user.emailaddress_set.update(verified=False))

    response = send(TOKEN, {"login": user.email, "password": PASSWORD})

    assert (response.status_code, response.json()["code"]) == (401, "email_not_confirmed")
    assert not UserSession.objects.exists()


def test_no_tokens_for_a_person_who_is_shut_out_meanwhile(after_first_look):
    user = make_customer()
    after_first_look(lambda: User.objects.filter(pk=user.pk).update(is_active=False))

    response = send(TOKEN, {"login": user.email, "password": PASSWORD})

    assert (response.status_code, response.json()["code"]) == (401, "account_inactive")
    assert not UserSession.objects.exists()
