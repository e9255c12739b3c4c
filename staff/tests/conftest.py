"""A shop's counter at the tests' time: Anna works there and is signed in."""

import pytest

from staff.tests.factories import make_employee, make_shop, sign_in


@pytest.fixture(autouse=True)
def _clock(stopped_clock):
    """Stop the clock, as the pages show the time."""


@pytest.fixture
def shop(db):
    return make_shop()


@pytest.fixture
def anna(shop):
    return make_employee(shop)


@pytest.fixture
def client(anna):
    return sign_in(anna)
