"""The worker: due parts run, a part that fails stops no other, old rows are deleted."""

import datetime as dt
import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from django.conf import settings
from django.core.management import call_command

from accounts.tests.factories import make_staff
from checkout.models import Cart
from checkout.services.cart import purge_carts
from common.outbox.models import OutboxMessage
from storefront.management.commands import run_worker
from storefront.services.timekeeper import Timekeeper
from storefront.services.worker import Part, Rounds, Worker, purge_outbox, standard_lanes

MINUTE = dt.timedelta(minutes=1)


def make_part(name: str, every: dt.timedelta, log: list[str], fails: bool = False) -> Part:
    def run(at: dt.datetime) -> int:
        log.append(name)
        if fails:
            raise RuntimeError("no")
        return 1

    return Part(name, every, run)


def test_a_part_runs_when_it_is_due(at):
    log: list[str] = []
    rounds = Rounds([make_part("each", dt.timedelta(), log), make_part("minute", MINUTE, log)])

    for seconds in (0, 1, 59, 60):
        rounds.once(at + dt.timedelta(seconds=seconds))

    assert log.count("each") == 4
    assert log.count("minute") == 2


def test_a_patient_part_waits_for_its_first_turn(at):
    log: list[str] = []
    part = make_part("check", MINUTE, log)
    part.is_patient = True
    rounds = Rounds([part])

    for seconds in (0, 59, 60, 61, 120):
        rounds.once(at + dt.timedelta(seconds=seconds))

    assert log == ["check", "check"]


def test_a_clock_set_back_does_not_stop_a_part(at):
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
    assert "The worker's part bad failed" in caplog.text


def test_stop_ends_the_round_after_the_running_part(at, monkeypatch):
    monkeypatch.setattr("storefront.services.worker.close_old_connections", lambda: None)
    log: list[str] = []
    rounds = Rounds([], timekeeper=Timekeeper(lambda: at))
    rounds.parts = [Part("stop", MINUTE, lambda at: rounds.stop() or 1), make_part("later", MINUTE, log)]

    rounds.run(interval=0)

    assert log == []


@pytest.mark.django_db
def test_the_standard_parts_run_on_an_empty_shop(before_setup, at):
    done = {name: Rounds(parts).once(at) for name, parts in standard_lanes().items()}

    assert list(done) == ["local", "bank", "mail", "check", "text"]
    assert {count for counts in done.values() for count in counts.values()} == {0}


def test_a_part_that_used_its_whole_turn_continues_in_the_next_round(at, monkeypatch):
    passed = iter([0, 15, 15, 20])
    monkeypatch.setattr("storefront.services.worker.time.monotonic", lambda: next(passed))
    log: list[str] = []
    rounds = Rounds([make_part("sweep", MINUTE, log)])

    for seconds in (0, 15, 20):
        rounds.once(at + dt.timedelta(seconds=seconds))

    assert log == ["sweep", "sweep"]


def test_irreversible_parts_wait_until_the_clock_is_trusted(at):
    log: list[str] = []
    moments, passed = iter([at, at + dt.timedelta(days=1)]), [0.0]
    timekeeper = Timekeeper(lambda: next(moments), lambda: passed[0])
    final = make_part("expiry", MINUTE, log)
    final.is_final = True
    rounds = Rounds([final, make_part("prices", MINUTE, log)], timekeeper=timekeeper)

    rounds.once(timekeeper.now())
    rounds.once(timekeeper.now())
    assert log == ["expiry", "prices", "prices"]

    passed[0] = 600.0
    rounds.once(at + dt.timedelta(days=1, minutes=10))
    assert log[3:] == ["expiry", "prices"]


def test_irreversible_parts_are_marked_as_final():
    final = {part.name for parts in standard_lanes().values() for part in parts if part.is_final}

    assert final == {
        *("scheduled pages", "expired orders", "old carts", "delivered outbox rows", "expired sessions"),
        *("names of guests", "old sign-ups", "read page changes", "expired limits", "refused applications"),
    }


def make_worker(at: dt.datetime, **lanes: Part) -> Worker:
    timekeeper = Timekeeper(lambda: at, lambda: 0.0)
    return Worker({name: [part] for name, part in lanes.items()}, timekeeper=timekeeper)


