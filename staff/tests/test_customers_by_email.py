"""A customer who was registered at the counter opens the email: what is noted of them, and who is shown it."""

import pytest
from django.test import Client

from accounts.models import User
from accounts.tests.factories import PASSWORD
from accounts.tests.helpers import deliver_mail, link_in
from staff.tests.test_customers import code_of, register


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
