"""Limits on attempts, by person and mailbox, for the whole site, with the same answer for everybody."""

import re

import pytest
from django.core.cache import cache
from django.test import Client

from accounts import limits
from accounts.tests.factories import PASSWORD, make_customer, make_sign_up
from accounts.tests.helpers import deliver_mail, is_signed_in, link_in, sign_in
from common import clock, throttle
from common.models import ThrottleCount

pytestmark = pytest.mark.django_db
RESET = "/accounts/password/reset/"
RESEND = "/accounts/confirm-email/new/"
SIGN_UP = "/accounts/signup/"
MIRA = {"name": "Mira Sato", "email": "mira@example.com", "phone": "", "password1": PASSWORD}


def visitor(number: int) -> Client:
    """Return a browser with an IP address of its own."""
    return Client(REMOTE_ADDR=f"198.51.{number // 250}.{number % 250}")


def text_of(page) -> str:
    """Return the page's own part, its spaces squeezed."""
    return " ".join(re.search("<main.*</main>", page.content.decode(), re.DOTALL).group().split())


def try_five_times(login: str, start: int = 0) -> list[int]:
    return [sign_in(visitor(start + number), login, "wrong").status_code for number in range(5)]


@pytest.mark.parametrize("spelling", ["0031612345678", "+31 (0)6-12345678", "06 12 34 56 78"])
@pytest.mark.parametrize("is_known", [True, False])
def test_a_phone_is_counted_the_same_in_every_spelling_whether_known_or_not(spelling, is_known):
    if is_known:
        make_customer(verified_phone="+31612345678")

    assert try_five_times("06 12345678") == [422] * 5
    assert sign_in(visitor(9), spelling, "wrong").status_code == 429


@pytest.mark.parametrize("is_known", [True, False])
def test_an_email_is_counted_the_same_in_every_spelling_whether_known_or_not(is_known):
    if is_known:
        make_customer(email="mira@example.com")

    assert try_five_times("mira@example.com") == [422] * 5
    assert sign_in(visitor(9), " MIRA@Example.com", "wrong").status_code == 429


def test_counts_survive_the_cache_and_attempts_by_others(client):
    user = make_customer()
    try_five_times(user.email)
    for number in range(20, 60):
        sign_in(visitor(number), f"stranger{number}@example.com", "wrong")
    cache.clear()

    response = sign_in(client, user.email, PASSWORD)

    assert response.status_code == 429
    assert not is_signed_in(client)


def test_right_passwords_are_not_counted():
    user = make_customer()

    answers = [sign_in(Client(), user.email, PASSWORD).status_code for _ in range(12)]

    assert answers == [303] * 12
    assert set(ThrottleCount.objects.values_list("used", flat=True)) == {0}


def test_a_right_password_does_not_reset_the_count():
    user = make_customer()
    for number in range(4):
        sign_in(visitor(number), user.email, "wrong")
    sign_in(visitor(5), user.email, PASSWORD)

    assert [sign_in(visitor(6 + number), user.email, "wrong").status_code for number in range(2)] == [422, 429]


def test_a_new_password_lifts_the_limit(client):
    user = make_customer()
    try_five_times(user.email)
    client.post(RESET, {"email": user.email})
    (message,) = deliver_mail()
    page = client.get(link_in(message), follow=True)

    client.post(page.redirect_chain[-1][0], {"password1": "quite another passphrase"})

    assert sign_in(client, user.email, "quite another passphrase").status_code == 303


@pytest.mark.parametrize(
    ("path", "field"),
    [("/accounts/password/change/", "oldpassword"), ("/accounts/reauthenticate/", "password")],
)
def test_an_open_session_cannot_be_used_to_guess_the_password(client, path, field):
    user = make_customer()
    sign_in(client, user.email, PASSWORD)
    form = {field: "wrong", "password1": "quite another passphrase"}

    answers = [client.post(path, form, REMOTE_ADDR=f"198.51.100.{n}").status_code for n in range(6)]

    assert answers == [422] * 5 + [429]
    assert client.post(path, form | {field: PASSWORD}).status_code == 429
    assert sign_in(Client(), user.email, PASSWORD).status_code == 429


@pytest.mark.parametrize("asked", ["mira@example.com", "nobody@example.com"])
def test_a_mailbox_gets_at_most_five_reset_emails_an_hour_and_the_answer_stays_the_same(asked):
    make_customer(email="mira@example.com")

    answers = [(visitor(number).post(RESET, {"email": asked}).status_code) for number in range(30)]

    assert answers == [303] * 30
    assert len(deliver_mail()) == (limits.RESET_MAIL.amount if asked == "mira@example.com" else 0)


