"""A whole shop for the browser: PostgreSQL, demo products, gunicorn, worker and demo bank, on ports of its own."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from tests.pgserver import Server
from tests.seeds import migrated_cluster
from tests.servers import ROOT, free_port, wait_until_up


class LiveShop:
    """A shop started once a session; `url` is the shop, `bank_url` the demo bank's page."""

    def __init__(self) -> None:
        self.var = pathlib.Path(tempfile.mkdtemp(prefix="vitrine-browser-"))
        self.database = Server()
        self.port, self.bank_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.bank_url = f"http://127.0.0.1:{self.bank_port}"
        self.processes: list[subprocess.Popen] = []
        self.environment = {
            **{
                key: value
                for key, value in os.environ.items()
                if not key.startswith(("DATABASE_URL", "TEST_", "PYTEST"))
            },
            "DJANGO_SETTINGS_MODULE": "storefront.settings.embedded",
            "VAR_DIR": str(self.var),
            "SITE_URL": self.url,
            "DEMO": "1",
            "DEMO_BANK_URL": self.bank_url,
            "DEMO_BANK_SECRET": "a secret of this test run, long enough to be one",
            "DEMO_BANK_PORT": str(self.bank_port),
            "DEMO_BANK_WEBHOOK_URL": f"{self.url}/payments/demo_bank/webhook/",
            "DEMO_BANK_BOOK": str(self.var / "bank.sqlite3"),
            "PYTHONUNBUFFERED": "1",
        }

    def start(self) -> None:
        """Create the data, start every process and wait until the shop answers."""
        self.database.start(migrated_cluster())
        self.database._run(
            self.database.bin / "createdb", "-h", self.database.folder, "-U", "shop", "-T", "tpl", "shop"
        )
        self.environment["DATABASE_URL"] = self.database.url("shop")
        self.manage("setup_shop")
        self.manage("load_demo", "--history", "none")
        self.manage("collectstatic", "--noinput", "-v0")
        self._process("-m", "orders.gateways.demo_bank.server")
        self._process(
            "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "-w", "1",
            "-b", f"127.0.0.1:{self.port}", "storefront.wsgi:application",
        )  # fmt: skip
        self._process("manage.py", "run_worker")
        wait_until_up(f"{self.url}/readyz", seconds=30)

    def manage(self, *arguments: str) -> str:
        """Run a management command; return its output."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=self.environment, check=True, stdout=subprocess.PIPE, text=True,
        ).stdout  # fmt: skip

    def broken_invariants(self) -> list[dict]:
        """Return the invariants that are broken now."""
        done = subprocess.run(
            [sys.executable, "manage.py", "check_invariants", "--json"],
            cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
        return [check for check in json.loads(done.stdout)["checks"] if not check["ok"]]

    def mails(self) -> list[str]:
        """Return the text of every email sent so far."""
        return [path.read_text(errors="replace") for path in sorted((self.var / "mail").glob("*"))]

    def _process(self, *arguments: str) -> None:
        with (self.var / f"{len(self.processes)}.log").open("w") as log:
            self.processes.append(
                subprocess.Popen([sys.executable, *arguments], cwd=ROOT, env=self.environment, stdout=log, stderr=log)
            )

    def logs(self) -> str:
        """Return the output of the processes."""
        return "\n".join(path.read_text(errors="replace") for path in sorted(self.var.glob("*.log")))

    def stop(self) -> None:
        """End every process and remove the data."""
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
        self.database.stop()
        self.database.remove()
        shutil.rmtree(self.var, ignore_errors=True)
