"""Where one is signed in: seen, and ended, by oneself only."""

import re

import pytest
from django.test import Client

from accounts.models import AuditEntry, UserSession
from accounts.own_sessions import own_sessions
from accounts.tests.factories import PASSWORD, make_customer
from accounts.tests.helpers import is_signed_in, sign_in
from common import clock

pytestmark = pytest.mark.django_db
PAGE, END = "/account/security/", "/account/security/end/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18.1 Safari/604.1"


@pytest.fixture
def mira():
    return make_customer()


def browser(user, device: str = FIREFOX) -> Client:
    client = Client(headers={"User-Agent": device})
    sign_in(client, user.email, PASSWORD)
    return client


def app(user) -> dict[str, str]:
    form = {"login": user.email, "password": PASSWORD}
    headers = {"User-Agent": "Till/2.1"}
    answer = Client().post("/api/v1/auth/token/", form, content_type="application/json", headers=headers)
    return answer.json()


def ids_on(client: Client) -> list[str]:
    return re.findall(r'name="session" value="(\w+)"', client.get(PAGE).content.decode())


def test_it_lists_browsers_and_apps_in_words(mira):
    here = browser(mira)
    browser(mira, SAFARI)
    app(mira)
    browser(make_customer(), SAFARI)

    text = here.get(PAGE).content.decode()

    assert [text.count(words) for words in ("Firefox on Linux", "This device")] == [1, 1]
    assert text.count("Safari on an iPhone") == 2  # once for the eye, once for the name of its button
    assert text.count("Till, an app") == 2
    assert not any(key in text for key in UserSession.objects.values_list("pk", flat=True))


def test_it_takes_one_query_for_all(mira, django_assert_num_queries):
    here = browser(mira)
    for _ in range(12):
        browser(mira)
    here.get(PAGE)

    # The session, its user, the list, the second factor; and whether kept pages have changed.
    with django_assert_num_queries(5):
        here.get(PAGE)


def test_one_session_ends_and_the_others_stay(mira):
    here, there, elsewhere = browser(mira), browser(mira, SAFARI), browser(mira)
    ended = re.search(r'value="(\w+)">\s*End<span class="vh">: Safari', here.get(PAGE).content.decode())[1]

    answer = here.post(END, {"session": ended})

    assert (answer.status_code, answer["Location"]) == (303, PAGE)
    assert [is_signed_in(client) for client in (here, there, elsewhere)] == [True, False, True]
    assert "1 session has ended." in here.get(PAGE).content.decode()
    assert AuditEntry.objects.filter(action="account.sessions", target=f"user:{mira.pk}").count() == 1


def test_an_app_is_ended_with_its_tokens(mira):
    here, tokens = browser(mira), app(mira)

    here.post(END, {"session": ids_on(here)[0]})

    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert Client().get("/api/v1/auth/me/", headers=bearer).status_code == 401


def test_all_others_end_at_once(mira):
    here, there = browser(mira), browser(mira)
    app(mira)
    stranger = browser(make_customer())

    answer = here.post(END, {"others": "1"})

    assert answer.status_code == 303
    assert [is_signed_in(client) for client in (here, there, stranger)] == [True, False, True]
    assert UserSession.objects.filter(user=mira).count() == 1
    assert "2 sessions have ended." in here.get(PAGE).content.decode()


def test_ending_the_others_when_there_are_none_says_so(mira):
    here = browser(mira)

    here.post(END, {"others": "1"})

    assert "You are signed in nowhere else." in here.get(PAGE).content.decode()
    assert not AuditEntry.objects.filter(action="account.sessions").exists()


@pytest.mark.parametrize("which", ["foreign", "unknown", "key", "empty", "missing"])
def test_nobody_ends_what_is_not_theirs(mira, which):
    other = make_customer()
    here, foreign = browser(mira), browser(other)
    browser(mira)
    browser(other)
    named = {
        "foreign": [line.id for line in own_sessions(other.pk, current=None, at=clock.now())],
        "unknown": ["f" * 32],
        "key": [foreign.session.session_key],
        "empty": [""],
        "missing": [],
    }[which]

    answer = here.post(END, {"session": named[0]} if named else {})

    assert answer.status_code == (400 if which == "missing" else 404)
    assert UserSession.objects.exclude(user=None).count() == 4


def test_ending_this_one_signs_out(mira):
    here = browser(mira)
    (line,) = own_sessions(mira.pk, current=None, at=clock.now())

    answer = here.post(END, {"session": line.id})

    assert answer["Location"] == "/accounts/login/"
    assert not is_signed_in(here)


def test_a_get_ends_nothing(mira):
    here = browser(mira)

    assert here.get(END).status_code == 405
    assert is_signed_in(here)


def test_it_is_linked_from_my_pages(mira):
    assert f'href="{PAGE}"' in browser(mira).get("/account/orders/").content.decode()
