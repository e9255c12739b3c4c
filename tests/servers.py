"""Helpers for processes started by tests: a free port, waiting for an answer, the demo bank."""

import os
import pathlib
import socket
import subprocess
import sys
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent


def free_port() -> int:
    """Return a port that nobody is listening on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_up(url: str, *, seconds: int, log: pathlib.Path | None = None) -> None:
    """Wait until `url` answers; raise RuntimeError with the end of `log` if it does not in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(url, timeout=2).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(log.read_text()[-4000:] if log else f"{url} does not answer")


class BankProcess:
    """The demo bank in a process of its own, with `environment` besides its address and book; `url` is the address."""

    def __init__(self, folder: pathlib.Path, environment: dict[str, str]) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.log = folder / "bank.log"
        with self.log.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "orders.gateways.demo_bank.server"],
                cwd=ROOT,
                env={
                    **os.environ,
                    "DEMO_BANK_BOOK": str(folder / "bank.sqlite3"),
                    "DEMO_BANK_PORT": str(port),
                    "DEMO_BANK_URL": self.url,
                    **environment,
                },
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            wait_until_up(f"{self.url}/healthz", seconds=15, log=self.log)
        except RuntimeError:
            self.stop()
            raise

    def stop(self) -> None:
        """End the process and wait for it."""
        self.process.terminate()
        self.process.wait(15)
