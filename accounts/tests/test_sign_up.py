"""Signing up, confirming, signing in; what strangers learn on the way (nothing)."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from accounts.models import User
from accounts.tests.factories import PASSWORD, make_customer
from accounts.tests.helpers import deliver_mail, is_signed_in, link_in, sign_in
from common.models import OutboxMessage

pytestmark = pytest.mark.django_db
SIGN_UP = "/accounts/signup/"
SENT = "/accounts/confirm-email/"
RESEND = "/accounts/confirm-email/new/"
RESET = "/accounts/password/reset/"
MIRA = {"name": "Mira Sato", "email": "Mira@Example.com", "phone": "06 12345678", "password1": PASSWORD}


def without_tokens(response) -> str:
    """Return the page with what is different each time taken out."""
    return re.sub(r'(csrfmiddlewaretoken" value=")[^"]+', r"\1", response.content.decode())


def test_sign_up_confirm_sign_in(client):
    response = client.post(SIGN_UP, MIRA)
    assert (response.status_code, response.url) == (303, SENT)
    assert not is_signed_in(client)
    user = User.objects.get()
    assert (user.email, user.name, str(user.phone)) == ("mira@example.com", "Mira Sato", "+31612345678")

    response = sign_in(client, "mira@example.com", PASSWORD)
    assert (response.status_code, response.url) == (303, SENT)
    assert not is_signed_in(client)
    assert RESEND in client.get(SENT).content.decode()

    (message,) = deliver_mail()
    assert message.to == ["mira@example.com"]
    link = link_in(message)
    for _look in range(2):
        assert client.get(link).status_code == 200
    assert not EmailAddress.objects.get().verified

    assert client.post(link).status_code == 303
    assert EmailAddress.objects.get().verified
    assert not is_signed_in(client)
    response = sign_in(client, "mira@example.com", PASSWORD)
    assert (response.status_code, response.url) == (303, "/")
    assert is_signed_in(client)
    assert "too old" in Client().get(link).content.decode()


def test_a_used_or_forged_link_says_how_to_get_a_new_one(client):
    page = client.get("/accounts/confirm-email/forged:key:here/")
    assert page.status_code == 200
    assert RESEND in page.content.decode()
    assert client.post("/accounts/confirm-email/forged:key:here/").status_code == 404


def test_a_new_link_is_sent_on_request(client):
    user = make_customer(verified=False)
    response = client.post(RESEND, {"email": user.email.upper()})
    assert (response.status_code, response.url) == (303, SENT)
    (message,) = deliver_mail()
    client.post(link_in(message))
    assert EmailAddress.objects.get(user=user).verified
    client.post(RESEND, {"email": user.email})
    assert deliver_mail() == []


def test_signing_up_again_before_confirming_sends_the_link_again(client):
    user = make_customer(verified=False, email="mira@example.com")
    client.post(SIGN_UP, MIRA)
    (message,) = deliver_mail()
    client.post(link_in(message))
    assert EmailAddress.objects.get(user=user).verified


def test_sign_up_answers_the_same_to_known_and_unknown(client):
    make_customer(email="known@example.com")
    pages = []
    for email in ("known@example.com", "new@example.com"):
        visitor = Client()
        response = visitor.post(SIGN_UP, {**MIRA, "phone": "", "email": email})
        pages.append((response.status_code, response.url, sorted(response.cookies), without_tokens(visitor.get(SENT))))
    assert pages[0] == pages[1]
    subjects = {message.to[0]: message.subject for message in deliver_mail()}
    assert "you have an account" in subjects["known@example.com"]
    assert "confirm your e-mail" in subjects["new@example.com"]
    assert User.objects.count() == 2


def test_a_taken_phone_is_left_out_without_a_word(client):
    owner = make_customer(phone="+31612345678")
    response = client.post(SIGN_UP, MIRA)
    assert (response.status_code, response.url) == (303, SENT)
    assert User.objects.get(email="mira@example.com").phone is None
    assert User.objects.get(phone="+31612345678") == owner


def test_reset_answers_the_same_to_known_and_unknown():
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


def test_resend_answers_the_same_to_known_and_unknown():
    make_customer(email="known@example.com", verified=False)
    answers = []
    for email in ("known@example.com", "new@example.com"):
        visitor = Client()
        response = visitor.post(RESEND, {"email": email})
        answers.append((response.status_code, response.url, without_tokens(visitor.get(response.url))))
    assert answers[0] == answers[1]


def test_a_wrong_password_is_told_the_same_for_known_and_unknown():
    make_customer(email="known@example.com", phone="+31612345678")
    texts = set()
    for login in ("known@example.com", "new@example.com", "06 12345678", "06 12345679", "nobody"):
        response = sign_in(Client(), login, "wrong")
        assert response.status_code == 422
        texts.add(without_tokens(response).replace(login, ""))
    assert len(texts) == 1


def test_password_reset(client):
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


def test_reset_proves_no_mailbox_of_a_closed_account(client):
    user = make_customer()
    User.objects.filter(pk=user.pk).update(is_active=False)
    client.post(RESET, {"email": user.email})
    assert deliver_mail() == []


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"name": ""}, "Enter your name."),
        ({"email": "mira@"}, "Enter an e-mail address like name@example.com."),
        ({"phone": "12"}, "Enter a phone number with its country code"),
        ({"password1": "short"}, "too short"),
        ({"password1": "password123"}, "too common"),
        ({"password1": "x" * 2000}, "at most 1000"),
    ],
)
def test_errors_keep_what_was_typed(client, change, text):
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


def test_changing_the_email_needs_the_password_and_a_proof(client):
    user = make_customer(email="old@example.com")
    sign_in(client, user.email, PASSWORD)
    session = client.session
    session["account_authentication_methods"][0]["at"] -= 10_000
    session.save()
    asked = client.post("/accounts/email/", {"action_add": "", "email": "new@example.com"})
    assert asked.url.startswith("/accounts/reauthenticate/")
    assert client.post(asked.url, {"password": "wrong"}).status_code == 422
    assert client.post(asked.url, {"password": PASSWORD}).status_code == 303
    user.refresh_from_db()
    assert user.email == "old@example.com"
    (message,) = deliver_mail()
    assert message.to == ["new@example.com"]
    client.post(link_in(message))
    user.refresh_from_db()
    assert user.email == "new@example.com"
    assert list(EmailAddress.objects.values_list("email", "verified", "primary")) == [("new@example.com", True, True)]


def test_letters_hold_ids_only_and_come_in_the_language_of_the_page(client):
    client.post("/ru/accounts/signup/", MIRA)
    payload = OutboxMessage.objects.get(event="account.confirm").payload
    assert payload == {"id": EmailAddress.objects.get().pk, "language": "ru"}
    (message,) = deliver_mail()
    assert "/ru/accounts/confirm-email/" in message.body
    assert message.extra_headers["Message-ID"]
    html = message.alternatives[0][0]
    assert 'lang="ru"' in html
    assert "/ru/accounts/confirm-email/" in html
    assert mail.outbox == [message]


def test_every_letter_is_complete(client):
    known = make_customer()
    sign_in(client, known.email, PASSWORD)
    client.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": "quite another passphrase"})
    Client().post(RESET, {"email": known.email})
    Client().post(SIGN_UP, {**MIRA, "email": known.email})
    Client().post(SIGN_UP, MIRA)
    letters = deliver_mail()
    assert len(letters) == 4
    for message in letters:
        html = message.alternatives[0][0]
        for text in (message.subject, message.body, html):
            assert "{{" not in text and "{%" not in text and "None" not in text
        assert "http" in message.body and 'href="http' in html
