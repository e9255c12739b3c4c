"""Changing the email: the password is asked for, the address verified in the account's session, no input lost."""

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from accounts import limits
from accounts.models import AuditEntry, SignUp, UserSession
from accounts.tests.factories import PASSWORD, make_customer, make_sign_up
from accounts.tests.helpers import deliver_mail, link_in, sign_in

pytestmark = pytest.mark.django_db
CHANGE = "/accounts/email/"
AGAIN = "/accounts/reauthenticate/"
NEW = "new@example.com"


@pytest.fixture
def user(client):
    """Return a customer who is signed in and has just entered their password again."""
    user = make_customer(email="old@example.com")
    sign_in(client, user.email, PASSWORD)
    client.post(AGAIN, {"password": PASSWORD})
    return user


def ask(client, email: str = NEW):
    return client.post(CHANGE, {"action_add": "", "email": email})


def forget_password_given(client) -> None:
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 10_000
    session.save()


def test_changing_the_email_needs_the_password_and_a_verified_address(client, user):
    forget_password_given(client)
    asked = ask(client)
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
    assert AuditEntry.objects.filter(action="account.email", actor=user).count() == 1


def test_the_typed_address_survives_entering_the_password_without_next(client, user):
    forget_password_given(client)
    ask(client)

    response = client.post(AGAIN, {"password": PASSWORD})

    assert response.url == CHANGE
    assert f'value="{NEW}"' in client.get(CHANGE).content.decode()


def test_the_address_that_a_visitor_types_is_not_kept(client, user):
    browser = Client()

    asked = ask(browser)

    assert asked.url.startswith("/accounts/login/")
    assert not any(NEW in str(row.get_decoded()) for row in UserSession.objects.filter(user=None))


def test_the_page_says_what_is_pending_and_the_form_is_empty_again(client, user):
    ask(client)

    page = client.get(CHANGE).content.decode()

    assert f"<strong>{NEW}</strong> is not confirmed yet" in page
    assert page.count(NEW) == 2


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ("old@example.com", "This is your address already."),
        ("OLD@example.com ", "This is your address already."),
        ("new@", "Enter an email address like name@example.com."),
        ("", "Enter your email address."),
    ],
)
def test_a_bad_address_is_refused_and_kept(client, user, typed, error):
    response = ask(client, typed)

    page = response.content.decode()
    assert response.status_code == 422
    assert error in page
    assert not EmailAddress.objects.filter(verified=False).exists()


def test_the_same_pending_address_can_be_asked_for_again(client, user):
    ask(client)
    first = deliver_mail()

    assert ask(client).status_code == 303
    second = deliver_mail()

    assert client.post(link_in(first[0])).status_code == 404
    assert client.post(link_in(second[0])).status_code == 303


def test_a_new_link_is_sent_and_both_work_until_one_is_used(client, user):
    ask(client)
    client.post(CHANGE, {"action_send": "", "email": NEW})
    first, second = deliver_mail()

    assert client.post(link_in(first)).status_code == 303
    assert client.post(link_in(second)).status_code == 404


def test_dropping_the_change_invalidates_its_link(client, user):
    ask(client)
    (message,) = deliver_mail()

    response = client.post(CHANGE, {"action_remove": "", "email": NEW}, follow=True)

    assert "You keep your old address." in response.content.decode()
    assert client.post(link_in(message)).status_code == 404
    user.refresh_from_db()
    assert user.email == "old@example.com"


def test_ones_current_address_cannot_be_removed(client, user):
    client.post(CHANGE, {"action_remove": "", "email": user.email})

    user.refresh_from_db()
    assert user.email == "old@example.com"
    assert EmailAddress.objects.get().verified


def test_a_confirmed_change_drops_sign_ups_with_the_address(client, user):
    make_sign_up(email=NEW)
    ask(client)
    (message,) = deliver_mail()

    client.post(link_in(message))

    assert not SignUp.objects.exists()


def test_a_person_can_email_at_most_ten_new_addresses_an_hour(client, user):
    answers = [ask(client, f"stranger{number}@example.com").status_code for number in range(12)]

    assert answers == [303] * limits.CHANGE_EMAIL.amount + [429] * 2
    assert len(deliver_mail()) <= limits.CHANGE_EMAIL.amount
