"""Checks of an installation: `manage.py check --deploy`; `migrate` and `make run` run that of the database too."""

from collections.abc import Sequence

from django.conf import settings
from django.contrib.auth.models import Group
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DEFAULT_DB_ALIAS, connections

from accounts.models import User
from accounts.selectors import has_owner
from common.money import currency_fault
from orders.models import Order
from storefront.services.setup import no_owner_hint

SWITCHES = {
    "TEST_CLOCK_OFFSET": "VITRINE_TEST_CLOCK_OFFSET",
    "TEST_LOCKS_OFF": "VITRINE_TEST_LOCKS_OFF",
    "TEST_CRASH_AT": "VITRINE_TEST_CRASH_AT",
}


@register(Tags.security, deploy=True)
def no_test_switches(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """Refuse an installation in which a test switch is on."""
    return [
        Error(
            f"The test switch {variable} is on.",
            hint="It disables a safeguard or shifts the clock: unset it.",
            id="storefront.E001",
        )
        for setting, variable in SWITCHES.items()
        if getattr(settings, setting)
    ]


@register(Tags.security, deploy=True)
def no_demo(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """Refuse a deployment that shows its accounts on the sign-in page."""
    if not settings.DEMO:
        return []
    return [Error("DEMO is on: everybody knows the passwords.", hint="Set DEMO=0.", id="storefront.E002")]


@register()
def known_currency(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """Refuse a code that is not a currency, or a currency with more decimals than we store."""
    fault = currency_fault(settings.SHOP_CURRENCY)
    if not fault:
        return []
    return [Error(f"SHOP_CURRENCY cannot be {settings.SHOP_CURRENCY!r}.", hint=fault, id="storefront.E004")]


@register(Tags.database)
def same_currency(app_configs: object, databases: Sequence[str] | None = None, **kwargs: object) -> list[CheckMessage]:
    """Refuse to change the currency once there are orders: prices are plain numbers and would change their value."""
    found: list[str] = []
    for alias in databases or ():
        # Before the first migration there is no table to ask.
        if Order._meta.db_table in connections[alias].introspection.table_names():
            foreign = Order.objects.using(alias).exclude(currency=settings.SHOP_CURRENCY)
            found += foreign.values_list("currency", flat=True)[:1]
    return [
        Error(
            f"SHOP_CURRENCY is {settings.SHOP_CURRENCY}, but there are orders in {currency}.",
            hint=f"Set SHOP_CURRENCY={currency}, or start a new shop with a new database.",
            id="storefront.E003",
        )
        for currency in found
    ]


@register(Tags.database)
def nobody_in_the_log(
    app_configs: object, databases: Sequence[str] | None = None, **kwargs: object
) -> list[CheckMessage]:
    """Warn about a PostgreSQL that logs failing statements, with customers' data in them."""
    return [
        checks.Warning(
            "PostgreSQL logs failing statements, including names, phone numbers and addresses.",
            hint="As its superuser: ALTER ROLE ... SET log_min_error_statement = panic; docs/how-to/production.md.",
            id="storefront.W001",
        )
        for alias in databases or ()
        if connections[alias].vendor == "postgresql" and not _keeps_statements_out(alias)
    ]


@register(Tags.database)
def somebody_owns_it(
    app_configs: object, databases: Sequence[str] | None = None, **kwargs: object
) -> list[CheckMessage]:
    """Warn about an installation that nobody can manage."""
    # Before the first set-up there is nobody to miss, and while the first migrations run not even a table.
    needed = {model._meta.db_table for model in (Group, User, User.groups.through)}
    if DEFAULT_DB_ALIAS not in (databases or ()) or needed - {
        *connections[DEFAULT_DB_ALIAS].introspection.table_names()
    }:
        return []
    if not Group.objects.filter(name="owner").exists() or has_owner():
        return []
    sentence, _, hint = no_owner_hint().partition(" Create ")
    return [checks.Warning(sentence, hint=f"Create {hint}", id="storefront.W002")]


def _keeps_statements_out(alias: str) -> bool:
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT current_setting('log_min_error_statement'), current_setting('log_error_verbosity')")
        return cursor.fetchone() in {("fatal", "terse"), ("panic", "terse")}
