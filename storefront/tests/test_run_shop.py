"""`make run`: an empty shop from scratch, refusals in a sentence, and a clean shutdown."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest
from django.conf import settings
from django.core.management.base import CommandError

from accounts.demo import DEMO_ACCOUNTS
from accounts.models import User
from accounts.tests.factories import make_customer
from storefront.management.commands.run_shop import Command
from storefront.models import Identity


def free_port() -> int:
    """Return a free port whose successor is free too."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except (OSError, OverflowError):
                continue
            return port


def run_shop(tmp_path, port: int, **environment: str) -> subprocess.Popen:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("TEST_", "DATABASE", "PYTEST"))}
    clean |= {"DJANGO_SETTINGS_MODULE": "storefront.settings.embedded", "VAR_DIR": str(tmp_path), "PORT": str(port)}
    return subprocess.Popen(
        [sys.executable, "-u", "manage.py", "run_shop"],
        cwd=settings.BASE_DIR,
        env={**clean, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_an_empty_shop_opens_says_where_and_closes(tmp_path):
    port = free_port()
    process = run_shop(tmp_path, port, DEMO="0", STORE_OWNERS="anna@example.com:correct horse 9 battery")
    said = ""
    try:
        while "Stop with Ctrl-C" not in said:
            line = process.stdout.readline()
            assert line, said
            said += line
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=10) as answer:
            ready = answer.read()
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate(timeout=30)
    finally:
        process.kill()

    assert ready == b"ready\n"
    assert f"http://127.0.0.1:{port}/staff/" in said
    assert "no owner yet" not in said
    assert "Demo" not in said
    assert process.returncode == 0
    assert rest.endswith("The shop is closed.\n")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))


@pytest.mark.parametrize("which", [0, 1], ids=["the shop's port", "the bank's port"])
def test_a_port_in_use_is_reported_in_a_sentence(tmp_path, which):
    port = free_port()
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", port + which))
        holder.listen()
        process = run_shop(tmp_path, port, DEMO="1")
        said, _ = process.communicate(timeout=60)

    assert process.returncode == 1
    assert f"Port {port + which} is in use or not allowed." in said
    assert "Traceback" not in said
    assert not (tmp_path / "db.sqlite3").exists()


@pytest.mark.django_db
def test_a_real_shop_does_not_run_on_a_demo_database(settings):
    settings.DEMO = False
    User.objects.create_user(DEMO_ACCOUNTS[-1].email, DEMO_ACCOUNTS[-1].password)

    with pytest.raises(CommandError, match="holds the demo shop, whose passwords everybody knows"):
        Command()._refuse_demo_passwords()


@pytest.mark.django_db
def test_the_demo_runs_on_a_demo_database(settings):
    settings.DEMO = True
    User.objects.create_user(DEMO_ACCOUNTS[-1].email, DEMO_ACCOUNTS[-1].password)

    Command()._refuse_demo_passwords()


def test_static_files_are_collected_again_if_one_has_changed(settings, tmp_path, monkeypatch):
    settings.VAR_DIR = tmp_path
    settings.STATIC_ROOT = tmp_path / "static"
    own = tmp_path / "own"
    own.mkdir()
    (own / "a.css").write_text("a{}")
    settings.STATICFILES_DIRS = [own]
    calls = []
    monkeypatch.setattr(
        "storefront.management.commands.run_shop.call_command",
        lambda name, **options: calls.append(name) or settings.STATIC_ROOT.mkdir(exist_ok=True),
    )

    for text in ("a{}", "a{}", "a{color:red}"):
        if (own / "a.css").read_text() != text:
            (own / "a.css").write_text(text)
        Command()._collect_static()

    assert calls == ["collectstatic", "collectstatic"]


def give(monkeypatch, answers: list[str], passwords: list[str]) -> list[str]:
    """Answer the questions of a terminal in order; return the list that records them."""
    asked, answers, passwords = [], iter(answers), iter(passwords)

    def answer(prompt: str) -> str:
        asked.append(prompt)
        text = next(passwords if "assword" in prompt else answers, None)
        if text is None:
            raise EOFError
        return text

    monkeypatch.setattr("builtins.input", answer)
    monkeypatch.setattr("getpass.getpass", answer)
    return asked


@pytest.mark.django_db
def test_the_owner_is_asked_again_only_for_invalid_answers(monkeypatch, capsys):
    make_customer(email="buyer@example.com")
    asked = give(
        monkeypatch,
        ["not-an-address", "buyer@example.com", " Anna@Example.com ", "n" * 151, "Anna Berg"],
        ["12345", "correct horse 9 battery", "correct horse 8 battery"] + ["correct horse 9 battery"] * 2,
    )

    Command()._ask_for_owner()

    owner = User.objects.get(groups__name="owner")
    assert (owner.email, owner.name) == ("anna@example.com", "Anna Berg")
    assert owner.check_password("correct horse 9 battery")
    again = "The same password again: "
    assert asked == ["Email: "] * 3 + ["Name: "] * 2 + ["Password: ", "Password: ", again, "Password: ", again]
    said = capsys.readouterr().out
    assert "Enter an email address like name@example.com." in said
    assert "buyer@example.com already has an account" in said
    assert "at most 150 characters (it has 151)" in said
    assert "This password is too short" in said
    assert "The two passwords differ." in said


@pytest.mark.django_db
@pytest.mark.parametrize("answers", [[], ["anna@example.com"], ["anna@example.com", "Anna"]], ids=len)
def test_a_closed_terminal_creates_no_owner(monkeypatch, answers):
    give(monkeypatch, answers, [])

    Command()._ask_for_owner()

    assert not User.objects.exists()


@pytest.mark.django_db
def test_the_demo_bank_gets_the_shops_name(settings):
    settings.WEB_THREADS = 1
    identity = Identity.load()
    identity.name = "Corner Bakery"
    identity.save()

    children = Command()._children(8000, True)

    assert children[-1].name == "The demo bank"
    assert children[-1].environment["DEMO_BANK_SHOP_NAME"] == "Corner Bakery"


@pytest.mark.parametrize(
    ("environment", "zone"),
    [({}, "Europe/Amsterdam"), ({"DEMO": "0"}, "UTC"), ({"TIME_ZONE": "Asia/Tokyo"}, "Asia/Tokyo")],
    ids=str,
)
def test_the_demo_has_the_time_zone_of_its_shops(tmp_path, environment, zone):
    clean = {name: value for name, value in os.environ.items() if name not in ("DEMO", "TIME_ZONE")}
    code = "from storefront.settings import embedded; print(embedded.TIME_ZONE)"

    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**clean, "VAR_DIR": str(tmp_path), "ENV_FILE": str(tmp_path / "none"), **environment},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == zone