def test_a_mailbox_gets_at_most_five_confirmation_emails_an_hour_by_any_route():
    make_sign_up(email=MIRA["email"])
    for number in range(4):
        visitor(number).post(SIGN_UP, MIRA)
        visitor(number).post(RESEND, {"email": "MIRA@example.com"})
        sign_in(visitor(number), MIRA["email"], PASSWORD)

    assert len(deliver_mail()) == limits.CONFIRM_MAIL.amount


@pytest.mark.parametrize("asked", ["mira@example.com", "waits@example.com", "nobody@example.com"])
def test_past_the_limit_the_page_says_that_nothing_was_sent_whoever_has_the_address(asked):
    make_customer(email="mira@example.com")
    make_sign_up(email="waits@example.com")

    answers = {
        path: [visitor(number).post(path, MIRA | {"email": asked}, follow=True) for number in range(6)]
        for path in (SIGN_UP, RESET)
    }

    sentences = {SIGN_UP: "We have sent you a link.", RESET: "If there is an account with this address"}
    for path, sentence in sentences.items():
        said = [
            (sentence in page, "We haven’t sent anything this time" in page) for page in map(text_of, answers[path])
        ]
        assert said == [(True, False)] * 5 + [(False, True)]


def test_pages_past_the_limit_are_equal_for_known_and_unknown_addresses():
    make_customer(email="mira@example.com")
    last = {}
    for asked in ("mira@example.com", "nobody@example.com"):
        for number in range(6):
            last[asked] = [visitor(number).post(path, {"email": asked}, follow=True) for path in (RESEND, RESET)]

    known, unknown = (
        [(page.redirect_chain, text_of(page)) for page in last[asked]]
        for asked in ("mira@example.com", "nobody@example.com")
    )
    assert known == unknown


def test_a_person_who_waits_to_confirm_is_told_that_no_link_was_sent():
    make_sign_up(email=MIRA["email"])
    for number in range(5):
        visitor(number).post(RESEND, {"email": MIRA["email"]})

    told = sign_in(visitor(6), MIRA["email"], PASSWORD)

    assert told.url == "/accounts/confirm-email/?how=limit"


def test_a_new_address_at_its_limit_is_noted_and_the_page_says_that_no_link_was_sent(client):
    for number in range(5):
        visitor(number).post(RESEND, {"email": "new@example.com"})
    client.force_login(make_customer())
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})

    page = client.post("/accounts/email/", {"action_add": "", "email": "new@example.com"}, follow=True)

    assert "new@example.com" in text_of(page)
    assert "No more links can be sent there for now." in text_of(page)
    assert deliver_mail() == []


def test_links_already_sent_still_work_past_the_limit():
    for number in range(8):
        visitor(number).post(SIGN_UP, MIRA | {"password1": "the attacker's passphrase"})
    owner = Client()
    owner.post(SIGN_UP, MIRA)

    owner.post(link_in(deliver_mail()[0]))

    assert sign_in(Client(), MIRA["email"], PASSWORD).status_code == 303


@pytest.mark.parametrize(
    ("path", "form", "limit"),
    [(RESET, {}, limits.LINK), (RESEND, {}, limits.LINK), (SIGN_UP, MIRA, limits.SIGN_UP)],
)
def test_a_network_that_asks_too_often_is_told_when_to_retry(client, path, form, limit):
    answers = [client.post(path, form | {"email": f"p{n}@example.com"}) for n in range(limit.amount + 1)]

    assert [answer.status_code for answer in answers] == [303] * limit.amount + [429]
    assert 0 < int(answers[-1]["Retry-After"]) <= limit.seconds
    assert "Too many attempts. Please try again in a minute." in answers[-1].content.decode()
    assert f'value="p{limit.amount}@example.com"' in answers[-1].content.decode()


def test_an_empty_form_is_not_counted(client):
    for path in (RESET, RESEND, SIGN_UP, "/accounts/login/"):
        client.post(path, {})

    assert not ThrottleCount.objects.exists()


def test_the_wait_is_stated_on_the_page_and_in_the_header(client):
    user = make_customer()
    try_five_times(user.email)
    ThrottleCount.objects.update(ends_at=clock.now() + throttle.dt.timedelta(seconds=95))

    response = sign_in(client, user.email, PASSWORD)

    assert 90 <= int(response["Retry-After"]) <= 95
    assert "Wait 2 minutes" in response.content.decode()
