"""A limit on the calls a process has in flight to one gateway, so that a silent gateway ties up few threads."""

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from orders.gateways.base import GatewayRefused, GatewayUnavailable

CALLS_AT_ONCE = 3
# After this many timeouts in a row the gateway is left alone for the pause; then one call at a time tries it.
SILENCES = 2
PAUSE_SECONDS = 10.0


class Circuit:
    """One process's calls to one gateway. Nothing here waits: a call that may not be made is refused at once."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._in_flight = self._silences = 0
        self._closed_until = -math.inf

    @contextmanager
    def call(self, *, patience: float) -> Iterator[None]:
        """Let one call through. Raises GatewayUnavailable if enough calls are in flight or the circuit is open.

        A GatewayUnavailable that took at least half of `patience` seconds counts as silence; a quick one harms nobody.
        """
        began = self._enter()
        is_silent: bool | None = None
        try:
            yield
            is_silent = False
        except GatewayRefused:
            is_silent = False
            raise
        except GatewayUnavailable:
            is_silent = self._clock() - began >= patience / 2
            raise
        finally:
            self._leave(is_silent)

    def _enter(self) -> float:
        with self._lock:
            at_once = CALLS_AT_ONCE if self._silences < SILENCES else 1
            if self._clock() < self._closed_until or self._in_flight >= at_once:
                raise GatewayUnavailable("The gateway is busy or silent; the worker will ask it later.")
            self._in_flight += 1
            return self._clock()

    def _leave(self, is_silent: bool | None) -> None:
        with self._lock:
            self._in_flight -= 1
            if is_silent is None:
                return
            self._silences = self._silences + 1 if is_silent else 0
            if self._silences >= SILENCES:
                self._closed_until = self._clock() + PAUSE_SECONDS
