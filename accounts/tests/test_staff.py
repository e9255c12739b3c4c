"""Adding staff, changing their role, and leaving."""

import threading

import pytest
from django.contrib.auth.models import Group
from django.db import connection

from accounts.models import AuditEntry, User
from accounts.phones import BadPhone
from accounts.roles import is_staff_member, may, role_of
from accounts.services import staff
from accounts.services.register import EmailTaken
from accounts.tests.factories import PASSWORD, make_customer, make_staff
from accounts.tests.helpers import is_signed_in, sign_in
from common.actors import SETUP, Actor

pytestmark = pytest.mark.django_db
BOSS = Actor("Olga")


def test_a_new_member_of_staff_can_sign_in_at_once(client, at):
    user = staff.create_staff(
        email="Anna@Example.com", name=" Anna Berg ", role="employee", password=PASSWORD, actor=SETUP, at=at
    )
    assert (user.email, user.name, role_of(user), user.is_superuser) == (
        "anna@example.com",
        "Anna Berg",
        "employee",
        False,
    )
    assert sign_in(client, "anna@example.com", PASSWORD).status_code == 303
    assert is_signed_in(client)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.target, entry.note, entry.actor_label) == (
        "staff.create", f"user:{user.pk}", "employee", "setup",
    )  # fmt: skip


def test_without_a_password_nobody_can_sign_in(client, at):
    user = staff.create_staff(email="a@example.com", name="A", role="editor", actor=SETUP, at=at)
    assert not user.has_usable_password()


def test_refusals_leave_nothing_behind(at):
    make_customer(email="mira@example.com", verified_phone="+31612345678")
    cases = [
        (staff.UnknownRole, {"role": "king"}),
        (EmailTaken, {"email": "MIRA@example.com"}),
        (BadPhone, {"phone": "12"}),
        (staff.PhoneTaken, {"phone": "06 12345678"}),
    ]
    for error, change in cases:
        fields = {"email": "new@example.com", "name": "N", "role": "employee"} | change
        with pytest.raises(error):
            staff.create_staff(**fields, actor=SETUP, at=at)
    assert User.objects.count() == 1
    assert not AuditEntry.objects.filter(action__startswith="staff.").exists()


def test_a_role_replaces_the_old_one(at):
    make_staff("owner")
    user = make_staff("employee")
    assert may(user, "orders.hand_over")
    changed = staff.change_role(user_id=user.pk, role="editor", actor=BOSS, at=at)
    assert role_of(changed) == role_of(User.objects.get(pk=user.pk)) == "editor"
    assert list(changed.groups.values_list("name", flat=True)) == ["editor"]
    assert not may(changed, "orders.hand_over")
    assert AuditEntry.objects.get(action="staff.role").note == "employee -> editor"
    staff.change_role(user_id=user.pk, role="editor", actor=BOSS, at=at)
    assert AuditEntry.objects.filter(action="staff.role").count() == 1


def test_a_customer_gets_no_role(at):
    customer = make_customer()
    for act in (
        lambda: staff.change_role(user_id=customer.pk, role="owner", actor=BOSS, at=at),
        lambda: staff.deactivate(user_id=customer.pk, actor=BOSS, at=at),
        lambda: staff.change_details(user_id=customer.pk, name="X", actor=BOSS, at=at),
        lambda: staff.reactivate(user_id=10**9, actor=BOSS, at=at),
    ):
        with pytest.raises(staff.NotStaff):
            act()
    assert not is_staff_member(customer)


def test_the_last_active_owner_cannot_be_removed(at):
    first, second = make_staff("owner"), make_staff("owner")
    staff.deactivate(user_id=second.pk, actor=BOSS, at=at)
    for act in (
        lambda: staff.deactivate(user_id=first.pk, actor=BOSS, at=at),
        lambda: staff.change_role(user_id=first.pk, role="editor", actor=BOSS, at=at),
    ):
        with pytest.raises(staff.LastOwner):
            act()
    staff.change_role(user_id=second.pk, role="editor", actor=BOSS, at=at)
    assert User.objects.get(pk=first.pk).is_active


def test_a_person_who_leaves_is_signed_out_at_once(client, at):
    make_staff("owner")
    user = make_staff("employee")
    sign_in(client, user.email, PASSWORD)
    assert is_signed_in(client)
    staff.deactivate(user_id=user.pk, actor=BOSS, at=at)
    assert not is_signed_in(client)
    assert role_of(User.objects.get(pk=user.pk)) is None
    assert sign_in(client, user.email, PASSWORD).url == "/accounts/inactive/"
    staff.reactivate(user_id=user.pk, actor=BOSS, at=at)
    sign_in(client, user.email, PASSWORD)
    assert is_signed_in(client)


def test_update_is_all_or_nothing(at):
    owner = make_staff("owner", name="Olga")
    with pytest.raises(staff.LastOwner):
        staff.update_staff(
            user_id=owner.pk,
            details=staff.StaffDetails(email=owner.email, name="New", role="editor"),
            actor=BOSS,
            at=at,
        )
    owner.refresh_from_db()
    assert owner.name == "Olga"
    employee = make_staff("employee")
    left = staff.StaffDetails(email=employee.email, name="New", phone="06 12345678", role="editor", is_active=False)
    staff.update_staff(user_id=employee.pk, details=left, actor=BOSS, at=at)
    employee.refresh_from_db()
    assert (employee.name, str(employee.phone), employee.is_active) == ("New", "+31612345678", False)
    assert employee.groups.get() == Group.objects.get(name="editor")


def test_each_role_may_do_its_actions_only():
    assert not may(None, "orders.view_board")
    with pytest.raises(KeyError):
        may(None, "no.such_action")
    assert may(make_staff("owner"), "staff.manage")
    assert not may(make_staff("shop_manager"), "staff.manage")


@pytest.mark.django_db(transaction=True)
def test_two_owners_cannot_remove_each_other(at):
    owners = [make_staff("owner"), make_staff("owner")]
    start, outcomes = threading.Barrier(2), []

    def dismiss(user: User) -> None:
        start.wait()
        try:
            staff.deactivate(user_id=user.pk, actor=BOSS, at=at)
            outcomes.append("gone")
        except staff.LastOwner:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=dismiss, args=(user,)) for user in owners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(outcomes) == ["gone", "refused"]
    assert User.objects.filter(is_active=True).count() == 1


def test_an_owner_vouches_for_a_phone_that_its_owner_entered(at):
    anna = make_staff(phone="+31205550123")
    User.objects.filter(pk=anna.pk).update(phone_verified_at=None)

    staff.change_details(user_id=anna.pk, name="Anna", phone="+31205550123", actor=SETUP, at=at)

    assert User.objects.get(pk=anna.pk).phone_verified_at == at


def test_a_phone_that_another_account_has_verified_stops_no_other_change(at):
    anna = make_staff(phone="+31205550123")
    User.objects.filter(pk=anna.pk).update(phone_verified_at=None)
    other = make_customer(phone="+31205550123")
    User.objects.filter(pk=other.pk).update(phone_verified_at=at)

    staff.change_details(user_id=anna.pk, name="Anna B", phone="+31205550123", actor=SETUP, at=at)

    anna.refresh_from_db()
    assert (anna.name, anna.phone_verified_at) == ("Anna B", None)
