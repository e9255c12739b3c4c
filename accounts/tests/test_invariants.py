"""Each invariant of accounts finds its planted violation."""

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group, Permission
from django.db import connection

from accounts import invariants
from accounts.models import CourierApplication, User
from accounts.sessions import SessionStore
from accounts.tests.factories import give_second_factor, make_customer, make_staff

pytestmark = pytest.mark.django_db


def violations_of(find, at) -> list[str]:
    return [row["what"] for row in find(at)]


def test_a_consistent_shop_violates_nothing(at):
    make_staff("owner"), make_staff("employee"), make_customer()
    for find in (
        invariants.people_are_unique,
        invariants.roles_are_sound,
        invariants.disabled_are_out,
        invariants.deleted_are_nobody,
    ):
        assert list(find(at)) == []


@pytest.mark.violates
def test_shared_and_malformed_contacts_are_found(at):
    one, two = make_customer(), make_customer()
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX user_email_any_case")
        cursor.execute("UPDATE accounts_user SET email = upper(%s) WHERE id = %s", [one.email, two.pk])
        cursor.execute("DROP INDEX user_verified_phone")
        cursor.execute("UPDATE accounts_user SET phone = '0612', phone_verified_at = now()")
    assert violations_of(invariants.people_are_unique, at) == [
        "shared email",
        "shared phone",
        "email not normalised",
        "phone not normalised",
        "phone not normalised",
    ]


@pytest.mark.violates
def test_a_verification_without_a_phone_is_found_and_one_phone_of_two_people_is_none(at):
    one, two = make_customer(), make_customer()
    User.objects.filter(pk__in=[one.pk, two.pk]).update(phone="+31612345678")
    assert violations_of(invariants.people_are_unique, at) == []
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_user DROP CONSTRAINT user_verified_has_phone")
        cursor.execute("UPDATE accounts_user SET phone = NULL, phone_verified_at = now() WHERE id = %s", [one.pk])
    assert violations_of(invariants.people_are_unique, at) == ["verified without a phone"]


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
def test_an_applicant_with_a_role_is_found(at):
    make_staff("owner")
    CourierApplication.objects.create(user=make_staff("courier"), created_at=at)
    assert violations_of(invariants.roles_are_sound, at) == ["a role before the owner decided"]


@pytest.mark.violates
def test_a_session_of_a_disabled_user_is_found(at, client):
    user = make_customer()
    session = SessionStore()
    session["_auth_user_id"] = str(user.pk)
    session.save()
    assert violations_of(invariants.disabled_are_out, at) == []
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert list(invariants.disabled_are_out(at)) == [{"what": "session of a disabled user", "user": user.pk}]


@pytest.mark.violates
def test_what_is_left_of_a_deleted_account_is_found(at):
    user = make_customer()
    User.objects.filter(pk=user.pk).update(erased_at=at)

    assert violations_of(invariants.deleted_are_nobody, at) == [
        "a deleted account says who it was",
        "an address of a deleted account",
    ]


@pytest.mark.violates
def test_a_session_and_a_second_factor_of_a_deleted_account_are_found(at, client):
    user = make_customer()
    client.force_login(user)
    give_second_factor(user)
    User.objects.filter(pk=user.pk).update(erased_at=at)

    found = [row["what"] for row in invariants.deleted_are_nobody(at)]

    assert found[-3:] == [
        "session of a deleted account", "authenticator of a deleted account", "authenticator of a deleted account",
    ]  # fmt: skip
