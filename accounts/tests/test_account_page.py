"""The CMS's own account page: an invalid choice is refused with a sentence and never breaks the page."""

import pytest
from wagtail.users.models import UserProfile

from accounts.tests.factories import PASSWORD, make_staff
from accounts.tests.helpers import sign_in
from storefront.services.role_groups import make_groups

pytestmark = pytest.mark.django_db
PAGE = "/admin/account/"
FORM = {
    "name_email-name": "Olga Z",
    "locale-preferred_language": "",
    "locale-current_time_zone": "",
    "theme-theme": "system",
    "theme-contrast": "system",
    "theme-density": "default",
}
ODD = {"path": "../etc/passwd", "long": "x" * 5000, "header": "en\r\nX: y", "Cyrillic": "ру"}


@pytest.fixture
def desk(client):
    make_groups()
    sign_in(client, make_staff("owner", name="Olga Zernova").email, PASSWORD)
    return client


@pytest.mark.parametrize("zone", ["localtime", "Factory", "Mars/Olympus"])
def test_a_time_zone_unknown_to_browsers_cannot_be_chosen(desk, zone):
    page = desk.post(PAGE, {**FORM, "locale-current_time_zone": zone})

    assert "is not one of the available choices" in page.content.decode()
    assert f'value="{zone}"' not in page.content.decode()
    assert not UserProfile.objects.exclude(current_time_zone="").exists()


@pytest.mark.parametrize("value", ODD.values(), ids=ODD)
def test_invalid_values_in_every_field_are_answered_with_the_page(desk, value):
    response = desk.post(PAGE, dict.fromkeys([*FORM, "avatar-avatar"], value))

    assert response.status_code == 200
    assert desk.get(PAGE).status_code == 200
