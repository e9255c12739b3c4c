"""Keeping processes alive, and stopping them as one."""

import subprocess
import sys
import threading
import time

import pytest

from storefront.processes import Child, Keeper, ProcessesFailed

STAYS = [sys.executable, "-c", "import time; time.sleep(60)"]
DIES = [sys.executable, "-c", "raise SystemExit(3)"]


def test_a_dead_child_is_restarted():
    said: list[str] = []
    child = Child("The worker", STAYS, {})
    keeper = Keeper([child], said.append)
    keeper.start()
    first = child.process.pid
    watcher = threading.Thread(target=keeper.watch)
    watcher.start()

    child.process.kill()
    deadline = time.monotonic() + 10
    while child.process.pid == first and time.monotonic() < deadline:
        time.sleep(0.05)
    second = child.process.pid
    keeper.stop()
    watcher.join()
    keeper.end()

    assert second != first
    assert said == ["The worker ended with status -9; restarting it."]
    assert not child.is_alive()


def test_a_child_that_keeps_dying_stops_everything():
    said: list[str] = []
    keeper = Keeper([Child("The bank", DIES, {}), Child("The web", STAYS, {})], said.append)
    keeper.start()

    with pytest.raises(ProcessesFailed, match=r"The bank ended 6 times right after starting \(status 3\)"):
        keeper.watch()
    keeper.end()

    assert not any(child.is_alive() for child in keeper.children)


def test_a_child_gets_its_own_environment():
    child = Child("Echo", [sys.executable, "-c", "import os; raise SystemExit(int(os.environ['CODE']))"], {"CODE": "7"})
    child.start()

    assert child.process.wait() == 7


def test_a_child_that_does_not_stop_is_killed(monkeypatch):
    monkeypatch.setattr("storefront.processes.STOP_SECONDS", 0.3)
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
    said: list[str] = []
    child = Child("The deaf", [sys.executable, "-c", deaf], {})
    child.process = subprocess.Popen(child.command, stdout=subprocess.PIPE)
    child.process.stdout.readline()

    Keeper([child], said.append).end()
    child.process.stdout.close()

    assert said == ["The deaf does not stop; killing it."]
    assert not child.is_alive()
