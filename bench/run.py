"""`make bench`: the shop compared with a bare Django page and a minimal checkout, at the same time.

The figure to trust is CPU-ms a request (app and database, from the kernel's accounting), and the
figure to quote is its ratio to the floor: requests a second depend on what else the machine is doing.
"""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

from bench.client import HOST, Slice, Step, Visitor, hidden, run
from tests.pgserver import Server
from tests.seeds import migrated_cluster

ROOT = pathlib.Path(__file__).resolve().parent.parent
SECONDS = float(os.environ.get("SECONDS", "4"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
CLIENTS = int(os.environ.get("CLIENTS", "4"))
PRODUCTS = int(os.environ.get("PRODUCTS", "1000"))
TICK = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def cpu_seconds(match: Callable[[str], bool]) -> float:
    """Return the total user and system time so far of the processes whose command line matches."""
    total = 0
    for folder in pathlib.Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
            if match(command):
                fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
                total += sum(int(field) for field in fields[11:15])
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
    return total / TICK


class Site:
    """A gunicorn with two workers, killed at the end."""

    def __init__(self, module: str, environment: dict[str, str]) -> None:
        self.port = free_port()
        self.name = f"bench-{self.port}"
        command = [sys.executable, "-m", "gunicorn", "-w", "2", "--no-control-socket", "-b", f"{HOST}:{self.port}"]
        self.process = subprocess.Popen(
            [*command, "--name", self.name, "--log-level", "warning", module],
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

    def cpu(self) -> float:
        return cpu_seconds(lambda command: f"{HOST}:{self.port}" in command)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)


def get(path: str) -> Step:
    return lambda visitor, number: visitor.ask("GET", path)[0] == 200


def floor_checkout(visitor: Visitor, number: int) -> bool:
    return visitor.ask("POST", "/checkout", {})[0] == 200


class Journey:
    """A guest from the product page to the placed order: product, add, cart, checkout, place, receipt."""

    def __init__(self, product: str, code: str, shop: str) -> None:
        self.product, self.code, self.shop = product, code, shop

    def __call__(self, visitor: Visitor, number: int) -> bool:
        visitor.cookies.clear()
        visitor.ask("GET", self.product)
        status, where, _ = visitor.ask("POST", "/cart/add/", {"code": self.code, "quantity": "1"})
        if status != 303:
            return False
        visitor.ask("GET", where)
        _, _, page = visitor.ask("GET", "/checkout/")
        form = {
            "name": "Bench Buyer",
            "phone": "+31205550199",
            "email": f"bench{number}@example.test",
            "shop": self.shop,
            "payment_method": "on_collection",
            "confirmed_total": hidden(page, "confirmed_total"),
            "csrfmiddlewaretoken": hidden(page, "csrfmiddlewaretoken"),
        }
        status, where, _ = visitor.ask("POST", "/checkout/", form)
        return status == 303 and visitor.ask("GET", where)[0] == 200


def measure(site: Site, database: str, step: Step, clients: int) -> tuple[float, Slice]:
    """Return CPU-ms a request, and the slice; a short slice first warms up."""
    run(step, port=site.port, clients=clients, seconds=min(1.0, SECONDS))

    def spent() -> float:
        return site.cpu() + cpu_seconds(lambda command: command.startswith("postgres:") and f" {database} " in command)

    before = spent()
    seen = run(step, port=site.port, clients=clients, seconds=SECONDS)
    if seen.failed:
        raise RuntimeError(f"{seen.failed} of {seen.count} answers were refused")
    return (spent() - before) * 1000 / seen.count, seen


def main() -> None:
    """Start both sites on one PostgreSQL, measure them in turn and print ratios of medians."""
    var = pathlib.Path(tempfile.mkdtemp(prefix="vitrine-bench-"))
    server = Server()
    server.start(migrated_cluster())
    sites: list[Site] = []
    try:
        server._run(server.bin / "createdb", "-h", server.folder, "-U", "shop", "-T", "tpl", "shop")
        server._run(server.bin / "createdb", "-h", server.folder, "-U", "shop", "floor")
        floor_env = {"FLOOR_DSN": server.url("floor"), "PYTHONPATH": str(ROOT)}
        subprocess.run(
            [sys.executable, "-m", "bench.floor", "schema"], cwd=ROOT, env={**os.environ, **floor_env}, check=True
        )
        shop_env = {
            "DJANGO_SETTINGS_MODULE": "storefront.settings.embedded",
            "DATABASE_URL": server.url("shop"),
            "VAR_DIR": str(var),
            "DEMO": "0",
        }
        described = subprocess.run(
            [sys.executable, "-m", "bench.prepare", str(PRODUCTS)],
            cwd=ROOT,
            env={**os.environ, **shop_env},
            check=True,
            capture_output=True,
            text=True,
        )
        shop = json.loads(described.stdout.strip().splitlines()[-1])
        sites = [Site("bench.floor:application", floor_env), Site("storefront.wsgi:application", shop_env)]
        report(*sites, shop)
    finally:
        for site in sites:
            site.stop()
        server.stop()
        server.remove()
        shutil.rmtree(var, ignore_errors=True)


def report(floor: Site, site: Site, shop: dict[str, str]) -> None:
    """Measure every row ROUNDS times, in turn, and print the medians."""
    journey = Journey(shop["product"], shop["code"], shop["shop"])
    rows = [
        ("bare hello", floor, "floor", get("/hello"), "page"),
        ("floor page", floor, "floor", get("/page"), "page"),
        ("product", site, "shop", get(shop["product"]), "page"),
        ("category", site, "shop", get(shop["category"]), "page"),
        ("home", site, "shop", get("/"), "page"),
        ("search", site, "shop", get("/search/?q=bread"), "page"),
        ("floor checkout", floor, "floor", floor_checkout, "checkout"),
        ("guest journey", site, "shop", journey, "checkout"),
    ]
    seen: dict[str, list[tuple[float, Slice]]] = {name: [] for name, *_ in rows}
    for number in range(ROUNDS):
        for name, where, database, step, _ in rows:
            seen[name].append(measure(where, database, step, CLIENTS))
            print(f"round {number + 1}: {name}", file=sys.stderr)
    middle = {name: sorted(values, key=lambda value: value[0])[len(values) // 2] for name, values in seen.items()}
    print(f"{PRODUCTS} products, {CLIENTS} clients, {SECONDS:g} s slices, median of {ROUNDS}")
    print(f"{'':16}{'CPU ms':>9}{'x floor':>9}{'/s':>9}{'of floor':>10}{'p50 ms':>9}{'p95 ms':>9}")
    for name, _, _, _, kind in rows:
        cpu, slice_ = middle[name]
        base_cpu, base = middle["floor page" if kind == "page" else "floor checkout"]
        print(
            f"{name:16}{cpu:9.2f}{cpu / base_cpu:9.2f}{slice_.rate:9.1f}{slice_.rate / base.rate:10.3f}"
            f"{slice_.p50:9.1f}{slice_.p95:9.1f}"
        )


if __name__ == "__main__":
    main()
