"""Signing up, confirming, signing in, and what outsiders learn from it (nothing)."""

import datetime as dt
import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import links
from accounts.models import AuditEntry, MailRequest, SignUp, User
from accounts.services.sign_up import purge_requests
from accounts.tests.factories import PASSWORD, make_customer, make_sign_up
from accounts.tests.helpers import SIGN_IN, deliver_mail, is_signed_in, link_in, sign_in
from common.models import OutboxMessage

pytestmark = pytest.mark.django_db
SIGN_UP = "/accounts/signup/"
SENT = "/accounts/confirm-email/"
RESEND = "/accounts/confirm-email/new/"
RESET = "/accounts/password/reset/"
MIRA = {"name": "Mira Sato", "email": "Mira@Example.com", "phone": "06 12345678", "password1": PASSWORD}


def without_tokens(response) -> str:
    """Return the page without the parts that differ each time."""
    return re.sub(r'(csrfmiddlewaretoken" value=")[^"]+', r"\1", response.content.decode())


def confirm_path(row: SignUp, *, at: dt.datetime) -> str:
    """Return the path of a sign-up's confirmation link."""
    return reverse("account_confirm_email", args=[links.write(links.SignUpLink(row.pk), at=at)])


def test_a_person_signs_up_confirms_and_signs_in(client):
    response = client.post(SIGN_UP, MIRA)
    assert (response.status_code, response.url) == (303, SENT)
    assert not is_signed_in(client)
    assert not User.objects.exists()

    (message,) = deliver_mail()
    assert message.to == ["mira@example.com"]
    link = link_in(message)
    for _look in range(2):
        assert client.get(link).status_code == 200
    assert not User.objects.exists()

    response = client.post(link)
    assert (response.status_code, response.url) == (303, SIGN_IN)
    user = User.objects.get()
    assert (user.email, user.name, str(user.phone)) == ("mira@example.com", "Mira Sato", "+31612345678")
    assert EmailAddress.objects.get().verified
    assert not is_signed_in(client)
    assert "You can sign in now." in client.get(SIGN_IN).content.decode()
    response = sign_in(client, "mira@example.com", PASSWORD)
    assert (response.status_code, response.url) == (303, "/")
    assert is_signed_in(client)
    assert "too old" in Client().get(link).content.decode()
    assert not SignUp.objects.exists()
    assert AuditEntry.objects.get().action == "account.create"


def test_signing_in_before_confirming_sends_the_link_again(client):
    client.post(SIGN_UP, MIRA)
    deliver_mail()

    response = sign_in(Client(), "mira@example.com", PASSWORD)

    assert (response.status_code, response.url) == (303, SENT)
    assert [message.to for message in deliver_mail()] == [["mira@example.com"]]
    assert RESEND in client.get(SENT).content.decode()
    assert sign_in(Client(), "mira@example.com", "wrong").status_code == 422


@pytest.mark.parametrize("key", ["forged:key:here", "MQ:1abcde:none", "x" * 500])
def test_a_forged_link_says_how_to_get_a_new_one(client, key):
    page = client.get(f"/accounts/confirm-email/{key}/")
    assert page.status_code == 200
    assert RESEND in page.content.decode()
    refusal = client.post(f"/accounts/confirm-email/{key}/")
    assert refusal.status_code == 404
    assert RESEND in refusal.content.decode()


@pytest.mark.parametrize(("age", "works"), [(dt.timedelta(days=2, hours=23), True), (dt.timedelta(days=3), False)])
def test_a_link_works_for_three_days(client, age, works):
    row = make_sign_up()
    link = confirm_path(row, at=timezone.now() - age)

    assert ("choose the password" in client.get(link).content.decode()) is works
    assert client.post(link, {"password1": PASSWORD}).status_code == (303 if works else 404)
    assert User.objects.exists() is works


def test_sign_ups_and_requests_are_purged_after_three_days(at):
    make_sign_up(created_at=at - dt.timedelta(days=3, seconds=1))
    kept = make_sign_up(created_at=at - dt.timedelta(days=2))
    MailRequest.objects.create(kind="reset", email="a@example.com", created_at=at - dt.timedelta(days=4))

    assert purge_requests(at=at) == 2
    assert SignUp.objects.get() == kept
    assert not MailRequest.objects.exists()


def test_a_new_link_is_sent_on_request(client):
    row = make_sign_up()
    response = client.post(RESEND, {"email": row.email.upper()})
    assert (response.status_code, response.url) == (303, f"{SENT}?how=asked")
    (message,) = deliver_mail()
    client.post(link_in(message), {"password1": PASSWORD})
    assert User.objects.get().email == row.email
    client.post(RESEND, {"email": row.email})
    assert deliver_mail() == []


