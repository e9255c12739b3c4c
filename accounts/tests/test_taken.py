"""An address or phone taken by two people at the same moment goes to the first; the second is told as usual."""

import pytest

from accounts.models import User
from accounts.services.contact import set_phone
from accounts.services.register import EmailTaken, register_customer
from accounts.services.staff import PhoneTaken, create_staff
from common.actors import SETUP
from tests.sessions import Beside, open_transaction

pytestmark = pytest.mark.django_db(transaction=True)
EMAIL, PHONE = "mila@example.com", "+31205550142"


@pytest.fixture
def other():
    return User.objects.create_user("other@example.com", "secret", name="Other")


def while_the_other_takes(column, value, work):
    """Run `work` while the other account has taken the value but not committed yet."""
    with open_transaction() as session:
        session.execute(f"UPDATE accounts_user SET {column} = %s WHERE email = 'other@example.com'", [value])
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
        while_the_other_takes("email", EMAIL, lambda: work(at))

    assert User.objects.get().pk == other.pk


def test_a_customer_whose_phone_is_taken_meanwhile_is_registered_without_it(other, at):
    mila = while_the_other_takes("phone", PHONE, lambda: register(at, phone=PHONE))

    assert (mila.phone, User.objects.count()) == (None, 2)


def test_an_employee_whose_phone_is_taken_meanwhile_is_refused(other, at):
    with pytest.raises(PhoneTaken):
        while_the_other_takes("phone", PHONE, lambda: create_employee(at, phone=PHONE))

    assert User.objects.get().pk == other.pk


def test_a_phone_taken_meanwhile_is_not_set(other, at):
    mila = register(at)

    with pytest.raises(PhoneTaken):
        while_the_other_takes("phone", PHONE, lambda: set_phone(user_id=mila.pk, phone=PHONE, verified=True, at=at))

    mila.refresh_from_db()
    assert (mila.phone, mila.phone_verified_at) == (None, None)
