"""Checks of an installation."""

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from orders.tests.factories import make_order

pytestmark = pytest.mark.django_db


def test_the_currency_stays_once_there_is_an_order(at, settings):
    settings.SHOP_CURRENCY = "USD"
    call_command("check", tags=["database"], databases=["default"])

    make_order(at)

    with pytest.raises(SystemCheckError, match="SHOP_CURRENCY is USD, but there are orders in EUR"):
        call_command("check", tags=["database"], databases=["default"])


def test_the_currency_of_the_orders_is_welcome(at):
    make_order(at)

    call_command("check", tags=["database"], databases=["default"])
