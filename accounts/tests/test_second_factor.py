"""The second step of signing in: setting it up, signing in with it, its recovery codes, and its end."""

import datetime as dt
import re

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry, User, UserSession
from accounts.second_factor import has_second_factor, standing_of
from accounts.services import second_factor
from accounts.tests.factories import (
    PASSWORD,
    code_of,
    code_of_secret,
    give_second_factor,
    make_customer,
    recovery_codes_of,
)
from accounts.tests.helpers import deliver_mail, is_signed_in, sign_in
from common.errors import DomainError
from common.models import ThrottleCount
from common.throttle import TooManyAttempts

pytestmark = pytest.mark.django_db
PAGE, ON, OFF, CODE = (f"/accounts/2fa/{part}" for part in ("", "on/", "off/", "code/"))
CODES, NEW, FILE = (f"/accounts/2fa/{part}" for part in ("codes/", "codes/new/", "codes/file/"))


@pytest.fixture
def mira():
    return make_customer(email="mira@example.com")


@pytest.fixture
def protected(mira):
    give_second_factor(mira)
    return mira


def signed_in(user, code: str | None = None) -> Client:
    """Return a browser in which a person is signed in and has just given their password."""
    client = Client()
    sign_in(client, user.email, PASSWORD)
    if code:
        client.post(CODE, {"code": code})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert is_signed_in(client)
    return client


def secret_on(client: Client) -> str:
    shown = re.search(r'<code class="secret">([A-Z2-7 ]+)</code>', client.get(ON).content.decode())
    return shown[1].replace(" ", "")


def actions() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))


# Setting it up


def test_it_is_set_up_with_a_code_of_the_app(mira):
    client = signed_in(mira)

    answer = client.post(ON, {"code": code_of_secret(secret_on(client))})

    assert (answer.status_code, answer["Location"]) == (303, CODES)
    assert standing_of(mira).codes_left == 10
    assert actions()[-1] == "account.second_factor_on"
    (message,) = deliver_mail()
    assert message.to == ["mira@example.com"]
    assert "the second step is on" in message.subject


