"""Fixtures of the tests of quick add."""

import pytest

from accounts.models import User
from products.tests.factories import make_category, make_tax_class, make_tree


@pytest.fixture
def bread():
    """Return a category of the catalogue, in a shop with one tax class."""
    make_tree()
    make_tax_class(rate="0.2100")
    return make_category("Bread")


@pytest.fixture
def editor(client, stopped_clock):
    """Return a client of somebody who may do everything in the admin, at the tests' time."""
    client.force_login(User.objects.create_superuser("root@example.com", "secret"))
    return client
