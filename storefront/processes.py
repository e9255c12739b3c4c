"""Processes that belong together: started in order, restarted when one dies, stopped as one."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

TOO_SOON = 10.0
MAX_EARLY_DEATHS = 5
STOP_SECONDS = 12.0


class ProcessesFailed(Exception):
    """A process dies every time it is started; `str()` says which."""


@dataclass
class Child:
    """A process to keep alive. `early` counts deaths in a row within ten seconds of a start."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    process: subprocess.Popen | None = None
    started: float = 0.0
    early: int = 0

    def start(self) -> None:
        """Start the process with our environment plus its own variables."""
        self.started = time.monotonic()
        self.process = subprocess.Popen(self.command, env={**os.environ, **self.environment})  # noqa: S603

    def is_alive(self) -> bool:
        """Say whether the process is running."""
        return self.process is not None and self.process.poll() is None


class Keeper:
    """A supervisor that keeps its children alive until `stop()`, which a signal handler may call."""

    def __init__(self, children: Sequence[Child], say: Callable[[str], object]) -> None:
        self.children = children
        self.say = say
        self.stopping = False

    def stop(self) -> None:
        """Ask the loop to end and stop the children."""
        self.stopping = True

    def start(self) -> None:
        """Start every child, in order."""
        for child in self.children:
            child.start()

    def watch(self) -> None:
        """Watch until `stop()` and restart children that die. Raises ProcessesFailed if that does not help."""
        while not self.stopping:
            time.sleep(0.5)
            for child in self.children:
                if not self.stopping and not child.is_alive():
                    self._revive(child)

    def end(self) -> None:
        """Ask all children to stop, wait, and kill those that do not."""
        for child in self.children:
            if child.process is not None and child.is_alive():
                child.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for child in self.children:
            if child.process is None:
                continue
            try:
                child.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                self.say(f"{child.name} does not stop; killing it.")
                child.process.kill()
                child.process.wait()

    def _revive(self, child: Child) -> None:
        code = child.process.returncode if child.process else None
        child.early = child.early + 1 if time.monotonic() - child.started < TOO_SOON else 1
        if child.early > MAX_EARLY_DEATHS:
            raise ProcessesFailed(f"{child.name} ended {child.early} times right after starting (status {code}).")
        self.say(f"{child.name} ended with status {code}; restarting it.")
        time.sleep(0.2 * child.early)
        child.start()
