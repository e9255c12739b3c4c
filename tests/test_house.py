"""The installation: settings that refuse bad secrets, probes, generated files, the test database itself."""

import ast
import os
import re
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from accounts.sms import registry as sms
from orders.gateways import registry as gateways
from storefront.checks import no_demo, no_test_switches
from storefront.environment import GROUPS, render_example, render_table
from tests.sources import ROOT

PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "storefront.settings.production",
    "SECRET_KEY": "Qk3vX9wLr7TzB2nYpD5sHf8jMc4gVa6eUx1i-Wo0dZtEq9Rb2Kp",
    "SITE_URL": "https://shop.example.com",
    "ALLOWED_HOSTS": "shop.example.com",
    "DATABASE_URL": "sqlite:////tmp/none.sqlite3",
    "ENV_FILE": os.devnull,
    "PATH": os.environ["PATH"],
}


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    """Run a command with the production settings and nothing else in the environment."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**PRODUCTION, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


# --- Production ------------------------------------------------------------------------------------


def test_production_with_good_settings_passes_its_checks(tmp_path):
    result = manage("check", "--deploy", "--fail-level", "WARNING", VAR_DIR=str(tmp_path))

    assert result.returncode == 0, result.stderr


def test_other_hosts_of_the_domain_are_not_bound_to_https_unless_asked_for(tmp_path):
    names = "SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS", "SECURE_HSTS_PRELOAD"
    script = f"from django.conf import settings; print(*(getattr(settings, name) for name in {names}))"

    result = manage("shell", "--no-imports", "-v0", "-c", script, VAR_DIR=str(tmp_path))

    assert result.stdout.split() == ["31536000", "False", "False"], result.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", ""),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "only-for-development"),
        ("SECRET_KEY", "django-insecure-3f8v0s9dj2k4l5m6n7b8v9c0x1z2"),
        ("SECRET_KEY", "a" * 50),
        ("SITE_URL", ""),
        ("SITE_URL", "shop.example.com"),
        ("ALLOWED_HOSTS", ""),
    ],
)
def test_production_refuses_to_start(name, value):
    result = manage("check", **{name: value})

    assert result.returncode == 1
    assert name in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("gateways", "sentence"),
    [
        ("on_collection,demo_bank", "Set DEMO_BANK_SECRET to"),
        ("on_collection,paypal", "'paypal' is not one of: on_collection, demo_bank, stripe."),
        ("on_collection,on_collection", "It names the same one twice."),
        (",", "Write at least one, separated by commas."),
    ],
)
def test_production_refuses_gateways_it_cannot_use(gateways, sentence):
    result = manage("check", PAYMENT_GATEWAYS=gateways)

    assert result.returncode != 0
    assert sentence in result.stderr


def test_production_writes_no_text_messages_to_files():
    refused = manage("check", SMS_SENDER="console")
    script = "from django.conf import settings; print(repr(settings.SMS_SENDER))"

    assert refused.returncode != 0
    assert "SMS_SENDER=console reaches nobody" in refused.stderr
    assert manage("shell", "--no-imports", "-v0", "-c", script).stdout.strip() == "''"


@pytest.mark.parametrize(
    ("name", "value"),
    [("VITRINE_TEST_LOCKS_OFF", "1"), ("VITRINE_TEST_CLOCK_OFFSET", "60"), ("VITRINE_TEST_CRASH_AT", "outbox.done")],
)
def test_a_test_switch_fails_the_deployment_check(name, value):
    result = manage("check", "--deploy", **{name: value})

    assert result.returncode != 0
    assert f"The test switch {name} is on." in result.stderr


def test_checks_name_each_switch(settings):
    settings.TEST_CLOCK_OFFSET, settings.TEST_LOCKS_OFF, settings.TEST_CRASH_AT = 5, True, "commit"
    settings.DEMO = True

    assert [error.id for error in no_test_switches(None)] == ["storefront.E001"] * 3
    assert [error.id for error in no_demo(None)] == ["storefront.E002"]


def test_a_dotenv_file_is_read_and_the_environment_takes_precedence(tmp_path):
    file = tmp_path / "env"
    file.write_text("SHOP_CURRENCY=USD\nSITE_URL=https://from-file.example.com\n")
    ask = "from django.conf import settings; print(settings.SHOP_CURRENCY, settings.SITE_URL)"

    result = manage("shell", "--no-imports", "-c", ask, ENV_FILE=str(file))

    assert result.stdout.split() == ["USD", "https://shop.example.com"]


# --- Probes ----------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_process_and_the_database_are_ready(client):
    assert client.get("/healthz").content == b"ok\n"
    assert client.get("/readyz").content == b"ready\n"


@pytest.mark.django_db
def test_an_unapplied_migration_makes_it_not_ready(client):
    newest = MigrationRecorder.Migration.objects.filter(app="orders").order_by("-name").first()
    newest.delete()

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.content == b"migrations are not applied\n"


def test_health_makes_no_queries(client, django_assert_num_queries):
    assert client.get("/healthz").status_code == 200


# --- Generated files ---------------------------------------------------------------------------------


def test_the_example_and_the_table_are_up_to_date():
    assert (ROOT / ".env.example").read_text() == render_example()
    assert (ROOT / "docs/reference/environment.md").read_text() == render_table()


def test_every_variable_read_is_described():
    # The settings read the gateways' and senders' variables in a loop.
    read = {variable.name for variable in [*gateways.variables(), *sms.variables()]}
    for path in [*(ROOT / "storefront/settings").glob("*.py"), *(ROOT / "orders/gateways").rglob("*.py")]:
        if path.name == "test.py" or "tests" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                called = ast.unparse(node.func)
                if re.match(r"(env(\.\w+)?|_secret|os\.environ\.get|os\.getenv)$", called):
                    read.add(node.args[0].value)
    described = {variable.name for group in GROUPS for variable in group.variables}

    assert read - {"ENV_FILE"} == described


def test_a_secret_has_no_default():
    assert all(not variable.default for group in GROUPS for variable in group.variables if variable.secret)


@pytest.mark.parametrize(
    "name", ["requirements.txt", "requirements-dev.txt", "requirements-production.txt", "requirements-demo.txt"]
)
def test_every_package_is_pinned_by_hash(name):
    text = (ROOT / name).read_text()
    pins = re.findall(r"^[a-z0-9][\w.\[\],-]*==\S+.*$", text, re.MULTILINE)

    assert len(pins) > 30
    assert all(line.rstrip().endswith("\\") for line in pins)
    assert "http" not in re.sub(r"#.*", "", text)


def test_every_direct_dependency_is_explained():
    explained = (ROOT / "docs/dependencies.md").read_text().lower()
    direct = set()
    for name in ("requirements.in", "requirements-dev.in", "requirements-production.in", "requirements-demo.in"):
        named = re.findall(r"^([A-Za-z][\w.-]*)", (ROOT / name).read_text(), re.MULTILINE)
        direct |= {match.lower() for match in named}

    assert not {name for name in direct if f"| {name} |" not in explained}


# --- The test database -------------------------------------------------------------------------------


@pytest.mark.django_db
def test_tests_run_on_the_intended_database():
    assert connection.vendor == ("sqlite" if os.environ.get("DB") == "sqlite" else "postgresql")


def test_debug_is_off_in_production_and_in_make_run():
    assert settings.DEBUG is False
    for name in ("base", "embedded", "production"):
        assert "DEBUG = True" not in (ROOT / f"storefront/settings/{name}.py").read_text()
