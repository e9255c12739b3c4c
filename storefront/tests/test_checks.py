"""Checks of an installation."""

import os
import subprocess
import sys

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from common.actors import SETUP
from orders.tests.factories import make_order
from storefront.services.setup import Owner, set_up
from tests.servers import ROOT

pytestmark = pytest.mark.django_db


def test_the_currency_cannot_change_once_there_is_an_order(at, settings):
    settings.SHOP_CURRENCY = "USD"
    call_command("check", tags=["database"], databases=["default"])

    make_order(at)

    with pytest.raises(SystemCheckError, match="SHOP_CURRENCY is USD, but there are orders in EUR"):
        call_command("check", tags=["database"], databases=["default"])


def test_a_shop_without_an_owner_is_warned_about(at, capsys):
    call_command("check", tags=["database"], databases=["default"])
    assert "W002" not in capsys.readouterr().err

    set_up(owners=[], actor=SETUP, at=at)
    call_command("check", tags=["database"], databases=["default"])
    assert "This shop has no owner yet, so nobody can manage it." in capsys.readouterr().err

    set_up(owners=[Owner("anna@example.com", "correct horse 9 battery", "Anna")], actor=SETUP, at=at)
    call_command("check", tags=["database"], databases=["default"])
    assert "W002" not in capsys.readouterr().err


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


def test_a_first_migration_that_was_interrupted_goes_on(tmp_path):
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("TEST_")},
        "DATABASE_URL": f"sqlite:///{tmp_path / 'half.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "storefront.settings.embedded",
        "VAR_DIR": str(tmp_path),
    }
    command = [sys.executable, "manage.py"]
    subprocess.run([*command, "migrate", "auth", "-v0"], cwd=ROOT, env=environment, check=True)

    checked = subprocess.run(
        [*command, "check", "--database", "default"],
        cwd=ROOT,
        env=environment,
        check=False,
        stderr=subprocess.PIPE,
        text=True,
    )

    assert checked.returncode == 0, checked.stderr
