"""Accounts whose address was never verified become sign-ups; all others are kept."""

from importlib import import_module

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps

from accounts.models import SignUp, User
from accounts.tests.factories import PASSWORD, make_customer, make_staff
from accounts.tests.helpers import sign_in

pytestmark = pytest.mark.django_db
note_unverified = import_module("accounts.migrations.0003_unverified_accounts_become_sign_ups").note_unverified


def test_only_unverified_customers_become_sign_ups(client):
    kept = {make_customer(), make_staff("owner"), User.objects.create_superuser("root@example.com", PASSWORD)}
    waiting = User.objects.create_user("Mira@example.com", PASSWORD, name="Mira", phone="+31612345678")
    EmailAddress.objects.create(user=waiting, email=waiting.email, primary=True, verified=False)

    note_unverified(apps, None)

    row = SignUp.objects.get()
    assert set(User.objects.all()) == kept
    assert (row.email, row.name, row.phone) == ("mira@example.com", "Mira", "+31612345678")
    assert sign_in(client, "mira@example.com", PASSWORD).url == "/accounts/confirm-email/"
    note_unverified(apps, None)
    assert SignUp.objects.count() == 1
