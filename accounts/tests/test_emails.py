"""One stored spelling for each mailbox, however it is typed."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from accounts.emails import EmailField, normalise
from accounts.mails import send_reset
from accounts.models import SignUp, User
from accounts.tests.factories import PASSWORD, make_customer, make_sign_up
from accounts.tests.helpers import deliver_mail, is_signed_in, sign_in
from common.outbox.models import OutboxMessage

TWINS = [
    "mira@xn--bcher-kva.example",
    "Mira@BÜCHER.example",
    "mira@bu\u0308cher.example",
    "\uff4dira@b\u00fccher.example",
    " mira@b\u00fccher.example\ufeff",
    "mi\u200bra@b\u00fccher\u200e.example",
    "\u202emira@b\u00fccher\u3002example",
    "mi\u00adra@bücher.example",
]


@pytest.mark.parametrize("typed", TWINS)
def test_every_spelling_means_one_mailbox(typed):
    assert normalise(typed) == "mira@xn--bcher-kva.example"
    assert EmailField().clean(typed) == "mira@xn--bcher-kva.example"


@pytest.mark.parametrize(
    "text", ["", "mira", "@", "mira@", "a b@example.com", "x" * 5000, "\x00", "a@" + "ü" * 300, None]
)
def test_an_invalid_address_is_left_to_the_validator(text):
    normalise(text)
    with pytest.raises(ValidationError):
        EmailField().clean(text)


def test_a_look_alike_character_is_named():
    with pytest.raises(ValidationError, match="“а” cannot stand in an email address"):
        EmailField().clean("mir\u0430@example.com")


@pytest.mark.django_db
@pytest.mark.parametrize("typed", TWINS)
def test_every_spelling_signs_in(typed):
    make_customer(email=TWINS[0])
    browser = Client()

    sign_in(browser, typed, PASSWORD)

    assert is_signed_in(browser)


@pytest.mark.django_db
@pytest.mark.parametrize("typed", TWINS[1:4])
@pytest.mark.parametrize(
    ("path", "subject"),
    [("/accounts/password/reset/", "choose a new password"), ("/accounts/signup/", "you have an account")],
)
def test_every_spelling_means_the_same_account(path, subject, typed):
    make_customer(email=TWINS[0])

    Client().post(path, {"email": typed, "name": "Mira", "phone": "", "password1": PASSWORD})

    (message,) = deliver_mail()
    assert message.to == [TWINS[0]]
    assert subject in message.subject
    assert User.objects.count() == 1


@pytest.mark.django_db
def test_a_sign_up_is_found_in_every_spelling_to_send_a_new_link():
    make_sign_up(email=TWINS[0])

    Client().post("/accounts/confirm-email/new/", {"email": TWINS[1]})

    assert [message.to for message in deliver_mail()] == [[TWINS[0]]]


@pytest.mark.django_db
def test_a_sign_up_stores_the_normal_spelling_and_shows_the_typed_one(client):
    form = {"email": TWINS[1], "name": "\u202eMira\u202c", "phone": "", "password1": PASSWORD}
    refused = client.post("/accounts/signup/", form | {"password1": "short"})
    client.post("/accounts/signup/", form)

    row = SignUp.objects.get()
    assert f'value="{TWINS[1]}"' in refused.content.decode()
    assert (row.email, row.name) == (TWINS[0], "Mira")


@pytest.mark.django_db
def test_an_account_erased_meanwhile_gets_no_email(mailoutbox):
    user = make_customer()
    user.email = None
    message = OutboxMessage(key="reset:1", payload={"id": user.pk, "language": "en"})

    send_reset(user, message)

    assert mailoutbox == []
