"""Redis as an optional cache: while it is silent or gone, the shop goes on without it."""

import logging
import time
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

logger = logging.getLogger(__name__)

ANSWER_SECONDS = 0.5
# Seconds without asking after a failure: each attempt would cost its visitor half a second.
REST_SECONDS = 5.0
_asleep_until: dict[str, float] = {}


class ForgivingRedisCache(RedisCache):
    """Answer as an empty cache when Redis does not; sessions and orders are in the database and do not care."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        patience = {
            "socket_connect_timeout": ANSWER_SECONDS,
            "socket_timeout": ANSWER_SECONDS,
            "retry": Retry(NoBackoff(), 0),
        }
        super().__init__(server, params | {"OPTIONS": patience | params.get("OPTIONS", {})})
        self._place = str(server)

    def _try(self, instead: Any, method: str, *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() < _asleep_until.get(self._place, 0.0):
            return instead
        try:
            return getattr(super(), method)(*args, **kwargs)
        except (RedisError, OSError) as error:
            _asleep_until[self._place] = time.monotonic() + REST_SECONDS
            logger.warning("Redis does not answer, going on without a cache: %s", error)
            return instead

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return self._try(True, "add", key, value, timeout, version)

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        return self._try(default, "get", key, default, version)

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        self._try(None, "set", key, value, timeout, version)

    def touch(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return self._try(False, "touch", key, timeout, version)

    def delete(self, key: str, version: int | None = None) -> bool:
        return self._try(False, "delete", key, version)

    def get_many(self, keys: Any, version: int | None = None) -> dict[str, Any]:
        return self._try({}, "get_many", keys, version)

    def has_key(self, key: str, version: int | None = None) -> bool:
        return self._try(False, "has_key", key, version)

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        value = self._try(None, "incr", key, delta, version)
        if value is None:
            raise ValueError(f"Key '{key}' not found")
        return value

    def set_many(self, data: dict, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> list[str]:
        return self._try([], "set_many", data, timeout, version)

    def delete_many(self, keys: Any, version: int | None = None) -> None:
        self._try(None, "delete_many", keys, version)

    # The stubs know no answer; that of Redis is whether there was something to clear.
    def clear(self) -> bool:  # type: ignore[override]
        return self._try(False, "clear")
