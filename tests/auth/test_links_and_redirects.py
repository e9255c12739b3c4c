"""Nobody is led away: links in emails are the site's whatever host was claimed, and `next` stays here."""

import re
from urllib.parse import urlsplit

import pytest
from django.test import Client

from accounts.adapter import AccountAdapter
from accounts.tests.factories import PASSWORD, give_second_factor, make_customer
from accounts.tests.helpers import deliver_mail, is_signed_in, sign_in

pytestmark = pytest.mark.django_db
FORGED = [
    {"Host": "evil.example"},
    {"Host": "evil.example:443"},
    {"Host": "testserver.evil.example"},
    {"Host": "testserver:80@evil.example"},
    {"X-Forwarded-Host": "evil.example"},
    {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "Forwarded": "host=evil.example"},
    {"X-Host": "evil.example", "X-Original-Host": "evil.example", "X-Forwarded-Server": "evil.example"},
    {"Origin": "https://evil.example", "Referer": "https://evil.example/"},
]
NEXT = [
    "https://evil.example/", "http://evil.example", "//evil.example", "///evil.example", "////evil.example/%2e%2e",
    "/\\evil.example", "\\\\evil.example", "\\/evil.example", "/\t/evil.example", "/\n/evil.example", "\thttps://evil.example",
    "https:evil.example", "https:/evil.example", "https:///evil.example", "http:\\\\evil.example", "HTTPS://EVIL.EXAMPLE",
    "https://testserver@evil.example/", "https://testserver.evil.example/", "https://evil.example#testserver",
    "https://evil.example?testserver", "//testserver@evil.example", "https://evil.example\\@testserver",
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,evil", "vbscript:evil", "ftp://evil.example",
    "%2F%2Fevil.example", "https:%2F%2Fevil.example", "/%5Cevil.example/..//", "//[::1]", "http://[evil.example",
    "https://ev\u0131l.example", "/\u2044evil.example", "//\u3002evil.example", "",
]  # fmt: skip


def is_ours(url: str) -> bool:
    """Return whether a browser on our site stays on it: it reads backslashes as slashes and drops tabs and lines."""
    read = re.sub(r"[\t\r\n]", "", url.strip()).replace("\\", "/")
    if read.startswith("//"):
        return False
    parts = urlsplit(read)
    return not parts.scheme and not parts.netloc


@pytest.mark.parametrize("headers", FORGED, ids=str)
@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/accounts/password/reset/", {"email": "mira@example.com"}),
        ("/accounts/signup/", {"name": "Mira", "email": "new@example.com", "password1": PASSWORD}),
        ("/accounts/signup/", {"name": "Mira", "email": "mira@example.com", "password1": PASSWORD}),
    ],
    ids=["reset", "sign-up", "sign-up again"],
)
def test_links_in_emails_are_the_sites(settings, headers, path, form):
    settings.ALLOWED_HOSTS = ["*"]  # a proxy may let any name through
    make_customer(email="mira@example.com")

    Client(headers=headers).post(path, form)

    for message in deliver_mail():
        assert "evil" not in message.body + str(message.alternatives)
        assert set(re.findall(r"https?://[^/\s]+", message.body)) == {settings.SITE_URL}


@pytest.mark.parametrize("host", ["evil.example", "testserver.evil.example", "127.0.0.1@evil.example"])
def test_with_the_hosts_of_the_site_named_a_forged_one_is_refused(settings, host):
    settings.ALLOWED_HOSTS = ["shop.example.com"]

    answer = Client(headers={"Host": host}).post("/accounts/password/reset/", {"email": "mira@example.com"})

    assert answer.status_code == 400
    assert deliver_mail() == []


def test_control_links_made_from_the_claimed_host_are_seen(monkeypatch):
    make_customer(email="mira@example.com")
    monkeypatch.setattr("accounts.mails.absolute", lambda name, *args: "https://evil.example/accounts/")

    Client().post("/accounts/password/reset/", {"email": "mira@example.com"})

    assert "evil.example" in deliver_mail()[0].body


def test_there_are_enough_values():
    assert len(set(NEXT)) >= 30


@pytest.mark.parametrize("value", NEXT, ids=ascii)
@pytest.mark.parametrize("by", ["form", "address"])
def test_nobody_is_led_away_after_signing_in(value, by):
    user, client = make_customer(), Client()
    if by == "form":
        answer = sign_in(client, user.email, PASSWORD, next=value)
    else:
        answer = client.post(
            "/accounts/login/", {"login": user.email, "password": PASSWORD}, query_params={"next": value}
        )

    assert answer.status_code == 303
    assert is_ours(answer["Location"])
    assert is_signed_in(client)


@pytest.mark.parametrize("value", NEXT, ids=ascii)
def test_nobody_is_led_away_before_or_after_the_second_step_or_the_password_again(value):
    user, client = make_customer(), Client()
    give_second_factor(user)

    pages = [
        sign_in(client, user.email, PASSWORD, next=value),
        client.get("/accounts/login/", query_params={"next": value}),
        client.get("/accounts/signup/", query_params={"next": value}),
    ]
    client.force_login(user)
    pages += [
        client.get("/accounts/login/", query_params={"next": value}),
        client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": value}),
        client.post("/accounts/logout/", {"next": value}),
    ]

    assert all(is_ours(page.get("Location", "")) for page in pages)


def test_control_without_the_check_they_are(monkeypatch):
    monkeypatch.setattr(AccountAdapter, "is_safe_url", lambda self, url: bool(url))
    led = []
    for value in NEXT:
        user = make_customer()
        answer = sign_in(Client(raise_request_exception=False), user.email, PASSWORD, next=value)
        led.append(not is_ours(answer.get("Location", "")))

    assert sum(led) >= 20


def test_the_session_key_changes_at_each_step():
    user, client = make_customer(), Client()
    client.get("/accounts/login/", query_params={"next": "/cart/"})
    client.post("/accounts/signup/", {"name": "M", "email": "other@example.com", "password1": PASSWORD})
    before = client.session.session_key

    sign_in(client, user.email, PASSWORD)
    signed_in = client.session.session_key
    client.post("/accounts/logout/")

    assert before not in (None, signed_in)
    assert client.session.session_key != signed_in
