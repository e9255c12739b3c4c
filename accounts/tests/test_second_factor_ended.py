"""A sign-in that waits for a code of a second step that has been turned off since."""

import pytest
from django.test import Client

from accounts.models import User
from accounts.services.passwords import choose_password
from accounts.services.second_factor import turn_off, turn_off_for
from accounts.tests.factories import PASSWORD, code_of, give_second_factor, make_customer, make_staff
from accounts.tests.helpers import is_signed_in, sign_in
from common.actors import SETUP

pytestmark = pytest.mark.django_db
CODE = "/accounts/2fa/code/"


@pytest.fixture
def mira():
    user = make_customer(email="mira@example.com")
    give_second_factor(user)
    return user


def waiting(user) -> Client:
    """Return a browser in which the password was given, and the code was not."""
    client = Client()
    assert sign_in(client, user.email, PASSWORD).url == CODE
    return client


def test_the_page_says_that_no_code_is_needed_and_the_button_signs_in(mira, at):
    client = waiting(mira)
    turn_off(user=mira, at=at)

    page = client.get(CODE).content.decode()
    assert "No code is needed" in page and 'name="code"' not in page
    assert not is_signed_in(client)

    assert client.post(CODE).status_code in (302, 303)
    assert client.session["_auth_user_id"] == str(mira.pk)


@pytest.mark.parametrize("typed", [{}, {"code": ""}, {"code": "000000"}, {"code": "x" * 10_000}])
def test_a_form_that_was_open_before_signs_in_whatever_was_typed(mira, at, typed):
    client = waiting(mira)
    turn_off(user=mira, at=at)

    client.post(CODE, typed)

    assert is_signed_in(client)


def test_an_owner_who_turns_it_off_lets_the_person_who_waits_go_on(at):
    ben = make_staff(email="ben@example.com")
    give_second_factor(ben)
    client = waiting(ben)
    turn_off_for(user_id=ben.pk, actor=SETUP, at=at)

    client.post(CODE)

    assert is_signed_in(client)


def test_turned_off_and_on_again_it_is_asked_for(mira, at):
    client = waiting(mira)
    turn_off(user=mira, at=at)
    give_second_factor(mira)

    assert client.post(CODE, {"code": "000000"}).status_code == 422
    assert not is_signed_in(client)
    client.post(CODE, {"code": code_of(mira)})
    assert is_signed_in(client)


def test_it_is_no_way_past_a_new_password_or_a_disabled_account(mira, at):
    clients = [waiting(mira), waiting(mira)]
    turn_off(user=mira, at=at)

    User.objects.filter(pk=mira.pk).update(is_active=False)
    clients[0].post(CODE)
    User.objects.filter(pk=mira.pk).update(is_active=True)
    choose_password(user=User.objects.get(pk=mira.pk), password="another long passphrase", at=at)
    clients[1].post(CODE)

    assert [is_signed_in(client) for client in clients] == [False, False]


def test_it_is_no_way_in_without_a_password():
    client = Client()

    assert client.post(CODE).status_code == 302
    assert not is_signed_in(client)
