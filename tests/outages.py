"""A shop in separate processes whose database a test takes down: gunicorn on SQLite or PostgreSQL."""

import contextlib
import http.client
import os
import pathlib
import resource
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from tests.seeds import copy_migrated_file
from tests.servers import ROOT, free_port, wait_until_up

GOODS = """
from products.tests.factories import make_product, make_tree
from stock.tests.factories import make_shop
make_tree()
make_product(title="Rye", codes=("RYE",), stock={make_shop(): "50"})
"""
ADD = urlencode({"code": "RYE", "quantity": "1"}).encode()


@contextlib.contextmanager
def on_sqlite(var: pathlib.Path, *, goods: str = GOODS, threads: int) -> "Iterator[Site]":
    """Start a shop on a database file of its own, with the products that the code `goods` makes."""
    site = Site(var, f"sqlite:///{var / 'shop.sqlite3'}", WEB_THREADS=str(threads))
    try:
        copy_migrated_file(var / "shop.sqlite3")
        site.manage("shell", "-v0", "-c", goods)
        site.web()
        yield site
    finally:
        site.close()


@dataclass(frozen=True)
class Answer:
    """One response; `retry_after` is the header of that name."""

    status: int
    retry_after: str
    content_type: str
    text: str


class Site:
    """A shop with one product; `web()` starts gunicorn, `close()` ends every process."""

    def __init__(self, var: pathlib.Path, database_url: str, **environment: str) -> None:
        self.var = var
        self.port = free_port()
        self.processes: list[subprocess.Popen] = []
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("TEST_", "PYTEST", "VITRINE_"))}
        self.environment = {
            **kept,
            "DATABASE_URL": database_url,
            "DJANGO_SETTINGS_MODULE": "storefront.settings.test",
            "DEMO": "0",
            "VAR_DIR": str(var),
            "SITE_URL": f"http://127.0.0.1:{self.port}",
            "PYTHONUNBUFFERED": "1",
            **environment,
        }

    def manage(self, *arguments: str) -> str:
        """Run a management command; return its output."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=self.environment, check=True, stdout=subprocess.PIPE, text=True,
        ).stdout  # fmt: skip

    def start(self, name: str, *command: str, largest_file: int = 0) -> subprocess.Popen:
        """Start a Python process that logs to `<name>.log`; `largest_file` limits its files, as a full disk would."""

        def limit() -> None:
            if largest_file:
                resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))

        with (self.var / f"{name}.log").open("w") as log:
            process = subprocess.Popen(
                [sys.executable, *command], cwd=ROOT, env=self.environment, stdout=log, stderr=log, preexec_fn=limit
            )
        self.processes.append(process)
        return process

    def web(self, largest_file: int = 0) -> None:
        """Start gunicorn and wait until it answers."""
        bind = f"127.0.0.1:{self.port}"
        gunicorn = ("-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "-b", bind, "storefront.wsgi")
        self.start("web", *gunicorn, largest_file=largest_file)
        wait_until_up(f"http://{bind}/healthz", seconds=60, log=self.var / "web.log")

    def ask(self, path: str, method: str = "GET", body: bytes | None = None, accept: str = "text/html") -> Answer:
        """Send one request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Accept": accept, "Sec-Fetch-Site": "same-origin", "Connection": "close"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
        finally:
            connection.close()
        return Answer(answer.status, answer.getheader("Retry-After", ""), answer.getheader("Content-Type", ""), text)

    def log(self, name: str = "web") -> str:
        return (self.var / f"{name}.log").read_text(errors="replace")

    def close(self) -> None:
        """End every process."""
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
