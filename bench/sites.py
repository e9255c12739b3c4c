"""Sites to be measured, and what they cost: CPU time and memory from the kernel's accounting."""

import os
import pathlib
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

from bench.client import HOST, Slice, Step, Visitor, run

ROOT = pathlib.Path(__file__).resolve().parent.parent
TICK = os.sysconf("SC_CLK_TCK")
# Enough for both workers to have drawn each of the pages asked for.
WARM_UP_SECONDS = 2.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def processes(match: Callable[[str], bool]) -> Iterator[pathlib.Path]:
    """Return the folders in /proc of the processes whose command line matches."""
    for folder in pathlib.Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
            except OSError:
                continue
            if match(command):
                yield folder


def cpu_seconds(match: Callable[[str], bool]) -> float:
    """Return the total user and system time so far of the processes that match."""
    total = 0
    for folder in processes(match):
        try:
            fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        total += sum(int(field) for field in fields[11:15])
    return total / TICK


class Site:
    """A gunicorn with two workers on a database, killed at the end."""

    def __init__(self, module: str, environment: dict[str, str], database: str) -> None:
        self.port, self.database = free_port(), database
        command = [sys.executable, "-m", "gunicorn", "-w", "2", "--no-control-socket", "-b", f"{HOST}:{self.port}"]
        self.process = subprocess.Popen(
            [*command, "--name", f"bench-{self.port}", "--log-level", "warning", module],
            cwd=ROOT,
            env={**os.environ, **environment},
        )
        for _ in range(150):
            try:
                Visitor(self.port).ask("GET", "/")
                return
            except OSError:
                time.sleep(0.2)
        raise RuntimeError(f"{module} does not answer")

    def _is_mine(self, command: str) -> bool:
        return f"{HOST}:{self.port}" in command

    def spent(self) -> float:
        """Return the CPU seconds of the site and of its database so far."""
        mark = f" {self.database} "
        return cpu_seconds(self._is_mine) + cpu_seconds(
            lambda command: command.startswith("postgres:") and mark in command
        )

    def memory(self) -> int:
        """Return the most MB that a worker has had."""
        peaks = [
            int(line.split()[1]) // 1024
            for folder in processes(self._is_mine)
            for line in (folder / "status").read_text().splitlines()
            if line.startswith("VmHWM")
        ]
        return max(peaks)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)


def measure(site: Site, step: Step, *, clients: int, seconds: float) -> tuple[float, Slice]:
    """Return CPU-ms a request, and the slice; a short slice first warms up."""
    run(step, port=site.port, clients=clients, seconds=min(WARM_UP_SECONDS, seconds))
    before = site.spent()
    seen = run(step, port=site.port, clients=clients, seconds=seconds)
    if seen.failed:
        raise RuntimeError(f"{seen.failed} of {seen.count} answers were refused")
    return (site.spent() - before) * 1000 / seen.count, seen


def import_seconds(*modules: tuple[str, dict[str, str]]) -> list[float]:
    """Return the CPU seconds that a new process takes to import each module, the median of five, taken in turn."""
    runs = [[_import_once(*module) for module in modules] for _ in range(5)]
    return [sorted(times)[2] for times in zip(*runs, strict=True)]


def _import_once(module: str, environment: dict[str, str]) -> float:
    done = subprocess.run(
        [sys.executable, "-c", f"import time, {module}; print(time.process_time())"],
        cwd=ROOT,
        env={**os.environ, **environment},
        check=True,
        capture_output=True,
        text=True,
    )
    return float(done.stdout.strip().splitlines()[-1])
