"""Load on SQLite, as `make run` has it: readers are never behind writers, and a writer that waits is told so in time.

Real HTTP to one process of eight threads, with the worker beside it.
"""

import sqlite3
from collections.abc import Iterator

import pytest

from tests.load.test_load import CLIENTS, REQUESTS, SEED
from tests.load.visitors import KINDS, Place, Visitor, let_visit
from tests.outages import Site, on_sqlite
from tests.races.harness import Wire

GOODS = """
from products.tests.factories import make_category, make_product, make_tree
from stock.tests.factories import make_shop
make_tree()
shop, bread = make_shop(), make_category("Bread")
for number in range(20):
    make_product(title=f"Thing {number}", codes=(f"T{number}",), stock={shop: "100000"}, categories=[bread])
"""
PAGES = ("/", "/catalogue/", "/catalogue/bread/", "/products/", "/search/?q=thing", "/search/suggest/?q=th", "/ru/")
NOBODY = ("none",)
PLACE = Place(
    paths=(*PAGES, *(f"/products/thing-{number}/" for number in range(20))),
    lists=("/catalogue/", "/catalogue/bread/", "/products/"),
    codes=("T1", "T2", "T3"),
    files=("/static/none.css",),
    admin=(),
    customers=NOBODY,
    editors=NOBODY,
    employees=NOBODY,
)
WRITERS = ("cart", "order")
READERS = tuple(kind for kind in KINDS if kind not in (*WRITERS, "editor", "employee"))
BUYERS, THREADS = 4, 8
# What a person waits for an answer at most.
IN_TIME = 5


class Running(Wire):
    """The way to a shop that is already running."""

    def __init__(self, port: int) -> None:
        self.port = port


@pytest.fixture(scope="module")
def shop(tmp_path_factory) -> Iterator[Site]:
    with on_sqlite(tmp_path_factory.mktemp("sqlite"), goods=GOODS, threads=THREADS) as site:
        yield site


def visitors(shop: Site, number: int, kinds: tuple[str, ...]) -> list[Visitor]:
    return [Visitor(Running(shop.port), PLACE, f"{SEED}-{kinds[0]}-{n}", kinds) for n in range(number)]


def test_nobody_who_reads_or_buys_meets_a_fault(shop):
    shop.start("worker", "manage.py", "run_worker", "--interval", "0.2")

    record = let_visit([*visitors(shop, CLIENTS, READERS), *visitors(shop, BUYERS, WRITERS)], REQUESTS)

    print(f"\nSQLite: {record.count} requests, seed {SEED}\n{record.table()}")  # noqa: T201
    assert record.faults == []
    assert record.statuses["order"][303] > 0
    assert "database is locked" not in shop.log() + shop.log("worker")


def test_a_writer_that_waits_is_told_in_time_and_readers_do_not_wait(shop):
    holder = sqlite3.connect(shop.var / "shop.sqlite3", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        buyers = visitors(shop, THREADS, ("cart",))
        record = let_visit([*buyers, *visitors(shop, 4, READERS)], REQUESTS // 10)
    finally:
        holder.close()

    print(f"\nSQLite, locked:\n{record.table()}")  # noqa: T201
    longest = max(seconds for kind in record.seconds for seconds in record.seconds[kind])
    assert {fault.split(": ")[1].split()[0] for fault in record.faults} == {"503"}
    assert all("'retry-after':" in fault and fault.startswith("cart") for fault in record.faults)
    assert longest < IN_TIME
