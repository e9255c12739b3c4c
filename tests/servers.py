"""Helpers for servers started by tests: in a thread here, or in a process of their own."""

import contextlib
import http.server
import json
import os
import pathlib
import socket
import socketserver
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from typing import TypeVar

S = TypeVar("S", bound=socketserver.BaseServer)
ROOT = pathlib.Path(__file__).resolve().parent.parent


def free_port() -> int:
    """Return a port that nobody is listening on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class LocalServer(http.server.ThreadingHTTPServer):
    """HTTP on a free port of this machine; `url` is its address."""

    daemon_threads = True

    def __init__(self, handler: type[http.server.BaseHTTPRequestHandler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextlib.contextmanager
def serving(server: S, *, poll: float = 0.02) -> Iterator[S]:
    """Answer requests in a thread until the block ends, however it ends."""
    with server:
        threading.Thread(target=server.serve_forever, args=(poll,), daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()


def send_json(handler: http.server.BaseHTTPRequestHandler, status: int, answer: object) -> None:
    """Answer a request with JSON."""
    body = json.dumps(answer).encode()
    handler.send_response(status)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


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
