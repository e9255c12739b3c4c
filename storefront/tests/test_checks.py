"""Checks of an installation."""

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from orders.tests.factories import make_order

pytestmark = pytest.mark.django_db


def test_the_currency_cannot_change_once_there_is_an_order(at, settings):
    settings.SHOP_CURRENCY = "USD"
    call_command("check", tags=["database"], databases=["default"])

    make_order(at)

    with pytest.raises(SystemCheckError, match="SHOP_CURRENCY is USD, but there are orders in EUR"):
        call_command("check", tags=["database"], databases=["default"])


def test_the_currency_of_the_orders_is_accepted(at):
    make_order(at)

    call_command("check", tags=["database"], databases=["default"])


@pytest.mark.parametrize("code", ["EUR", "USD", "RUB", "JPY", "XOF", "HUF", "RSD"])
def test_a_currency_with_two_decimals_or_none_is_accepted(settings, code):
    settings.SHOP_CURRENCY = code

    call_command("check")


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("usd", "Write it in capitals: USD"),
        ("€", "three capital letters"),
        ("EURO", "three capital letters"),
        ("", "three capital letters"),
        ("XXX", "three capital letters"),
        ("DEM", "three capital letters"),
        ("KWD", "more than two decimals"),
        ("CLF", "more than two decimals"),
    ],
)
def test_any_other_currency_is_refused_with_a_hint(settings, code, hint):
    settings.SHOP_CURRENCY = code

    with pytest.raises(SystemCheckError, match=rf"(?s)SHOP_CURRENCY cannot be '{code}'.*{hint}"):
        call_command("check")
