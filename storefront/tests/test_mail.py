"""Replies to emails reach the shop."""

import pytest

from common.mail import compose
from storefront.models import Identity

pytestmark = pytest.mark.django_db


def test_replies_go_to_the_contact_address_of_the_identity():
    identity = Identity.load()
    identity.contact_email = "hello@zerno.example"
    identity.save()

    message = compose(key="a", to="anna@example.com", subject="Hello", text="text", html="<p>text</p>")

    assert message.reply_to == ["hello@zerno.example"]


def test_browsers_that_ask_for_an_icon_get_one(client, settings):
    for path in ("/favicon.ico", "/apple-touch-icon.png"):
        response = client.get(path)

        assert response.status_code == 302, path
        assert response["Location"].startswith(settings.STATIC_URL)
