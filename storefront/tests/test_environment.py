"""Variables with invalid values: one sentence each, no traceback, nothing started."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

from storefront.environment import GROUPS, BadEnvironment, refuse_unreadable
from tests.servers import free_port

VARIABLES = [variable for group in GROUPS for variable in group.variables]
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "storefront.settings.production",
    "SECRET_KEY": "Qk3vX9wLr7TzB2nYpD5sHf8jMc4gVa6eUx1i-Wo0dZtEq9Rb2Kp",
    "SITE_URL": "https://shop.example.com",
    "ALLOWED_HOSTS": "shop.example.com",
    "ENV_FILE": os.devnull,
    "PATH": os.environ["PATH"],
}
WRONG = {
    "JWT_PRIVATE_KEY": "hunter2",
    "SITE_URL": "shop.example.com",
    "ALLOWED_HOSTS": "https://shop.example.com",
    "TRUSTED_PROXIES": "the proxy",
    "HSTS_SECONDS": "a year",
    "HSTS_SUBDOMAINS": "maybe",
    "HSTS_PRELOAD": "maybe",
    "VAR_DIR": "/dev/null/var",
    "PORT": "80a",
    "WEB_THREADS": "0",
    "KEEP_PAGES": "maybe",
    "PAGE_SHARED_SECONDS": "a minute",
    "DATABASE_URL": "mysql://shop:hunter2@db/shop",
    "REDIS_URL": "localhost:6379",
    "EMAIL_URL": "mail.example.com",
    "EMAIL_BACKEND": "no.such.Backend",
    "MAIL_FROM": "The shop",
    "SHOP_CURRENCY": "EURO",
    "SHOP_LANGUAGES": "english",
    "TIME_ZONE": "CEST+2",
    "PHONE_REGION": "Holland",
    "STORE_OWNERS": "anna@example.com",
    "STORE_OWNERS_FILE": "/",
    "RETENTION_MONTHS": "0",
    "OWNERS_NEED_SECOND_FACTOR": "maybe",
    "DEMO": "perhaps",
    "PAYMENT_GATEWAYS": "paypal",
    "SMS_SENDER": "pigeon",
    "DEMO_BANK_URL": "bank",
    "DEMO_BANK_PORT": "http",
    "DEMO_BANK_BIND": "all of them",
    "DEMO_BANK_WEBHOOK_URL": "/payments/",
    "DEMO_BANK_FAULTS": "slow",
    "STRIPE_SECRET_KEY": "pk_test_hunter2",
    "STRIPE_WEBHOOK_SECRET": "whsec_hunter2,hunter2",
    "STRIPE_API_URL": "stripe",
    "STRIPE_PAGE_URL": "stripe",
    "VITRINE_TEST_CLOCK_OFFSET": "1h",
    "VITRINE_TEST_LOCKS_OFF": "all",
    "VITRINE_TEST_CRASH_AT": "commit",
}
FREE_TEXT = {"SECRET_KEY", "DEMO_BANK_SECRET", "DEMO_BANK_MERCHANT", "DEMO_BANK_SHOP_NAME", "DEMO_BANK_BOOK"}


def start(*command: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, *command],
        cwd=settings.BASE_DIR,
        env={**PRODUCTION, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_every_variable_is_validated_or_free_text():
    assert set(WRONG) | FREE_TEXT == {variable.name for variable in VARIABLES}


@pytest.mark.parametrize(("name", "value"), WRONG.items(), ids=WRONG)
def test_a_variable_that_cannot_be_used_is_named(name, value):
    with pytest.raises(BadEnvironment) as refusal:
        refuse_unreadable({name: value})

    assert str(refusal.value).startswith(f"{name} has a value that cannot be used. ")
    assert "hunter2" not in str(refusal.value)


@pytest.mark.parametrize("variable", [variable for variable in VARIABLES if variable.default], ids=lambda v: v.name)
def test_every_default_is_valid(variable):
    variable.read(variable.default)


def test_every_wrong_variable_has_a_line():
    with pytest.raises(BadEnvironment) as refusal:
        refuse_unreadable({"PORT": "x", "DEMO": "1", "TIME_ZONE": "", "SECRET_KEY": "$HOME"})

    assert str(refusal.value).splitlines() == [
        "SECRET_KEY has a value that cannot be used. It begins with $, which refers to another variable.",
        "PORT has a value that cannot be used. Write a whole number from 1 to 65534.",
        "TIME_ZONE has a value that cannot be used. Write a name such as Europe/Amsterdam (IANA time zones).",
    ]


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("SECRET_KEY", "", "Set SECRET_KEY to its secret value."),
        ("PAYMENT_GATEWAYS", "paypal", "'paypal' is not one of: on_collection, demo_bank, stripe."),
        ("WEB_THREADS", "many", "Write a whole number from 1 to 200."),
    ],
)
@pytest.mark.parametrize("face", ["gunicorn", "manage.py"])
def test_nothing_starts_and_one_sentence_says_why(face, name, value, sentence):
    bind = f"127.0.0.1:{free_port()}"
    gunicorn = ("-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "-b", bind, "storefront.wsgi")
    command = gunicorn if face == "gunicorn" else ("manage.py", "run_worker")

    ended = start(*command, **{name: value})

    lines = [line for line in ended.stderr.splitlines() if "Starting gunicorn" not in line]
    assert ended.returncode == 1
    assert len(lines) == 1 and lines[0].endswith(sentence)
    assert ended.stdout == ""
