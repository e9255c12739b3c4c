"""A small closed-loop client: each process has a connection of its own, on loopback only."""

import gzip
import http.client
import multiprocessing
import re
import statistics
import time
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Slice:
    """The results of a slice of load: requests or journeys completed, seconds, latencies in ms, refused answers."""

    count: int
    seconds: float
    p50: float
    p95: float
    p99: float
    failed: int

    @property
    def rate(self) -> float:
        return self.count / self.seconds


@dataclass(frozen=True)
class Answer:
    """An answer: `sent` are its bytes as they were sent."""

    status: int
    location: str
    etag: str
    text: str
    sent: int


class Visitor:
    """One browser: keeps its connection and cookies, reads hidden fields, follows no redirect by itself.

    `lap` is what a step of several requests wants to be measured by, in ms; `etag` is for a step to remember.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self.connection = http.client.HTTPConnection(HOST, port, timeout=30)
        self.cookies: dict[str, str] = {}
        self.lap: float | None = None
        self.etag = ""

    def ask(
        self, method: str, path: str, form: dict[str, str] | None = None, extra: Mapping[str, str] | None = None
    ) -> Answer:
        """Send one request."""
        headers = {"Host": f"{HOST}:{self.port}", "Sec-Fetch-Site": "same-origin", "Accept-Encoding": "gzip"}
        headers |= extra or {}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        body = urllib.parse.urlencode(form) if form is not None else None
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body, headers)
        response = self.connection.getresponse()
        sent = response.read()
        for cookie in response.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.split(";", 1)[0].partition("=")
            self.cookies[name] = value
        text = gzip.decompress(sent) if response.headers.get("Content-Encoding") == "gzip" else sent
        return Answer(
            status=response.status,
            location=response.headers.get("Location", ""),
            etag=response.headers.get("ETag", ""),
            text=text.decode("utf-8", "replace"),
            sent=len(sent),
        )


def hidden(text: str, name: str) -> str:
    """Return the value of an input field in a page."""
    match = re.search(rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"', text)
    return match.group(1) if match else ""


Step = Callable[[Visitor, int], bool]


def _work(step: Step, port: int, worker: int, until: float, results: multiprocessing.Queue) -> None:
    visitor, times, failed, number = Visitor(port), [], 0, 0
    while time.monotonic() < until:
        started = time.perf_counter()
        failed += 0 if step(visitor, worker * 1_000_000 + number) else 1
        times.append((time.perf_counter() - started) * 1000 if visitor.lap is None else visitor.lap)
        number += 1
    results.put((times, failed))


def run(step: Step, *, port: int, clients: int, seconds: float) -> Slice:
    """Let `clients` processes repeat `step` for `seconds`."""
    results: multiprocessing.Queue = multiprocessing.Queue()
    started = time.monotonic()
    workers = [
        multiprocessing.Process(target=_work, args=(step, port, number, started + seconds, results))
        for number in range(clients)
    ]
    for worker in workers:
        worker.start()
    gathered = [results.get() for _ in workers]
    for worker in workers:
        worker.join()
    elapsed = time.monotonic() - started
    times = sorted(value for part, _ in gathered for value in part)
    if len(times) < 2:
        raise RuntimeError("the slice was too short to measure anything")
    cuts = statistics.quantiles(times, n=100)
    failed = sum(part for _, part in gathered)
    return Slice(len(times), elapsed, statistics.median(times), cuts[94], cuts[98], failed)
