"""Names of people in histories."""

import pytest

from accounts.actors import actor_of
from accounts.tests.factories import make_customer, make_staff
from common.actors import Actor


@pytest.mark.django_db
def test_a_person_is_named_by_first_name_else_role_else_number():
    mira, manager, nameless = (
        make_customer(name="Mira Jansen"),
        make_staff("shop_manager", name=""),
        make_customer(name=""),
    )

    assert actor_of(mira) == Actor("Mira", mira.pk)
    assert actor_of(manager) == Actor("Shop manager", manager.pk)
    assert actor_of(nameless) == Actor(f"#{nameless.pk}", nameless.pk)
