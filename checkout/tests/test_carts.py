"""The cart that a browser's cookie names."""

import pytest
from django.core import signing

from checkout.models import Cart
from checkout.services.cart import KEPT_FOR
from checkout.tests.browsing import add

pytestmark = pytest.mark.django_db


@pytest.fixture
def later(monkeypatch):
    """Return a function that moves the clock of signed cookies forward by a number of seconds."""
    moment = [signing.time.time()]
    monkeypatch.setattr(signing.time, "time", lambda: moment[0])
    return lambda seconds: moment.append(moment.pop() + seconds)


@pytest.mark.parametrize(("over", "is_known"), [(0, True), (1, False)], ids=["thirty days old", "a second older"])
def test_a_cookie_is_valid_for_thirty_days(client, loaf, later, over, is_known):
    later(-signing.time.time() % 1)
    add(client)
    later(KEPT_FOR.total_seconds() + over)

    shows_it = "Loaf" in client.get("/cart/").content.decode()
    add(client)

    assert shows_it is is_known
    assert Cart.objects.count() == (1 if is_known else 2)
