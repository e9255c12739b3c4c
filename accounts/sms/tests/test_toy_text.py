"""The how-to "Add a sender of text messages" is enough: a sender in one file, and a phone is verified with it."""

import json
import re
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from accounts.apps import AccountsConfig
from accounts.models import User
from accounts.sms import registry
from accounts.sms.base import SmsRefused, SmsUnavailable
from accounts.sms.tests import toy_text
from accounts.sms.tests.toy_text import ToyText
from accounts.tests.factories import make_customer
from common.outbox.services import Lane, deliver_due
from tests.servers import serving
from tests.sources import ROOT

HOW_TO = ROOT / "docs/how-to/add-an-sms-sender.md"
KEY = "toy-key"


class Provider(HTTPServer):
    """Toy Text's side: keeps what it is sent and answers with `status` and `answer`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.sent: list[dict[str, str]] = []
        self.status, self.answer = 200, b'{"state": "accepted"}'


class Answering(BaseHTTPRequestHandler):
    server: Provider

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.sent.append({**body, "by": self.headers["Authorization"]})
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(self.server.answer)

    def log_message(self, format, *args):
        """Say nothing."""


@pytest.fixture
def provider(monkeypatch, settings):
    """Switch Toy Text on as the how-to says, with a provider behind it."""
    monkeypatch.setattr(registry, "KNOWN", [*registry.KNOWN, ToyText])
    with serving(Provider()) as server:
        settings.SMS_SENDER, settings.TOY_TEXT_KEY = "toy_text", KEY
        settings.TOY_TEXT_URL = f"http://127.0.0.1:{server.server_port}/send"
        yield server


def send() -> None:
    ToyText().send(to="+31612345678", text="Hello", key="a:1")


def test_the_code_in_the_how_to_is_the_sender():
    blocks = re.findall(r"^```python\n(.*?)^```$", HOW_TO.read_text(), re.MULTILINE | re.DOTALL)

    assert "\n".join(blocks) == Path(toy_text.__file__).read_text()
    assert "\n".join(blocks).count("\n") <= 40


@pytest.mark.django_db
def test_a_phone_is_verified_with_it(provider, at, stopped_clock):
    user, client = make_customer(phone="+31612345678"), Client()
    client.force_login(user)
    client.post("/account/phone/code/")
    deliver_due(at=at, lane=Lane.TEXT)
    [message] = provider.sent

    client.post("/account/phone/check/", {"code": message["text"][:6]})

    assert (message["to"], message["by"]) == ("+31612345678", KEY)
    assert User.objects.get(pk=user.pk).phone_verified_at == at


@pytest.mark.parametrize(
    ("status", "answer", "error"),
    [
        (422, b"no such number", SmsRefused),
        (500, b"", SmsUnavailable),
        (401, b"", SmsUnavailable),
        (200, b'{"state": "queued?"}', SmsUnavailable),
        (200, b"<html>", ValueError),
    ],
)
def test_its_answers_are_told_apart(provider, status, answer, error):
    provider.status, provider.answer = status, answer

    with pytest.raises(error):
        send()


def start_shop() -> None:
    AccountsConfig("accounts", registry).ready()


def test_the_shop_starts_with_it(provider):
    start_shop()


@pytest.mark.parametrize("name", ["TOY_TEXT_URL", "TOY_TEXT_KEY"])
def test_the_shop_does_not_start_without_its_settings(provider, settings, name):
    setattr(settings, name, "")

    with pytest.raises(ImproperlyConfigured, match=f"^Set {name}: the sender 'toy_text' needs it."):
        start_shop()


def test_the_shop_does_not_start_with_an_unknown_sender(settings):
    settings.SMS_SENDER = "pigeon"

    with pytest.raises(ImproperlyConfigured, match=r"'pigeon', which is not a sender\. Choose from: console"):
        start_shop()


def test_its_variables_are_described(provider):
    assert [variable.name for variable in registry.variables()] == ["TOY_TEXT_URL", "TOY_TEXT_KEY"]
    assert registry.real_codes() == ["toy_text"]
