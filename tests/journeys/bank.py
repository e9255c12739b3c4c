"""The demo bank as a process of its own, beside a live shop."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


class Bank:
    """Runs the bank's server; `url` is its address."""

    def __init__(self, folder: Path, shop_url: str, secret: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "orders.gateways.demo_bank.server"],
            cwd=ROOT,
            env={
                **os.environ,
                "DEMO_BANK_BOOK": str(folder / "bank.sqlite3"),
                "DEMO_BANK_PORT": str(self.port),
                "DEMO_BANK_URL": self.url,
                "DEMO_BANK_SECRET": secret,
                "DEMO_BANK_WEBHOOK_URL": f"{shop_url}/payments/demo_bank/webhook/",
            },
        )
        for _ in range(100):
            try:
                urllib.request.urlopen(f"{self.url}/healthz", timeout=1).read()
                return
            except urllib.error.HTTPError:
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("the demo bank does not answer")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)