def test_signing_up_again_before_confirming_replaces_the_first_sign_up(client):
    client.post(SIGN_UP, MIRA)
    client.post(SIGN_UP, {**MIRA, "name": "Mira S.", "phone": "", "password1": "quite another passphrase"})
    first, second = deliver_mail()

    assert client.post(link_in(first)).status_code == 303

    user = User.objects.get()
    assert (user.name, user.phone) == ("Mira S.", None)
    assert sign_in(Client(), user.email, PASSWORD).status_code == 422
    assert sign_in(Client(), user.email, "quite another passphrase").status_code == 303
    assert client.post(link_in(second)).status_code == 404


def test_the_link_asks_for_the_password_in_another_browser(client):
    client.post(SIGN_UP, MIRA)
    (message,) = deliver_mail()
    phone = Client()

    page = phone.get(link_in(message)).content.decode()
    refused = phone.post(link_in(message))

    assert 'name="password1"' in page
    assert (refused.status_code, User.objects.count()) == (422, 0)
    assert phone.post(link_in(message), {"password1": PASSWORD}).status_code == 303
    user = User.objects.get()
    assert (user.name, str(user.phone)) == ("Mira Sato", "+31612345678")
    assert sign_in(phone, user.email, PASSWORD).status_code == 303


@pytest.mark.parametrize(
    ("typed", "error"), [("short", "too short"), ("password123", "too common"), ("x" * 2000, "at most 1000")]
)
def test_a_bad_password_on_the_links_page_is_refused_and_the_name_kept(client, typed, error):
    row = make_sign_up()
    link = confirm_path(row, at=timezone.now())

    response = client.post(link, {"name": "Mira", "password1": typed})

    page = response.content.decode()
    assert response.status_code == 422
    assert error in page and 'value="Mira"' in page and "Error:" in page
    assert not User.objects.exists()


def test_signing_up_is_answered_alike_for_known_and_unknown_addresses(client):
    make_customer(email="known@example.com")
    pages = []
    for email in ("known@example.com", "new@example.com"):
        visitor = Client()
        with CaptureQueriesContext(connection) as queries:
            response = visitor.post(SIGN_UP, {**MIRA, "phone": "", "email": email})
        work = [query["sql"].split(" ")[0] for query in queries]
        pages.append(
            (response.status_code, response.url, sorted(response.cookies), work, without_tokens(visitor.get(SENT)))
        )
    assert pages[0] == pages[1]
    subjects = {message.to[0]: message.subject for message in deliver_mail()}
    assert "you have an account" in subjects["known@example.com"]
    assert "confirm your email" in subjects["new@example.com"]
    assert User.objects.count() == 1


@pytest.mark.parametrize("is_verified", [False, True])
def test_a_phone_of_another_account_is_kept_unverified_and_nobody_learns_of_it(client, is_verified):
    owner = make_customer(**{"verified_phone" if is_verified else "phone": "+31612345678"})
    client.post(SIGN_UP, MIRA)
    (message,) = deliver_mail()

    page = client.post(link_in(message), follow=True).content.decode()

    assert "phone number" not in page
    mira = User.objects.get(email="mira@example.com")
    assert (str(mira.phone), mira.phone_verified_at) == ("+31612345678", None)
    owner.refresh_from_db()
    assert (str(owner.phone), owner.phone_verified_at is not None) == ("+31612345678", is_verified)


def test_a_sign_up_reserves_no_phone(client):
    make_sign_up(phone="+31612345678", email="squatter@example.com")
    client.post(SIGN_UP, MIRA)
    (message,) = deliver_mail()

    client.post(link_in(message))

    assert str(User.objects.get().phone) == "+31612345678"


def test_a_reset_is_answered_alike_for_known_and_unknown_addresses():
    make_customer(email="known@example.com")
    pages = []
    for email in ("known@example.com", "new@example.com"):
        visitor = Client()
        response = visitor.post(RESET, {"email": email})
        pages.append(
            (response.status_code, response.url, sorted(response.cookies), without_tokens(visitor.get(response.url)))
        )
    assert pages[0] == pages[1]
    assert [message.to for message in deliver_mail()] == [["known@example.com"]]


