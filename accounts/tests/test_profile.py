"""One's own name and language."""

import pytest

from accounts.models import User
from accounts.tests.factories import PASSWORD, make_customer, make_staff
from accounts.tests.helpers import sign_in

pytestmark = pytest.mark.django_db
PAGE = "/account/profile/"


@pytest.fixture
def page(client):
    sign_in(client, make_customer().email, PASSWORD)
    return client


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
