"""Limits of the whole site: exact, kept for their window, shared, and without a record of who is counted."""

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache import cache
from django.db import connection

from common import throttle
from common.models import ThrottleCount

pytestmark = pytest.mark.django_db
LIMIT = throttle.Limit("test", 3, 60, "person", "tries")
MINUTE = dt.timedelta(minutes=1)


@pytest.mark.sqlite
def test_counts_up_to_the_limit_and_no_further(at):
    counts = [throttle.take(LIMIT, "anna", at=at) for _ in range(5)]

    assert counts == [1, 2, 3, 0, 0]
    assert throttle.is_used_up(LIMIT, "anna", at=at)
    assert ThrottleCount.objects.get().used == 3


def test_each_limit_has_a_separate_count_for_each_person(at):
    for _ in range(3):
        throttle.take(LIMIT, "anna", at=at)

    assert throttle.take(LIMIT, "boris", at=at) == 1
    assert throttle.take(throttle.Limit("other", 3, 60, "person", "tries"), "anna", at=at) == 1


@pytest.mark.sqlite
def test_the_window_starts_with_the_first_count_and_expires(at):
    for seconds in (0, 30, 59):
        throttle.take(LIMIT, "anna", at=at + dt.timedelta(seconds=seconds))

    assert throttle.take(LIMIT, "anna", at=at + dt.timedelta(seconds=59)) == 0
    assert not throttle.is_used_up(LIMIT, "anna", at=at + MINUTE)
    assert throttle.take(LIMIT, "anna", at=at + MINUTE) == 1


def test_a_clock_set_back_locks_nobody_out(at):
    for _ in range(3):
        throttle.take(LIMIT, "anna", at=at + dt.timedelta(days=1))

    assert not throttle.is_used_up(LIMIT, "anna", at=at)
    assert throttle.take(LIMIT, "anna", at=at) == 1


def test_a_clock_slightly_behind_counts_in_the_same_window(at):
    for _ in range(3):
        throttle.take(LIMIT, "anna", at=at)

    assert throttle.is_used_up(LIMIT, "anna", at=at - dt.timedelta(seconds=30))
    assert throttle.take(LIMIT, "anna", at=at - dt.timedelta(milliseconds=1)) == 0


def test_a_released_attempt_can_be_used_again(at):
    for _ in range(3):
        throttle.take(LIMIT, "anna", at=at)

    throttle.give_back(LIMIT, "anna")

    assert throttle.take(LIMIT, "anna", at=at) == 3
    assert throttle.take(LIMIT, "anna", at=at) == 0


def test_releasing_an_attempt_never_counted_changes_nothing(at):
    throttle.give_back(LIMIT, "anna")

    assert not ThrottleCount.objects.exists()


def test_forgetting_resets_the_count(at):
    for _ in range(3):
        throttle.take(LIMIT, "anna", at=at)

    throttle.forget(LIMIT, "anna")

    assert throttle.take(LIMIT, "anna", at=at) == 1


@pytest.mark.parametrize(
    ("later", "wait", "words"),
    [(0, 60, "in a minute"), (59, 1, "in a minute")],
)
def test_the_refusal_says_when_to_try_again(at, later, wait, words):
    for _ in range(3):
        throttle.take(LIMIT, "anna", at=at)

    with pytest.raises(throttle.TooManyAttempts) as refusal:
        throttle.take_or_refuse(LIMIT, "anna", at=at + dt.timedelta(seconds=later))

    assert refusal.value.extra == {"retry_after": wait}
    assert words in refusal.value.message


def test_a_long_wait_is_stated_in_minutes(at):
    limit = throttle.Limit("hourly", 1, 3600, "person", "tries")
    throttle.take(limit, "anna", at=at)

    with pytest.raises(throttle.TooManyAttempts, match="in 60 minutes"):
        throttle.take_or_refuse(limit, "anna", at=at)


def test_the_table_does_not_reveal_who_is_counted(at):
    throttle.take(LIMIT, "anna@example.com", at=at)

    assert "anna" not in ThrottleCount.objects.get().key


def test_counts_outlive_the_cache(at):
    for _ in range(3):
        throttle.take(LIMIT, "anna", at=at)

    for number in range(1000):
        throttle.take(LIMIT, f"stranger {number}", at=at)
    cache.clear()

    assert throttle.take(LIMIT, "anna", at=at) == 0


def test_expired_windows_are_purged(at):
    throttle.take(LIMIT, "anna", at=at)
    throttle.take(LIMIT, "boris", at=at + dt.timedelta(seconds=30))

    assert throttle.purge(at=at + MINUTE) == 1
    assert ThrottleCount.objects.count() == 1


def test_every_limit_has_its_own_code(monkeypatch):
    monkeypatch.setattr(throttle, "LIMITS", {})
    throttle.declare("test-once", amount=1, seconds=1, per="person", counts="tries")
    throttle.declare("test-once", amount=1, seconds=1, per="person", counts="tries")

    with pytest.raises(ValueError, match="test-once"):
        throttle.declare("test-once", amount=2, seconds=1, per="person", counts="tries")


@pytest.mark.django_db(transaction=True)
def test_simultaneous_connections_share_the_limit(at):
    together = threading.Barrier(12)

    def ask(_number: int) -> int:
        try:
            connection.ensure_connection()
            together.wait(30)
            return throttle.take(LIMIT, "anna", at=at)
        finally:
            connection.close()

    with ThreadPoolExecutor(12) as pool:
        counts = list(pool.map(ask, range(12)))

    assert sorted(counts) == [0] * 9 + [1, 2, 3]
