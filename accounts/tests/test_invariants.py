"""Each invariant of accounts finds its planted violation."""

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group, Permission
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection

from accounts import invariants
from accounts.models import User
from accounts.tests.factories import make_customer, make_staff

pytestmark = pytest.mark.django_db


def violations_of(find, at) -> list[str]:
    return [row["what"] for row in find(at)]


def test_a_consistent_shop_violates_nothing(at):
    make_staff("owner"), make_staff("employee"), make_customer()
    for find in (invariants.people_are_unique, invariants.roles_are_sound, invariants.disabled_are_out):
        assert list(find(at)) == []


@pytest.mark.violates
def test_shared_and_malformed_contacts_are_found(at):
    one, two = make_customer(), make_customer()
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX user_email_any_case")
        cursor.execute("UPDATE accounts_user SET email = upper(%s) WHERE id = %s", [one.email, two.pk])
        cursor.execute("UPDATE accounts_user SET phone = '0612' WHERE id = %s", [one.pk])
    assert violations_of(invariants.people_are_unique, at) == [
        "shared email",
        "email not normalised",
        "phone not normalised",
    ]


@pytest.mark.violates
def test_unverified_staff_are_found(at):
    user = make_staff("owner")
    EmailAddress.objects.filter(user=user).update(verified=False)
    assert violations_of(invariants.people_are_unique, at) == ["active staff without a verified address"]


@pytest.mark.violates
def test_an_account_with_an_unverified_address_is_found(at):
    user = make_customer()
    EmailAddress.objects.filter(user=user).update(verified=False)
    assert violations_of(invariants.people_are_unique, at) == ["account made before its mailbox was proven"]


@pytest.mark.violates
def test_two_roles_are_found(at):
    make_staff("owner").groups.add(Group.objects.create(name="editor"))
    assert violations_of(invariants.roles_are_sound, at) == ["several roles"]


@pytest.mark.violates
def test_a_shop_without_owner_is_found(at):
    make_staff("employee")
    assert violations_of(invariants.roles_are_sound, at) == []
    owner = make_staff("owner")
    User.objects.filter(pk=owner.pk).update(is_active=False)
    assert violations_of(invariants.roles_are_sound, at) == ["no active owner"]


@pytest.mark.violates
def test_rights_beyond_the_role_and_customers_in_the_cms_are_found(at):
    key = Permission.objects.get(codename="access_admin")
    make_staff("owner").user_permissions.add(key)
    group = Group.objects.create(name="friends")
    group.permissions.add(key)
    make_customer().groups.add(group)
    assert violations_of(invariants.roles_are_sound, at) == ["rights past the role", "customer with the key of the CMS"]


@pytest.mark.violates
def test_a_session_of_a_disabled_user_is_found(at, client):
    user = make_customer()
    session = SessionStore()
    session["_auth_user_id"] = str(user.pk)
    session.save()
    assert violations_of(invariants.disabled_are_out, at) == []
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert list(invariants.disabled_are_out(at)) == [{"what": "session of a disabled user", "user": user.pk}]