@pytest.mark.django_db
def test_a_lane_that_hangs_delays_no_other(at):
    hangs, delivered = threading.Event(), threading.Event()

    def refund(at: dt.datetime) -> int:
        assert hangs.wait(20)
        delivered.set()
        worker.stop()
        return 1

    def mail(at: dt.datetime) -> int:
        hangs.set()
        return int(delivered.wait(20))

    worker = make_worker(at, bank=Part("refund", MINUTE, refund), mail=Part("mail", MINUTE, mail))

    assert worker.run(interval=0.01)
    assert delivered.is_set()


@pytest.mark.django_db
def test_a_worker_stops_when_one_of_its_lanes_fails(at, caplog, monkeypatch):
    worker = make_worker(at, local=Part("idle", MINUTE, lambda at: 0), mail=Part("mail", MINUTE, lambda at: 0))
    monkeypatch.setattr(worker.rounds["mail"], "once", lambda at: 1 / 0)

    assert not worker.run(interval=0.01)
    assert "A lane of the worker failed" in caplog.text


def test_every_part_is_in_the_reference_with_its_lane_and_interval():
    names = {dt.timedelta(): "second", MINUTE: "minute", 15 * MINUTE: "quarter of an hour"}
    names |= {dt.timedelta(hours=1): "hour", dt.timedelta(days=1): "day"}
    text = (settings.BASE_DIR / "docs/reference/worker.md").read_text()
    told = [tuple(cell.strip() for cell in line.split("|")[1:4]) for line in text.splitlines() if line.startswith("|")]

    parts = [(lane, part.name, names[part.every]) for lane, parts in standard_lanes().items() for part in parts]

    assert told[2:] == parts


@pytest.mark.django_db
def test_carts_untouched_for_thirty_days_are_deleted(at):
    old = Cart.objects.create(created_at=at, updated_at=at - dt.timedelta(days=30, seconds=1))
    kept = Cart.objects.create(created_at=at, updated_at=at - dt.timedelta(days=30))

    deleted = purge_carts(at=at, limit=10)

    assert deleted == 1
    assert not Cart.objects.filter(pk=old.pk).exists()
    assert Cart.objects.filter(pk=kept.pk).exists()


@pytest.mark.django_db
def test_delivered_outbox_rows_are_deleted_after_thirty_days_and_others_kept(at):
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
def test_the_command_runs_one_round(capsys):
    call_command("run_worker", once=True)

    assert "outbox of emails: 0" in capsys.readouterr().out


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
        # Without tables every part fails and is logged: the loop is running and continues.
        while "payment inbox" not in (line := process.stderr.readline()):
            assert line, "the worker stopped by itself"
        time.sleep(0.2)
        process.send_signal(number)
        process.communicate(timeout=20)
    finally:
        process.kill()

    assert process.returncode == 0


@pytest.mark.django_db
@pytest.mark.parametrize("hanging", ["local", "bank", "mail"])
def test_a_worker_stops_in_time_whichever_lane_hangs(at, monkeypatch, hanging):
    monkeypatch.setattr("storefront.services.worker.STOP_SECONDS", 0.1)
    hangs, over = threading.Event(), threading.Event()

    def hang(at: dt.datetime) -> int:
        hangs.set()
        return int(over.wait(20))

    def stop(at: dt.datetime) -> int:
        assert hangs.wait(20)
        worker.stop()
        return 0

    parts = dict.fromkeys(("local", "bank", "mail"), Part("stop", MINUTE, stop))
    worker = make_worker(at, **{**parts, hanging: Part("hang", MINUTE, hang)})

    try:
        assert worker.run(interval=0.01)
        assert not over.is_set()
    finally:
        over.set()


@pytest.mark.django_db
def test_a_worker_of_a_shop_without_an_owner_says_so(capsys):
    run_worker.Command()._miss_owner()
    assert "This shop has no owner yet" in capsys.readouterr().err

    make_staff("owner")
    run_worker.Command()._miss_owner()
    assert capsys.readouterr().err == ""
