"""Posts without a valid token: our own page's is offered once more, another site's never."""

import pytest
from django.test import Client

from accounts.models import User
from stock.tests.factories import make_shop

pytestmark = pytest.mark.django_db
POSTS = ["/staff/pause/", "/accounts/logout/", "/accounts/email/", "/admin/account/", "/orders/find/"]
FOREIGN = [
    {"sec-fetch-site": "cross-site", "origin": "https://elsewhere.example"},
    {"sec-fetch-site": "same-site", "origin": "http://testserver:8001"},
    {"sec-fetch-site": "none"},
    {"origin": "https://elsewhere.example"},
    {"origin": "null"},
    {"referer": "https://elsewhere.example/"},
    {},
]


@pytest.fixture
def strict():
    make_shop()
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create_superuser("root@example.com", "a long password"))
    return client


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_what_another_site_wrote_is_never_offered_to_press(strict, path, headers):
    response = strict.post(path, {"pause": "resume", "email": "thief@example.com"}, headers=headers)

    text = response.content.decode()
    assert response.status_code == 403
    assert "csrfmiddlewaretoken" not in text
    assert "thief@example.com" not in text


@pytest.mark.parametrize("path", POSTS)
def test_our_own_page_with_an_old_token_is_offered_again_without_the_password(strict, path):
    fields = {"email": "anna@example.com", "oldpassword": "a secret of mine"}

    response = strict.post(path, fields, headers={"sec-fetch-site": "same-origin"})

    text = response.content.decode()
    assert response.status_code == 403
    assert f'action="{path}"' in text and "anna@example.com" in text
    assert "a secret of mine" not in text