def test_sending_again_is_answered_alike_for_known_and_unknown_addresses():
    make_sign_up(email="known@example.com")
    answers = []
    for email in ("known@example.com", "new@example.com"):
        visitor = Client()
        response = visitor.post(RESEND, {"email": email})
        answers.append((response.status_code, response.url, without_tokens(visitor.get(response.url))))
    assert answers[0] == answers[1]


def test_a_wrong_password_is_answered_alike_for_known_and_unknown_addresses():
    make_customer(email="known@example.com", verified_phone="+31612345678")
    texts = set()
    for login in ("known@example.com", "new@example.com", "06 12345678", "06 12345679", "nobody"):
        response = sign_in(Client(), login, "wrong")
        assert response.status_code == 422
        texts.add(without_tokens(response).replace(login, ""))
    assert len(texts) == 1


def test_a_password_reset_makes_as_many_queries_for_known_and_unknown_addresses():
    make_customer(email="known@example.com")
    asked = []
    for email in ("known@example.com", "new@example.com"):
        with CaptureQueriesContext(connection) as queries:
            Client().post(RESET, {"email": email})
        asked.append(len(queries))

    assert asked[0] == asked[1] > 0


def test_a_password_can_be_reset(client):
    user = make_customer()
    old = Client()
    sign_in(old, user.email, PASSWORD)
    client.post(RESET, {"email": user.email})
    (message,) = deliver_mail()
    page = client.get(link_in(message), follow=True)
    form = page.redirect_chain[-1][0]
    assert client.post(form, {"password1": "12345678"}).status_code == 422
    assert client.post(form, {"password1": "quite another passphrase"}).status_code == 303
    assert not is_signed_in(client)
    assert old.get("/accounts/email/").status_code == 302
    (warning,) = deliver_mail()
    assert "was changed" in warning.subject
    assert sign_in(client, user.email, PASSWORD).status_code == 422
    assert sign_in(client, user.email, "quite another passphrase").status_code == 303
    assert "too old" in Client().get(link_in(message), follow=True).content.decode()


def test_a_reset_does_not_verify_a_closed_account(client):
    user = make_customer()
    User.objects.filter(pk=user.pk).update(is_active=False)
    client.post(RESET, {"email": user.email})
    assert deliver_mail() == []


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"name": ""}, "Enter your name."),
        ({"email": "mira@"}, "Enter an email address like name@example.com."),
        ({"phone": "12"}, "Enter a phone number with its area code"),
        ({"password1": "short"}, "too short"),
        ({"password1": "password123"}, "too common"),
        ({"password1": "x" * 2000}, "at most 1000"),
    ],
)
def test_errors_keep_the_entered_values(client, change, text):
    response = client.post(SIGN_UP, MIRA | change)
    page = response.content.decode()
    assert response.status_code == 422
    assert text in page
    assert "Error:" in page
    for name in ("name", "email", "phone"):
        value = (MIRA | change)[name]
        assert not value or f'value="{value}"' in page
    assert PASSWORD not in page
    assert not User.objects.exists()


def test_outbox_rows_contain_ids_only_and_emails_are_in_the_language_of_the_page(client):
    client.post("/ru/accounts/signup/", MIRA)
    payload = OutboxMessage.objects.get(event="account.sign_up").payload
    assert payload == {"id": SignUp.objects.get().pk, "language": "ru"}
    (message,) = deliver_mail()
    assert "/ru/accounts/confirm-email/" in message.body
    assert message.extra_headers["Message-ID"]
    html = message.alternatives[0][0]
    assert 'lang="ru"' in html
    assert "/ru/accounts/confirm-email/" in html
    assert mail.outbox == [message]


def test_every_email_is_complete(client):
    known = make_customer()
    sign_in(client, known.email, PASSWORD)
    client.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": "quite another passphrase"})
    Client().post(RESET, {"email": known.email})
    Client().post(SIGN_UP, {**MIRA, "email": known.email})
    Client().post(SIGN_UP, MIRA)
    mails = deliver_mail()
    assert len(mails) == 4
    for message in mails:
        html = message.alternatives[0][0]
        for text in (message.subject, message.body, html):
            assert "{{" not in text and "{%" not in text and "None" not in text
        assert "http" in message.body and 'href="http' in html


@pytest.mark.parametrize(("field", "length"), [("name", 151), ("phone", 1001), ("password1", 1001)])
def test_too_long_a_text_is_refused_in_the_voice_of_the_house(client, field, length):
    typed = {"name": "Mila", "email": "mila@example.com", "phone": "", "password1": "a long passphrase"}

    answer = client.post("/accounts/signup/", {**typed, field: "a" * length})

    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Use at most" in text and "Ensure this value" not in text
