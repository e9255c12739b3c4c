"""One's own name and language, and whether one wants news."""

import datetime as dt

import pytest
from django.test import Client

from accounts.models import AuditEntry, User
from accounts.services.erase import erase_account
from accounts.tests.factories import PASSWORD, make_customer, make_staff
from accounts.tests.helpers import sign_in
from common.registry import export_of

pytestmark = pytest.mark.django_db
PAGE = "/account/profile/"


@pytest.fixture
def page(client, stopped_clock):
    sign_in(client, make_customer().email, PASSWORD)
    return client


def squeezed(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_the_name_is_saved_on_one_line(page):
    answer = page.post(PAGE, {"language": "en", "name": " Mira\u202e  de\nVries "})

    assert (answer.status_code, answer["Location"]) == (303, PAGE)
    assert User.objects.get().name == "Mira de Vries"


@pytest.mark.parametrize("name", ["", "  ", "\u200b\u202e", "\u200d", "\u3164", "\u2800 \ufe0f", "\u034f", "x" * 151])
def test_a_name_that_is_none_is_refused(page, name):
    answer = page.post(PAGE, {"name": name})

    assert answer.status_code == 422
    assert User.objects.get().name == "Mira Sato"


def test_the_language_of_emails_is_a_choice_where_there_are_several(page, settings):
    settings.LANGUAGES = [("en", "English"), ("ru", "Русский")]

    chosen = page.post(PAGE, {"name": "Mira", "language": "ru"})
    refused = page.post(PAGE, {"name": "Mira", "language": "xx"})

    assert (chosen.status_code, refused.status_code) == (303, 422)
    assert User.objects.get().language == "ru"


def test_of_one_language_there_is_no_choice(page, settings):
    settings.LANGUAGES = settings.WAGTAIL_CONTENT_LANGUAGES = [("en", "English")]

    assert 'name="language"' not in page.get(PAGE).content.decode()


def test_other_columns_cannot_be_written(page):
    before = User.objects.values().get()

    page.post(
        PAGE, {"language": "en", "name": "Mira", "email": "x@example.com", "is_superuser": "1", "phone": "+31205550123"}
    )

    assert User.objects.values().get() == {**before, "name": "Mira", "language": "en"}


def test_people_who_work_here_have_the_page_too(client):
    sign_in(client, make_staff().email, PASSWORD)

    assert client.post(PAGE, {"language": "en", "name": "Anna B"}).status_code == 303
    assert User.objects.get().name == "Anna B"


# --- News by email ---------------------------------------------------------------------------------

NEWS = "/account/profile/news/"


def events() -> list[str]:
    return list(AuditEntry.objects.filter(action__contains="news").order_by("pk").values_list("action", flat=True))


def test_consent_to_news_is_given_and_withdrawn_with_its_date(page, at, stopped_clock):
    given = page.post(NEWS, {"news": "yes"})

    assert (given.status_code, given["Location"]) == (303, PAGE)
    assert User.objects.get().news_agreed_at == at
    assert "You agreed to news by email on 10 March 2026." in squeezed(page.get(PAGE))

    stopped_clock(at + dt.timedelta(days=3))
    page.post(NEWS, {"news": "no"})

    assert User.objects.get().news_agreed_at is None
    assert "You don’t get news from us." in squeezed(page.get(PAGE))
    assert events() == ["account.news_on", "account.news_off"]


def test_consent_from_an_old_tab_reverses_nothing_and_keeps_its_date(page, at, stopped_clock):
    page.post(NEWS, {"news": "yes"})
    stopped_clock(at + dt.timedelta(days=3))

    page.post(NEWS, {"news": "yes"})

    assert User.objects.get().news_agreed_at == at
    assert events() == ["account.news_on"]


@pytest.mark.parametrize(
    ("posted", "status"), [({}, 400), ({"news": ""}, 400), ({"news": "YES"}, 400), ({"news": "no"}, 303)]
)
def test_nobody_agrees_to_news_without_saying_so(page, posted, status):
    assert page.post(NEWS, posted).status_code == status

    assert User.objects.get().news_agreed_at is None
    assert events() == []


def test_the_choice_of_news_is_made_by_a_post_of_the_person(page, client):
    assert page.get(NEWS).status_code == 405
    assert Client().post(NEWS, {"news": "yes"})["Location"].startswith("/accounts/login/")
    assert User.objects.get().news_agreed_at is None


def test_the_download_says_what_is_agreed_to_now_and_what_was(page, at):
    page.post(NEWS, {"news": "yes"})
    user = User.objects.get()
    page.post(NEWS, {"news": "no"})

    sections = export_of(user.pk)

    assert sections["account"][0]["news_agreed_at"] is None
    assert [(row["at"], row["action"]) for row in sections["account_history"]] == [
        (at, "account.news_on"), (at, "account.news_off"),
    ]  # fmt: skip


def test_a_deleted_account_agrees_to_nothing(page, at):
    page.post(NEWS, {"news": "yes"})

    erase_account(user_id=User.objects.get().pk, at=at)

    assert User.objects.get().news_agreed_at is None
