"""The worker: what is due runs, what fails stops nothing else, old rows go."""

import datetime as dt
import os
import signal
import subprocess
import sys
import time

import pytest
from django.conf import settings
from django.core.management import call_command

from checkout.models import Cart
from checkout.services.cart import purge_carts
from common.outbox.models import OutboxMessage
from storefront.services.worker import Part, Rounds, purge_outbox, standard_parts

MINUTE = dt.timedelta(minutes=1)


def make_part(name: str, every: dt.timedelta, log: list[str], fails: bool = False) -> Part:
    def run(at: dt.datetime) -> int:
        log.append(name)
        if fails:
            raise RuntimeError("no")
        return 1

    return Part(name, every, run)


def test_a_part_runs_when_its_time_has_come(at):
    log: list[str] = []
    rounds = Rounds([make_part("each", dt.timedelta(), log), make_part("minute", MINUTE, log)])

    for seconds in (0, 1, 59, 60):
        rounds.once(at + dt.timedelta(seconds=seconds))

    assert log.count("each") == 4
    assert log.count("minute") == 2


def test_a_clock_that_went_back_does_not_stop_a_part(at):
    log: list[str] = []
    rounds = Rounds([make_part("minute", MINUTE, log)])

    rounds.once(at)
    rounds.once(at - dt.timedelta(hours=1))

    assert log == ["minute", "minute"]


@pytest.mark.django_db
def test_a_part_that_fails_stops_no_other(at, caplog):
    log: list[str] = []
    rounds = Rounds([make_part("bad", MINUTE, log, fails=True), make_part("good", MINUTE, log)])

    done = rounds.once(at)

    assert done == {"bad": 0, "good": 1}
    assert "Could not finish the worker's part bad" in caplog.text


def test_stop_ends_the_round_after_the_running_part(at, monkeypatch):
    monkeypatch.setattr("storefront.services.worker.close_old_connections", lambda: None)
    log: list[str] = []
    rounds = Rounds([])
    rounds.parts = [Part("stop", MINUTE, lambda at: rounds.stop() or 1), make_part("later", MINUTE, log)]

    rounds.run(interval=0)

    assert log == []


@pytest.mark.django_db
def test_the_standard_parts_run_on_an_empty_shop(at):
    done = Rounds(standard_parts()).once(at)

    assert len(done) >= 7
    assert set(done.values()) == {0}


@pytest.mark.django_db
def test_carts_nobody_touched_for_thirty_days_go(at):
    old = Cart.objects.create(created_at=at, updated_at=at - dt.timedelta(days=30, seconds=1))
    kept = Cart.objects.create(created_at=at, updated_at=at - dt.timedelta(days=30))

    deleted = purge_carts(at=at, limit=10)

    assert deleted == 1
    assert not Cart.objects.filter(pk=old.pk).exists()
    assert Cart.objects.filter(pk=kept.pk).exists()


@pytest.mark.django_db
def test_delivered_outbox_rows_go_after_thirty_days_and_others_stay(at):
    month = dt.timedelta(days=31)
    rows = [
        OutboxMessage(event="a", key="old", due_at=at - month, created_at=at - month, done_at=at - month),
        OutboxMessage(event="a", key="fresh", due_at=at, created_at=at, done_at=at),
        OutboxMessage(event="a", key="tried", due_at=at, created_at=at - month, attempts=3),
    ]
    OutboxMessage.objects.bulk_create(rows)

    deleted = purge_outbox(at=at)

    assert deleted == 1
    assert set(OutboxMessage.objects.values_list("key", flat=True)) == {"fresh", "tried"}


@pytest.mark.django_db
def test_the_command_goes_round_once(capsys):
    call_command("run_worker", once=True)

    assert "outbox: 0" in capsys.readouterr().out


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command_stops_cleanly_on_a_signal(number, tmp_path):
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "storefront.settings.dev",
        "VAR_DIR": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'empty.sqlite3'}",
    }
    process = subprocess.Popen(
        [sys.executable, "manage.py", "run_worker", "--interval", "0.2"],
        cwd=settings.BASE_DIR,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        # Without tables every part fails and is logged: the loop has begun, and goes on.
        while "payment inbox" not in (line := process.stderr.readline()):
            assert line, "the worker ended by itself"
        time.sleep(0.2)
        process.send_signal(number)
        process.communicate(timeout=20)
    finally:
        process.kill()

    assert process.returncode == 0
