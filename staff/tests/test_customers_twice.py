"""Registering a customer once, however often the button is pressed."""

import re

import pytest
from django.db import IntegrityError, transaction

from accounts.models import AuditEntry, Registration, SignUp
from accounts.services.counter import NewCustomer, register_at_counter
from accounts.tests.factories import make_customer
from accounts.tests.helpers import deliver_mail
from common.actors import Actor
from common.models import ThrottleCount
from staff.tests import factories
from staff.tests.test_customers import NEW, VERA
from tests.sessions import Beside

NONCE = "a-nonce-of-our-own"
TYPED = VERA | {"way": "email", "nonce": NONCE}


def counts() -> tuple[int, int, int]:
    registered = AuditEntry.objects.filter(action="customer.register").count()
    return Registration.objects.count(), SignUp.objects.count(), registered


def test_the_form_sent_twice_is_one_registration(client):
    first, second = client.post(NEW, TYPED), client.post(NEW, TYPED)

    assert (first.status_code, second.status_code) == (303, 303)
    assert first["Location"] == second["Location"]
    assert counts() == (1, 1, 1)
    assert len(deliver_mail()) == 1
    assert list(ThrottleCount.objects.values_list("used", flat=True)) == [1, 1]  # the employee's, and the mailbox's


def test_the_form_has_a_nonce_of_its_own_and_keeps_it_when_it_is_refused(client):
    nonces = [re.findall(r'name="nonce" value="([\w-]{22})"', client.get(NEW).content.decode()) for _ in range(2)]
    refused = client.post(NEW, TYPED | {"agreed": ""}).content.decode()

    assert [len(found) for found in nonces] == [1, 1]
    assert nonces[0] != nonces[1]
    assert f'name="nonce" value="{NONCE}"' in refused


@pytest.mark.parametrize(
    "change",
    [
        {"email": "other@example.com"},
        {"name": "Vera Quist"},
        {"phone": ""},
        {"way": "screen"},
        {"news": "on"},
        {"way": "password", "password": "a phrase long enough"},
        {"nonce": "another-nonce"},
        {"nonce": ""},
    ],
)
def test_another_entry_or_another_form_is_another_registration(client, change):
    client.post(NEW, TYPED)

    assert client.post(NEW, TYPED | change).status_code == 303

    assert counts() == (2, 2, 2)


def test_two_employees_never_share_a_registration(client, shop):
    colleague = factories.sign_in(factories.make_employee(shop, role="shop_manager", name="Mark"))

    assert client.post(NEW, TYPED)["Location"] != colleague.post(NEW, TYPED)["Location"]


def test_a_form_sent_again_after_the_account_was_made_leads_to_the_same_registration(client):
    first = client.post(NEW, TYPED)
    make_customer(email="vera@example.com")

    again = client.post(NEW, TYPED)

    assert (again.status_code, again["Location"]) == (303, first["Location"])


def test_the_database_keeps_a_form_once_and_nothing_that_was_typed(client, anna, at):
    client.post(NEW, TYPED)
    kept = Registration.objects.get()

    assert re.fullmatch("[0-9a-f]{64}", kept.nonce)
    with pytest.raises(IntegrityError), transaction.atomic():
        Registration.objects.create(
            actor=anna, actor_label="Anna", way="email", agreed_to_account=True, agreed_to_news=False, at=at,
            nonce=kept.nonce,
        )  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_a_form_sent_twice_at_the_same_moment_is_one_registration(anna, at):
    customer = NewCustomer(email="vera@example.com", name="Vera", phone="", way="email")
    sent = {"customer": customer, "nonce": NONCE, "actor": Actor("Anna", anna.pk), "at": at}
    with transaction.atomic():
        first = register_at_counter(**sent)
        rival = Beside(lambda: register_at_counter(**sent))
        rival.wait_until_blocked()

    assert rival.join() == first
    assert counts() == (1, 1, 1)
    assert len(deliver_mail()) == 1
    assert list(ThrottleCount.objects.values_list("used", flat=True)) == [1, 1]
