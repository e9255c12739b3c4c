"""Checks of an installation, run by `manage.py check --deploy`."""

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

SWITCHES = {
    "TEST_CLOCK_OFFSET": "VITRINE_TEST_CLOCK_OFFSET",
    "TEST_LOCKS_OFF": "VITRINE_TEST_LOCKS_OFF",
    "TEST_CRASH_AT": "VITRINE_TEST_CRASH_AT",
}


@register(Tags.security, deploy=True)
def no_test_switches(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """Refuse an installation in which a switch made for tests is on."""
    return [
        Error(
            f"The test switch {variable} is on.",
            hint="It takes a guard away or moves the clock: unset it.",
            id="storefront.E001",
        )
        for setting, variable in SWITCHES.items()
        if getattr(settings, setting)
    ]


@register(Tags.security, deploy=True)
def no_demo(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """Refuse a deployment whose sign-ins stand on its sign-in page."""
    if not settings.DEMO:
        return []
    return [Error("DEMO is on: everybody knows the passwords.", hint="Set DEMO=0.", id="storefront.E002")]
