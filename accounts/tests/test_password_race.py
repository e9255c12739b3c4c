"""A password changes while sessions begin, go on or are saved: none that relied on the old one outlives it."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.internal.flows import password_change
from allauth.account.utils import user_pk_to_url_str
from django.contrib.auth.hashers import PBKDF2PasswordHasher, check_password, make_password
from django.db import connection, connections, transaction
from django.test import Client
from django.urls import reverse

from accounts import mine_views
from accounts.adapter import AccountAdapter
from accounts.forms import NewPasswordForm
from accounts.models import Notice, User, UserSession
from accounts.services.change_email import confirm_email_change, request_email_change
from accounts.services.passwords import choose_password
from accounts.services.sessions import end_sessions
from accounts.services.take_back import take_back_account
from accounts.tests.factories import PASSWORD, code_of, give_second_factor, make_customer, recovery_codes_of
from accounts.tests.helpers import is_signed_in, sign_in
from api.tests.helpers import REFRESH, TOKEN, tokens_of
from common import clock
from common.actors import GUEST

pytestmark = pytest.mark.django_db(transaction=True)
ANOTHER, THIRD = "quite another passphrase", "a third one for good measure"
CHANGE = "/accounts/password/change/"
ROUNDS = 12


def at_once(*works: Callable[[], object]) -> list[object]:
    """Do things at the same moment, each on its own connection; return what they returned."""
    assert connection.vendor == "postgresql", "a race on SQLite proves nothing"
    start = threading.Barrier(len(works))

    def do(work: Callable[[], object]) -> object:
        start.wait()
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(do, works))


def change(client: Client, password: str):
    return client.post(CHANGE, {"oldpassword": PASSWORD, "password1": password})


def browser_of(user: User) -> Client:
    client = Client()
    sign_in(client, user.email, PASSWORD)
    assert is_signed_in(client)
    return client


def is_let_in(client: Client) -> bool:
    return client.get("/account/security/").status_code == 200


@pytest.mark.parametrize("number", range(ROUNDS))
def test_nothing_that_begins_or_is_renewed_with_the_old_password_is_left(number):
    user = make_customer()
    refresh, going_on = tokens_of(user)["refresh_token"], browser_of(user)
    asked = {"login": user.email, "password": PASSWORD}

    at_once(
        lambda: choose_password(user=user, password=ANOTHER, at=clock.now()),
        lambda: Client().post("/accounts/login/", asked),
        lambda: Client().post(TOKEN, asked, content_type="application/json"),
        lambda: Client().post(REFRESH, {"refresh_token": refresh}, content_type="application/json"),
        lambda: going_on.post("/accounts/reauthenticate/", {"password": PASSWORD}),
    )

    assert list(UserSession.objects.filter(user=user)) == []
    user.refresh_from_db()
    assert user.check_password(ANOTHER)


@pytest.mark.parametrize("number", range(ROUNDS))
def test_of_two_sessions_that_change_the_password_one_is_left(number):
    user = make_customer()
    browsers = {ANOTHER: browser_of(user), THIRD: browser_of(user)}
    looked, real = threading.Barrier(2), AccountAdapter.set_password

    def set_password(self, person: User, password: str) -> None:
        looked.wait(10)  # both have given the old password
        real(self, person, password)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AccountAdapter, "set_password", set_password)
        answers = at_once(*(lambda new=new, one=one: change(one, new) for new, one in browsers.items()))

    user.refresh_from_db()
    places = sorted(answer["Location"] for answer in answers)
    assert places == ["/accounts/login/", "/accounts/password/change/"]
    assert [is_let_in(one) for one in browsers.values()] == [user.check_password(new) for new in browsers]
    assert UserSession.objects.filter(user=user).count() == 1


def test_a_session_that_is_ended_while_it_changes_the_password_does_not_come_back(monkeypatch):
    user = make_customer()
    here, real = browser_of(user), password_change.finalize_password_change

    def end_first(request, person) -> bool:
        end_sessions(user=user, at=clock.now())
        return real(request, person)

    monkeypatch.setattr(password_change, "finalize_password_change", end_first)

    answer = change(here, ANOTHER)

    assert (answer.status_code, answer["Location"]) == (303, "/accounts/login/")
    assert not UserSession.objects.filter(user=user).exists()
    assert not is_let_in(here)


def test_a_sign_in_that_waits_for_its_code_does_not_outlive_the_password_it_was_given(monkeypatch):
    """The password changes after it was checked and before the waiting sign-in is saved."""
    user, client = make_customer(), Client()
    give_second_factor(user)
    real = AccountAdapter.pre_login

    def pre_login(self, request, person, **kwargs):
        choose_password(user=user, password=ANOTHER, at=clock.now())
        return real(self, request, person, **kwargs)

    monkeypatch.setattr(AccountAdapter, "pre_login", pre_login)
    sign_in(client, user.email, PASSWORD)

    answer = client.post("/accounts/2fa/code/", {"code": code_of(user)})

    assert answer["Location"] == "/accounts/login/"
    assert not is_signed_in(client)


def test_a_hash_that_is_made_anew_at_sign_in_does_not_bring_the_old_password_back(settings, monkeypatch):
    settings.PASSWORD_HASHERS = [*settings.PASSWORD_HASHERS, "django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    user, client = make_customer(), Client()
    User.objects.filter(pk=user.pk).update(password=make_password(PASSWORD, hasher="pbkdf2_sha256"))
    real = PBKDF2PasswordHasher.verify

    def verify(self, password: str, encoded: str) -> bool:
        is_right = real(self, password, encoded)
        User.objects.filter(pk=user.pk).update(password=make_password(ANOTHER))
        return is_right

    monkeypatch.setattr(PBKDF2PasswordHasher, "verify", verify)
    sign_in(client, user.email, PASSWORD)

    assert check_password(ANOTHER, User.objects.get(pk=user.pk).password)
    assert not is_signed_in(client)


def test_a_hash_is_made_anew_at_sign_in(settings):
    settings.PASSWORD_HASHERS = [*settings.PASSWORD_HASHERS, "django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    user, client = make_customer(), Client()
    User.objects.filter(pk=user.pk).update(password=make_password(PASSWORD, hasher="pbkdf2_sha256"))

    sign_in(client, user.email, PASSWORD)

    assert is_let_in(client)
    assert User.objects.get(pk=user.pk).password.startswith("md5$")


def test_a_link_that_two_people_use_at_once_sets_one_password():
    user = make_customer()
    ids = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    address = reverse("account_reset_password_from_key", kwargs=ids)
    real, looked = NewPasswordForm.save, threading.Barrier(2)

    def save(self) -> None:
        looked.wait(10)
        real(self)

    def use(password: str):
        client = Client()
        return client.post(client.get(address)["Location"], {"password1": password})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(NewPasswordForm, "save", save)
        answers = at_once(lambda: use(ANOTHER), lambda: use(THIRD))

    user.refresh_from_db()
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    assert [user.check_password(ANOTHER), user.check_password(THIRD)] == [
        answer.status_code == 303 for answer in answers
    ]


def test_an_answer_under_way_is_given_when_its_session_has_ended(monkeypatch):
    """What was done is said; the browser forgets the session."""
    user = make_customer()
    here, real = browser_of(user), mine_views.change_profile

    def change_and_end(**wanted: object) -> User:
        saved = real(**wanted)
        end_sessions(user=user, at=clock.now())
        return saved

    monkeypatch.setattr(mine_views, "change_profile", change_and_end)
    session = here.session
    session["used"] = 0  # so that it is saved at the end of this request
    session.save()

    answer = here.post("/account/profile/", {"name": "Mila", "language": "en"})

    assert (answer.status_code, answer["Location"]) == (303, "/account/profile/")
    assert answer.cookies["sessionid"].value == ""
    assert not UserSession.objects.filter(user=user).exists()


def owned_by_a_thief():
    """Return an account whose email somebody else has changed, their browser, and the notice that told of it."""
    user = make_customer(email="mira@example.com")
    give_second_factor(user)
    row, _is_mailed = request_email_change(user_id=user.pk, email="thief@example.com", at=clock.now())
    confirm_email_change(user_id=user.pk, address_id=row.pk, actor=GUEST, at=clock.now())
    notice = Notice.objects.get(email="mira@example.com")
    thief = Client()
    sign_in(thief, "thief@example.com", PASSWORD)
    thief.post("/accounts/2fa/code/", {"code": code_of(user)})
    thief.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert is_let_in(thief)
    return user, thief, notice


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("mfa_generate_recovery_codes", {}),
        ("mfa_deactivate_totp", {}),
        ("account_change_password", {"oldpassword": PASSWORD, "password1": ANOTHER}),
    ],
)
def test_a_request_under_way_while_the_account_is_taken_back_does_nothing(name, wanted):
    """It waits for the account's lock with what it saw before, and tells the thief of nothing they could undo."""
    user, thief, notice = owned_by_a_thief()
    codes, answers = recovery_codes_of(user), []

    def press() -> None:
        try:
            answers.append(thief.post(reverse(name), wanted))
        finally:
            connections.close_all()

    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        other = threading.Thread(target=press)
        other.start()
        wait_for_a_lock()
        take_back_account(notice_id=notice.pk, at=clock.now())
    other.join()

    user.refresh_from_db()
    assert [(answer.status_code, answer["Location"]) for answer in answers] == [(303, "/accounts/login/")]
    assert (user.email, user.has_usable_password()) == ("mira@example.com", False)
    assert recovery_codes_of(user) == codes
    assert not Notice.objects.exists()
    assert not is_let_in(thief)


def wait_for_a_lock() -> None:
    """Return once another connection waits for a row's lock."""
    for _try in range(200):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.05)
    raise AssertionError("nobody waits")
