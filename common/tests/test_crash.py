"""The switch that kills the process works, and the messages of a killed worker are retried."""

import datetime as dt
import os
import signal
import subprocess
import sys

import pytest

from common.crash import crash_point
from common.outbox.models import OutboxMessage
from common.outbox.services import LEASE, deliver_due, enqueue, handles

KILL = """
from django.conf import settings
settings.configure(TEST_CRASH_AT="outbox.claimed")
from common.crash import crash_point
crash_point("outbox.done")
print("lives", flush=True)
crash_point("outbox.claimed")
print("lives on", flush=True)
"""


class Killed(BaseException):
    """Raised in place of the end of the process."""


@pytest.fixture
def crash_at(settings, monkeypatch):
    def kill(process, number):
        assert (process, number) == (os.getpid(), signal.SIGKILL)
        raise Killed

    def switch(name):
        settings.TEST_CRASH_AT = name
        monkeypatch.setattr("common.crash.os.kill", kill)

    return switch


@pytest.fixture
def handled(monkeypatch):
    monkeypatch.setattr("common.outbox.services._handlers", {})
    keys: list[str] = []
    handles("test.event")(lambda message, at: keys.append(message.key))
    return keys


def test_the_named_point_kills_the_process_and_no_other_does():
    ended = subprocess.run([sys.executable, "-c", KILL], capture_output=True, text=True, check=False)

    assert ended.returncode == -signal.SIGKILL
    assert ended.stdout == "lives\n"


def test_an_unknown_point_is_refused():
    with pytest.raises(ValueError, match="no crash point"):
        crash_point("outbox.lost")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("point", "times_handled", "is_done"),
    [("outbox.claimed", 1, False), ("outbox.handled", 2, False), ("outbox.done", 1, True)],
)
def test_a_message_of_a_killed_worker_is_delivered_after_the_lease(
    at, crash_at, handled, settings, point, times_handled, is_done
):
    enqueue(event="test.event", key="one", payload={}, at=at)
    crash_at(point)

    with pytest.raises(Killed):
        deliver_due(at=at)
    settings.TEST_CRASH_AT = ""
    left = OutboxMessage.objects.get()
    early = deliver_due(at=at + LEASE - dt.timedelta(seconds=1))
    late = deliver_due(at=at + LEASE)

    assert (left.attempts, left.done_at is not None) == (1, is_done)
    assert (early, late) == (0, 0 if is_done else 1)
    assert handled == ["one"] * times_handled
    assert OutboxMessage.objects.get().done_at is not None
