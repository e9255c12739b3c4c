"""An address or phone taken by two people at the same moment goes to the first; the second is told as usual."""

import pytest

from accounts.models import AuditEntry, User
from accounts.services.register import EmailTaken, register_customer
from accounts.services.staff import PhoneTaken, create_staff
from accounts.services.verify_phone import verify_at_counter
from common.actors import SETUP
from tests.sessions import Beside, open_transaction

pytestmark = pytest.mark.django_db(transaction=True)
EMAIL, PHONE = "mila@example.com", "+31205550142"


@pytest.fixture
def other():
    return User.objects.create_user("other@example.com", "secret", name="Other")


def while_the_other_takes(email, work):
    """Run `work` while the other account has taken the address but not committed yet."""
    with open_transaction() as session:
        session.execute("UPDATE accounts_user SET email = %s WHERE email = 'other@example.com'", [email])
        rival = Beside(work)
        rival.wait_until_blocked()
        session.connection.commit()
    return rival.join()


def register(at, **extra):
    return register_customer(email=EMAIL, name="Mila", password="long enough 7", actor=SETUP, at=at, **extra)


def create_employee(at, **extra):
    return create_staff(email=EMAIL, name="Mila", role="employee", actor=SETUP, at=at, **extra)


@pytest.mark.parametrize("work", [register, create_employee], ids=["a customer", "an employee"])
def test_an_address_taken_meanwhile_is_refused(other, at, work):
    with pytest.raises(EmailTaken):
        while_the_other_takes(EMAIL, lambda: work(at))

    assert User.objects.get().pk == other.pk


VERIFIES = "UPDATE accounts_user SET phone = %s, phone_verified_at = now() WHERE email = 'other@example.com'"


def while_the_other_verifies(work):
    """Run `work` while the other account has verified PHONE but not committed yet."""
    with open_transaction() as session:
        session.execute(VERIFIES, [PHONE])
        rival = Beside(work)
        rival.wait_until_blocked()
        session.connection.commit()
    return rival.join()


def test_an_employee_whose_phone_is_verified_meanwhile_is_refused(other, at):
    with pytest.raises(PhoneTaken):
        while_the_other_verifies(lambda: create_employee(at, phone=PHONE))

    assert User.objects.get().pk == other.pk


def test_a_phone_that_two_people_verify_at_once_is_verified_for_the_last(other, at):
    mila = register(at, phone=PHONE)

    while_the_other_verifies(lambda: verify_at_counter(user_id=mila.pk, phone=PHONE, actor=SETUP, at=at))

    mila.refresh_from_db(), other.refresh_from_db()
    assert (mila.phone_verified_at, other.phone_verified_at, str(other.phone)) == (at, None, PHONE)
    assert AuditEntry.objects.filter(action="account.phone_lost", target=f"user:{other.pk}").count() == 1


def test_a_phone_that_nobody_has_verified_blocks_nobody(other, at):
    User.objects.filter(pk=other.pk).update(phone=PHONE)

    assert str(register(at, phone=PHONE).phone) == PHONE
    assert (
        create_staff(email="b@example.com", name="B", role="employee", phone=PHONE, actor=SETUP, at=at).phone == PHONE
    )
