"""A customer who was registered at the counter opens the email: what is noted of them, and who is shown it."""

import datetime as dt

import pytest
from django.test import Client

from accounts.models import User
from accounts.tests.factories import PASSWORD
from accounts.tests.helpers import deliver_mail, link_in
from staff.tests.test_customers import code_of, register, screen_of


def test_a_customer_gets_the_link_by_email_and_chooses_the_password_behind_it(client):
    registration = register(client, way="email")
    (message,) = deliver_mail()
    mailbox = Client()

    page = mailbox.get(link_in(message)).content.decode()
    confirmed = mailbox.post(link_in(message), {"password1": PASSWORD, "name": "Vera B.", "phone": "06 87654321"})

    assert "You were registered at our counter" in page
    assert 'value="Vera Berg"' in page and "a number that ends in 78" in page
    assert "345678" not in page and "+316" not in page
    assert confirmed.status_code == 303
    user = User.objects.get(email="vera@example.com")
    assert (user.name, str(user.phone)) == ("Vera B.", "+31687654321")
    registration.refresh_from_db()
    assert registration.user == user


@pytest.mark.parametrize(
    ("typed", "name", "phone"),
    [
        ({}, "Vera Berg", "+31612345678"),
        ({"name": "Vera Berg", "phone": ""}, "Vera Berg", "+31612345678"),
        ({"name": "Vera B.", "phone": ""}, "Vera B.", "+31612345678"),
        ({"name": "Vera Berg", "phone": "06 87654321"}, "Vera Berg", "+31687654321"),
    ],
)
def test_what_the_employee_typed_is_the_accounts_unless_the_customer_types_something_else(client, typed, name, phone):
    register(client, way="email")
    (message,) = deliver_mail()

    assert Client().post(link_in(message), {"password1": PASSWORD} | typed).status_code == 303

    user = User.objects.get(email="vera@example.com")
    assert (user.name, str(user.phone), user.phone_verified_at) == (name, phone, None)


def test_a_refused_password_keeps_the_name_that_the_customer_has_changed(client):
    register(client, way="email")
    (message,) = deliver_mail()

    page = Client().post(link_in(message), {"password1": "12345678", "name": "Vera B."})

    assert page.status_code == 422
    assert 'value="Vera B."' in page.content.decode() and "Vera Berg" not in page.content.decode()
    assert not User.objects.filter(email="vera@example.com").exists()


def test_a_mailbox_whose_code_somebody_else_has_used_is_shown_nothing_of_them(client, at):
    """The code was used at the counter, so name and phone belong to people who know that password."""
    registration = register(client, name="Mallory")
    Client().post(code_of(registration, at), {"password1": "the stranger's passphrase"})
    (message,) = deliver_mail()
    owner = Client()

    page = owner.get(link_in(message)).content.decode()
    owner.post(link_in(message), {"password1": PASSWORD, "name": "Vera"})

    assert "Mallory" not in page and "ends in 78" not in page
    user = User.objects.get(email="vera@example.com")
    assert (user.name, user.phone) == ("Vera", None)


@pytest.mark.django_db
def test_the_name_of_a_sign_up_on_the_site_is_shown_to_nobody_behind_its_link():
    Client().post("/accounts/signup/", {"name": "Vera Berg", "email": "vera@example.com", "password1": PASSWORD})
    (message,) = deliver_mail()

    assert "Vera" not in Client().get(link_in(message)).content.decode()


def use_up(email: str) -> None:
    for _ in range(5):
        Client().post("/accounts/confirm-email/new/", {"email": email})
    deliver_mail()


@pytest.mark.parametrize(("way", "extra"), [("email", {}), ("password", {"password": PASSWORD})])
def test_the_employee_is_told_that_no_email_was_sent_past_the_limit_of_the_mailbox(client, way, extra):
    use_up("vera@example.com")

    late = screen_of(client, register(client, way=way, **extra))
    other = screen_of(client, register(client, way=way, email="other@example.com", **extra))

    assert "We have not sent the link" in late and "We sent a link" not in late
    assert "We have not sent the link" not in other and "We sent a link" in other
    assert [message.to for message in deliver_mail()] == [["other@example.com"]]


def test_the_customer_is_told_that_no_email_was_sent_once_they_have_chosen_the_password(client, at):
    code = code_of(register(client), at)
    use_up("vera@example.com")

    chosen = Client().post(code, {"password1": PASSWORD})

    assert chosen["Location"] == "/accounts/confirm-email/?how=limit"
    assert deliver_mail() == []


def test_a_link_that_was_sent_later_is_said_to_be_sent(client, stopped_clock, at):
    use_up("vera@example.com")
    registration = register(client, way="email")
    stopped_clock(at + dt.timedelta(hours=1, seconds=1))

    client.post(f"/staff/customers/registered/{registration.pk}/mail/")

    assert "We sent a link to vera@example.com as well." in screen_of(client, registration)


@pytest.mark.parametrize(("ticked", "agreed"), [({"news": "on"}, True), ({}, False)])
def test_consent_to_news_goes_from_the_counter_to_the_account_with_its_date(client, at, stopped_clock, ticked, agreed):
    register(client, way="email", **ticked)
    (message,) = deliver_mail()
    stopped_clock(at + dt.timedelta(hours=5))

    Client().post(link_in(message), {"password1": PASSWORD})

    assert User.objects.get(email="vera@example.com").news_agreed_at == (at if agreed else None)
