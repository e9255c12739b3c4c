"""Emails: the reply address, and one Message-ID for each message."""

import pytest

from common import mail

MAIL = {"to": "anna@example.com", "subject": "Hello\nthere", "text": " text ", "html": "<p>text</p>"}


def test_an_emails_message_id_depends_on_its_key_only(settings, monkeypatch):
    monkeypatch.setattr(mail, "_reply_to", [])
    settings.SITE_URL = "https://shop.example.com:8443"

    message = mail.compose(key="order.ready:7:2", **MAIL)

    assert message.extra_headers["Message-ID"] == "<order.ready.7.2@shop.example.com>"
    assert (message.subject, message.body, message.reply_to) == ("Hello there", "text\n", [])


@pytest.mark.parametrize(("address", "headers"), [("hello@shop.example", ["hello@shop.example"]), ("", [])])
def test_replies_go_to_the_shops_address(monkeypatch, address, headers):
    monkeypatch.setattr(mail, "_reply_to", [lambda: address])

    assert mail.compose(key="a", **MAIL).reply_to == headers