def test_the_page_shows_a_code_to_scan_and_the_same_key_to_type(mira):
    client = signed_in(mira)

    text = client.get(ON).content.decode()

    assert f"secret={secret_on(client)}" in text
    assert "otpauth://totp/" in text
    assert '<path stroke="black"' in text
    assert client.get(ON)["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"


@pytest.mark.parametrize("code", ["", "000000", "abcdef", "1" * 50])
def test_a_wrong_code_sets_up_nothing(mira, code):
    client = signed_in(mira)
    secret = secret_on(client)

    answer = client.post(ON, {"code": code})

    assert answer.status_code == 422
    assert not has_second_factor(mira)
    assert secret_on(client) == secret


def test_codes_cannot_be_guessed_while_setting_up(mira):
    client = signed_in(mira)
    code = code_of_secret(secret_on(client))

    answers = [client.post(ON, {"code": "000000"}).status_code for _ in range(5)]

    refused = client.post(ON, {"code": code})
    assert answers == [422] * 5
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= 300
    assert not has_second_factor(mira)


def test_the_code_that_set_it_up_does_not_sign_in(mira):
    client = signed_in(mira)
    code = code_of_secret(secret_on(client))
    client.post(ON, {"code": code})
    other = Client()
    sign_in(other, mira.email, PASSWORD)

    assert other.post(CODE, {"code": code}).status_code == 422
    assert not is_signed_in(other)


def test_setting_it_up_ends_what_began_without_a_code(mira):
    client, other = signed_in(mira), signed_in(mira)
    form = {"login": mira.email, "password": PASSWORD}
    Client().post("/api/v1/auth/token/", form, content_type="application/json")

    client.post(ON, {"code": code_of_secret(secret_on(client))})

    assert [is_signed_in(browser) for browser in (client, other)] == [True, False]
    assert UserSession.objects.filter(user=mira).count() == 1


@pytest.mark.parametrize("path", [ON, OFF, CODES, FILE])
def test_the_password_is_asked_for_first(protected, path):
    client = Client()
    sign_in(client, protected.email, PASSWORD)
    client.post(CODE, {"code": code_of(protected)})

    answer = client.get(path)

    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/reauthenticate/")


# Signing in


def test_the_password_alone_signs_nobody_in(protected):
    client = Client()

    answer = sign_in(client, protected.email, PASSWORD)

    assert (answer.status_code, answer["Location"]) == (303, CODE)
    assert not is_signed_in(client)
    assert client.get("/account/orders/").status_code == 302


def test_a_code_of_the_app_signs_in(protected):
    client = Client()
    sign_in(client, protected.email, PASSWORD, next="/account/orders/")

    answer = client.post(CODE, {"code": code_of(protected)})

    assert (answer.status_code, answer["Location"]) == (303, "/account/orders/")
    assert is_signed_in(client)
    assert answer.cookies["shop_state"].value == "1"


def test_a_code_is_used_up(protected):
    code, first, second = code_of(protected), Client(), Client()
    for client in (first, second):
        sign_in(client, protected.email, PASSWORD)

    answers = [client.post(CODE, {"code": code}).status_code for client in (first, second)]

    assert answers == [303, 422]
    assert not is_signed_in(second)


def test_a_recovery_code_signs_in_once_and_the_person_is_told(protected):
    code, first, second = recovery_codes_of(protected)[0], Client(), Client()
    for client in (first, second):
        sign_in(client, protected.email, PASSWORD)

    answers = [client.post(CODE, {"code": f"{code[:4]} {code[4:]}"}).status_code for client in (first, second)]

    assert answers == [303, 422]
    assert standing_of(protected).codes_left == 9
    assert actions()[-1] == "account.recovery_code"
    (message,) = deliver_mail()
    assert "a recovery code was used" in message.subject
    assert code not in message.body


def test_wrong_codes_lock_the_account_for_a_while_and_say_how_long(protected):
    client = Client()
    sign_in(client, protected.email, PASSWORD)
    answers = [client.post(CODE, {"code": "000000"}).status_code for _ in range(5)]

    refused = client.post(CODE, {"code": code_of(protected)})

    assert answers == [422] * 5
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= 300
    assert not is_signed_in(client)


def test_a_person_shut_out_after_the_password_is_not_let_in(protected):
    client = Client()
    sign_in(client, protected.email, PASSWORD)
    code = code_of(protected)
    User.objects.filter(pk=protected.pk).update(is_active=False)

    answer = client.post(CODE, {"code": code})

    assert answer.status_code == 422
    assert not is_signed_in(client)


def test_an_empty_form_asks_for_the_code(protected):
    client = Client()
    sign_in(client, protected.email, PASSWORD)

    answer = client.post(CODE, {"credential": "{}"})

    assert answer.status_code == 422
    assert "Enter the code." in answer.content.decode()


def test_the_page_for_the_code_is_for_those_who_gave_a_password(client, mira):
    assert client.get(CODE)["Location"] == "/accounts/login/?next=/"
    assert client.post(CODE, {"code": "000000"})["Location"] == "/accounts/login/?next=/"


def test_a_new_password_by_link_does_not_go_around_it(protected):
    client = Client()
    client.post("/accounts/password/reset/", {"email": protected.email})
    link = re.search(r"https?://[^/\s]+(/\S+)", deliver_mail()[0].body)[1]
    page = client.get(link, follow=True)
    client.post(page.redirect_chain[-1][0], {"password1": "quite another passphrase"})

    sign_in(client, protected.email, "quite another passphrase")

    assert not is_signed_in(client)
    assert has_second_factor(protected)


# Recovery codes


def test_recovery_codes_are_shown_until_they_are_kept(protected):
    client = signed_in(protected, code_of(protected))
    codes = recovery_codes_of(protected)

    shown, file = client.get(CODES).content.decode(), client.get(FILE)
    answer = client.post(CODES)

    assert all(f"{code[:4]} {code[4:]}" in shown for code in codes)
    assert file.content.decode().splitlines()[2:] == codes
    assert file["Content-Disposition"] == "attachment; filename=recovery-codes.txt"
    assert answer["Location"] == PAGE
    looked = client.get(CODES)
    assert (looked.status_code, looked["Location"]) == (302, PAGE)
    assert client.get(FILE).status_code == 404
    assert recovery_codes_of(protected) == codes


def test_new_codes_replace_the_old_ones(protected):
    client = signed_in(protected, code_of(protected))
    old = recovery_codes_of(protected)

    answer = client.post(NEW)

    assert answer["Location"] == CODES
    assert not set(old) & set(recovery_codes_of(protected))
    assert actions()[-1] == "account.recovery_codes"
    assert "new recovery codes" in deliver_mail()[-1].subject


def test_without_a_second_step_there_are_no_codes(mira):
    client = signed_in(mira)

    assert client.post(NEW)["Location"] == PAGE
    looked = client.get(CODES)
    assert (looked.status_code, looked["Location"]) == (302, PAGE)
    assert client.get(FILE).status_code == 404
    assert not Authenticator.objects.exists()


# Turning it off


def test_it_is_turned_off_by_its_owner(protected):
    client = signed_in(protected, code_of(protected))

    answer = client.post(OFF)

    assert answer["Location"] == PAGE
    assert not Authenticator.objects.exists()
    assert actions()[-1] == "account.second_factor_off"
    assert "the second step is off" in deliver_mail()[-1].subject
    other = Client()
    sign_in(other, protected.email, PASSWORD)
    assert is_signed_in(other)


def test_a_get_turns_nothing_off(protected):
    client = signed_in(protected, code_of(protected))

    assert client.get(OFF).status_code == 200
    assert client.get(NEW).status_code == 405
    assert has_second_factor(protected)


def test_turning_it_off_twice_is_once(mira, at):
    with pytest.raises(second_factor.NotOn):
        second_factor.turn_off(user=mira, at=at)

    assert "account.second_factor_off" not in actions()


def test_recovery_codes_that_another_secret_key_made_are_none(protected, settings):
    settings.SECRET_KEY = "another key than the one that encrypted them"

    assert (standing_of(protected).codes_left, standing_of(protected).codes) == (0, [])


# Guessing codes


@pytest.fixture
def wrong(protected, at):
    """Return a function that tries so many wrong codes, five each ten minutes, and returns the last refusal."""
    minutes = iter(range(0, 10_000, 10))

    def attempt(number: int) -> Exception:
        moment = at
        for count in range(number):
            if count % 5 == 0:
                moment = at + dt.timedelta(minutes=next(minutes))
            with pytest.raises(DomainError) as refusal:
                second_factor.check_code(user_id=protected.pk, code="000000", at=moment)
        return refusal.value

    return attempt


def test_twenty_wrong_codes_lock_it_for_a_day(wrong):
    assert isinstance(wrong(20), second_factor.WrongCode)

    refusal = wrong(1)

    assert isinstance(refusal, TooManyAttempts)
    assert refusal.extra["retry_after"] == 24 * 3600 - 40 * 60


def test_a_person_whose_codes_are_guessed_is_told_once(wrong):
    wrong(19)
    assert deliver_mail() == []

    wrong(11)

    (message,) = deliver_mail()
    assert message.to == ["mira@example.com"]
    assert "somebody knows your password" in message.subject
    assert "/accounts/password/reset/" in message.body
    assert actions().count("account.codes_guessed") == 1


def test_right_codes_do_not_count_towards_the_day(protected, at):
    for code in recovery_codes_of(protected):
        second_factor.check_code(user_id=protected.pk, code=code, at=at)

    assert not ThrottleCount.objects.filter(used__gt=0).exists()


def test_a_code_locks_the_account_before_its_authenticators(protected, at):
    """As erasing does; the other way round the two wait for each other."""
    with CaptureQueriesContext(connection) as queries:
        second_factor.check_code(user_id=protected.pk, code=recovery_codes_of(protected)[0], at=at)

    locking = [query["sql"] for query in queries if " FOR " in query["sql"]]
    assert [re.search(r'FROM "(\w+)"', sql)[1] for sql in locking][:2] == ["accounts_user", "mfa_authenticator"]


def test_the_email_that_it_is_on_says_what_to_do_if_it_was_somebody_else(mira):
    client = signed_in(mira)
    client.post(ON, {"code": code_of_secret(secret_on(client))})

    (message,) = deliver_mail()

    assert "/accounts/not-me/" in message.body
    assert "that turns the second step off again, too" in " ".join(message.body.split())
