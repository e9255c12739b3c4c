"""`make bench`: the shop compared with a bare Django page and a minimal checkout, at the same time.

The figure to trust is CPU-ms a request (app and database, from the kernel's accounting), and the figure to quote is
its ratio to the floor: requests a second depend on what else the machine is doing. A ratio beyond its gate
(bench/goals.py) fails the run.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from typing import Any

from bench import goals
from bench.client import Slice, Step
from bench.sites import ROOT, Site, import_seconds, measure
from bench.steps import Purchase, floor_checkout, get, search, unchanged
from bench.weights import weights
from tests.pgserver import Server
from tests.seeds import migrated_cluster

SHORT = bool(os.environ.get("SHORT"))
SECONDS = float(os.environ.get("SECONDS") or (2 if SHORT else 4))
ROUNDS = int(os.environ.get("BENCH_ROUNDS") or 3)
CLIENTS = int(os.environ.get("CLIENTS") or 4)
SIZES = [int(text) for text in (os.environ.get("PRODUCTS") or ("1000" if SHORT else "1000,20000,100000")).split(",")]
FLOOR_PAGE, FLOOR_CHECKOUT, FLOOR_ALONE = "floor page", "floor checkout", "floor checkout, alone"


@dataclass(frozen=True)
class Row:
    """Something to be measured, against the floor named. `is_timed`: by how long one request of several takes."""

    name: str
    site: Site
    step: Step
    floor: str = FLOOR_PAGE
    clients: int = CLIENTS
    is_timed: bool = False


class Servers:
    """One PostgreSQL with the floor and a shop of each size; all of it is stopped and removed at the end."""

    def __init__(self) -> None:
        self.var = pathlib.Path(tempfile.mkdtemp(prefix="vitrine-bench-"))
        self.server = Server()
        self.sites: list[Site] = []

    def __enter__(self) -> "Servers":
        self.server.start(migrated_cluster())
        return self

    def __exit__(self, *error: object) -> None:
        self.stop(*self.sites)
        self.server.stop()
        self.server.remove()
        shutil.rmtree(self.var, ignore_errors=True)

    def floor(self) -> Site:
        """Start the floor on a database of its own."""
        environment = {"FLOOR_DSN": self.server.url("floor"), "PYTHONPATH": str(ROOT)}
        self._create("floor", "template1")
        _python(environment, "bench.floor", "schema")
        return self._start("bench.floor:application", environment, "floor")

    def fill(self, size: int) -> dict[str, Any]:
        """Create a shop of `size` products; return what to request of it."""
        print(f"filling a shop with {size} products", file=sys.stderr)
        (self.var / str(size)).mkdir()
        self._create(f"shop{size}", "tpl")
        return json.loads(_python(self.environment(size), "bench.prepare", str(size)).strip().splitlines()[-1])

    def shop(self, size: int, **changes: str) -> Site:
        """Start a shop that was filled."""
        return self._start("storefront.wsgi:application", {**self.environment(size), **changes}, f"shop{size}")

    def environment(self, size: int) -> dict[str, str]:
        return {
            "DJANGO_SETTINGS_MODULE": "storefront.settings.embedded",
            "DATABASE_URL": self.server.url(f"shop{size}"),
            "VAR_DIR": str(self.var / str(size)),
            "DEMO": "0",
        }

    def stop(self, *sites: Site) -> None:
        for site in sites:
            site.stop()
            self.sites.remove(site)

    def _create(self, name: str, template: str) -> None:
        server = self.server
        server._run(server.bin / "createdb", "-h", server.folder, "-U", "shop", "-T", template, name)

    def _start(self, module: str, environment: dict[str, str], database: str) -> Site:
        self.sites.append(Site(module, environment, database))
        return self.sites[-1]


def _python(environment: dict[str, str], module: str, *arguments: str) -> str:
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout


def pages(site: Site, asked: dict[str, Any], prefix: str = "") -> list[Row]:
    """Return the public pages of a shop."""
    return [
        Row(f"{prefix}product", site, get(*asked["products"])),
        Row(f"{prefix}category", site, get(*asked["categories"])),
        Row(f"{prefix}search", site, search()),
        Row(f"{prefix}home", site, get("/")),
    ]


def known_pages(site: Site, asked: dict[str, Any]) -> list[Row]:
    """Return pages that are kept."""
    return [
        Row("warm home", site, get("/")),
        Row("warm product", site, get(*asked["products"])),
        Row("unchanged", site, unchanged("/")),
    ]


def purchases(site: Site, asked: dict[str, Any]) -> list[Row]:
    """Return whole purchases; eight buyers want the same article, or different ones."""
    one = Purchase(asked["products"][:1], asked["codes"][:1], asked["shop"])
    return [
        Row("guest journey", site, Purchase.of(asked), FLOOR_CHECKOUT),
        Row("placing, alone", site, Purchase.of(asked, only_placing=True), FLOOR_ALONE, clients=1, is_timed=True),
        Row("8 buyers, many articles", site, Purchase.of(asked), FLOOR_CHECKOUT, clients=8),
        Row("8 buyers, one article", site, one, FLOOR_CHECKOUT, clients=8),
    ]


def floors(site: Site) -> list[Row]:
    return [
        Row("bare hello", site, get("/hello")),
        Row(FLOOR_PAGE, site, get("/page")),
        Row(FLOOR_CHECKOUT, site, floor_checkout, FLOOR_CHECKOUT),
        Row(FLOOR_ALONE, site, floor_checkout, FLOOR_ALONE, clients=1, is_timed=True),
    ]


def report(size: int, rows: list[Row]) -> dict[str, float]:
    """Measure every row ROUNDS times, in turn, print the medians and return {row: CPU as a multiple of the floor's}."""
    seen: dict[str, list[tuple[float, Slice]]] = {row.name: [] for row in rows}
    for number in range(ROUNDS):
        for row in rows:
            seen[row.name].append(measure(row.site, row.step, clients=row.clients, seconds=SECONDS))
        print(f"{size} products: round {number + 1} of {ROUNDS}", file=sys.stderr)
    middle = {name: sorted(values, key=lambda value: value[0])[len(values) // 2] for name, values in seen.items()}
    print(f"\n{size} products, {CLIENTS} clients, {SECONDS:g} s slices, median of {ROUNDS}")
    print(f"{'':26}{'CPU ms':>9}{'x floor':>9}{'/s':>9}{'of floor':>10}{'p50 ms':>9}{'p95 ms':>9}{'p99/p50':>9}")
    ratios = {}
    for row in rows:
        (cpu, slice_), (base_cpu, base) = middle[row.name], middle[row.floor]
        if row.is_timed:
            costs, rates = f"{'':18}", (1000 / slice_.p50, base.p50 / slice_.p50)
        else:
            ratios[row.name] = cpu / base_cpu
            costs, rates = f"{cpu:9.2f}{cpu / base_cpu:9.2f}", (slice_.rate, slice_.rate / base.rate)
        print(
            f"{row.name:26}{costs}{rates[0]:9.1f}{rates[1]:10.3f}"
            f"{slice_.p50:9.1f}{slice_.p95:9.1f}{slice_.p99 / slice_.p50:9.1f}"
        )
    return ratios


def measured(size: int, rows: list[Row]) -> dict[str, float]:
    """Return the ratios, the lower of two if one is beyond its gate at first: noise only ever adds."""
    first = report(size, rows)
    if not any(goals.beyond(size, first)):
        return first
    second = report(size, rows)
    return {name: min(ratio, second[name]) for name, ratio in first.items()}


def weigh(site: Site, asked: dict[str, Any]) -> list[str]:
    """Print the bytes of a first view; return a sentence for each that is too heavy."""
    faults = []
    for path in ("/", asked["products"][0], asked["categories"][0]):
        found = weights(site.port, path)
        parts = {"HTML": found.html, "CSS": found.css, "JS": found.js}
        print(
            f"{path}: {', '.join(f'{name} {size}' for name, size in parts.items())} bytes in {1 + len(found.files)} files"
        )
        faults += [
            f"{name} of {path}: {parts[name]} bytes" for name, most in goals.WEIGHTS.items() if parts[name] > most
        ]
    return faults


def main() -> None:
    """Measure each size in turn and fail when something is beyond its gate."""
    faults: list[str] = []
    found: dict[int, dict[str, float]] = {}
    with Servers() as servers:
        floor = servers.floor()
        for size in SIZES:
            asked = servers.fill(size)
            sites = [servers.shop(size, DJANGO_SETTINGS_MODULE="bench.cold_settings")]
            rows = [*floors(floor), *pages(sites[0], asked)]
            if size == SIZES[0]:
                sites += [servers.shop(size), servers.shop(size, DJANGO_SETTINGS_MODULE="bench.first_settings")]
                rows += [
                    *known_pages(sites[1], asked),
                    *pages(sites[2], asked, "first view: "),
                    *purchases(sites[1], asked),
                ]
            found[size] = measured(size, rows)
            faults += goals.beyond(size, found[size])
            if size == SIZES[0]:
                faults += weigh(sites[1], asked)
            print(f"most memory of a worker: {max(site.memory() for site in sites)} MB")
            servers.stop(*sites)
        ours, bare = import_seconds(("storefront.wsgi", servers.environment(SIZES[0])), ("bench.bare_wagtail", {}))
    print(f"import of the application: {ours:.2f} s, {ours / bare:.2f} x bare Wagtail's (goal {goals.IMPORT})")
    if len(SIZES) > 1:
        for name, (ratio, goal) in goals.growth(found[SIZES[0]], found[SIZES[-1]]).items():
            print(f"{name}, {SIZES[0]} to {SIZES[-1]} products: {ratio:.2f} x (goal {goal})")
    for fault in faults:
        print(f"BEYOND ITS GATE: {fault}")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
