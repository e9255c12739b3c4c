"""The counter of one shop on the tests' morning: Anna works there and is signed in."""

import pytest

from staff.tests.factories import make_employee, make_shop, sign_in


@pytest.fixture(autouse=True)
def _clock(stopped_clock):
    """The pages tell the time."""


@pytest.fixture
def shop(db):
    return make_shop()


@pytest.fixture
def anna(shop):
    return make_employee(shop)


@pytest.fixture
def client(anna):
    return sign_in(anna)
