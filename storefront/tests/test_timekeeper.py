"""The worker's clock: jumps are noticed, and irreversible work then waits for a while."""

import datetime as dt

import pytest
from django.db import connection

from storefront.services.timekeeper import CAUTION, Timekeeper, database_clock

SECOND, DAY = dt.timedelta(seconds=1), dt.timedelta(days=1)


class Clocks:
    """A wall clock and a stopwatch set by a test."""

    def __init__(self, at: dt.datetime) -> None:
        self.at, self.passed = at, 0.0
        self.keeper = Timekeeper(lambda: self.at, lambda: self.passed)

    def go(self, seconds: float, jump: dt.timedelta = dt.timedelta()) -> bool:
        """Let time pass, make the wall clock jump as well, and return whether the clock is trusted."""
        self.passed += seconds
        self.at += dt.timedelta(seconds=seconds) + jump
        assert self.keeper.now() == self.at
        return self.keeper.is_trusted()


def test_a_clock_that_keeps_time_is_trusted(at, caplog):
    clocks = Clocks(at)

    assert [clocks.go(1), clocks.go(3600), clocks.go(1, 119 * SECOND), clocks.go(1, -119 * SECOND)] == [True] * 4
    assert caplog.text == ""


def test_a_clock_that_jumps_ahead_is_not_trusted_for_ten_minutes(at, caplog):
    clocks = Clocks(at)
    clocks.go(0)

    assert not clocks.go(1, DAY)
    assert "The clock jumped ahead by 1 day, 0:00:00: nothing is ended or deleted for 0:10:00" in caplog.text
    assert not clocks.go(CAUTION.total_seconds() - 1)
    assert clocks.go(1)


def test_a_corrected_clock_is_trusted_at_once(at, caplog):
    clocks = Clocks(at)
    clocks.go(0)
    clocks.go(1, DAY)

    assert clocks.go(60, -DAY)
    assert "The clock jumped back by 1 day" in caplog.text


@pytest.mark.django_db
def test_the_worker_takes_the_time_from_the_database(monkeypatch, settings):
    monkeypatch.setattr("common.clock.now", lambda: dt.datetime(2000, 1, 1, tzinfo=dt.UTC))
    settings.TEST_CLOCK_OFFSET = 0

    assert (database_clock().year > 2020) == (connection.vendor == "postgresql")
