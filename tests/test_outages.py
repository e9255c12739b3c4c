"""A database that is locked, down or full: visitors get an answer in time, and the shop recovers by itself.

Real gunicorn. The tests assert the order of events, never a number of seconds.
"""

import json
import sqlite3
import threading

import pytest

from tests.outages import ADD, GOODS, Site, on_sqlite
from tests.pgserver import Server
from tests.seeds import migrated_cluster
from tests.servers import wait_until_up

THREADS = 8
ORDER = f"/orders/{'A' * 43}/"


@pytest.fixture(scope="module")
def sqlite_site(tmp_path_factory):
    with on_sqlite(tmp_path_factory.mktemp("sqlite"), threads=THREADS) as site:
        assert site.ask("/products/rye/").status == 200
        yield site


@pytest.fixture
def lock(sqlite_site):
    """Hold the write lock of the shop's database from another connection."""
    holder = sqlite3.connect(sqlite_site.var / "shop.sqlite3", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    yield holder
    holder.close()


def test_pages_are_served_while_writers_wait_and_writers_are_told_when_to_retry(sqlite_site, lock):
    order, answers = [], []

    def add():
        answers.append(sqlite_site.ask("/cart/add/", "POST", ADD, accept="application/json"))
        order.append("add")

    adds = [threading.Thread(target=add) for _ in range(2 * THREADS)]
    for thread in adds:
        thread.start()
    page = sqlite_site.ask("/products/rye/")
    order.append("page")
    for thread in adds:
        thread.join()
    lock.rollback()
    recovered = sqlite_site.ask("/cart/add/", "POST", ADD)

    assert page.status == 200
    assert order.index("page") < len(order) - 1
    assert {(answer.status, int(answer.retry_after) > 0) for answer in answers} == {(503, True)}
    assert {json.loads(answer.text)["code"] for answer in answers} == {"busy"}
    assert recovered.status == 303
    assert "Traceback" not in sqlite_site.log()


def test_a_full_disk_is_reported_as_an_outage_and_pages_are_served(sqlite_site):
    full = Site(sqlite_site.var, sqlite_site.environment["DATABASE_URL"])
    try:
        full.web(largest_file=40_000)
        adds = [full.ask("/cart/add/", "POST", ADD, accept="application/json") for _ in range(12)]
        page = full.ask("/products/rye/")
    finally:
        full.close()

    assert page.status == 200
    assert {answer.status for answer in adds} <= {200, 503}
    refused = [answer for answer in adds if answer.status == 503]
    assert refused and {json.loads(answer.text)["code"] for answer in refused} <= {"away", "storage_full"}
    assert all(int(answer.retry_after) > 0 for answer in refused)


@pytest.fixture
def postgresql():
    server = Server()
    server.start(migrated_cluster())
    yield server
    server.stop()
    server.remove()


def test_while_postgresql_is_down_people_are_told_and_the_shop_recovers_by_itself(postgresql, tmp_path):
    site = Site(tmp_path, postgresql.url("tpl"))
    try:
        site.manage("shell", "-v0", "-c", GOODS)
        site.web()
        before = site.ask("/products/rye/")
        postgresql.stop()
        kept = [site.ask("/products/rye/"), site.ask("/products/rye/?sku=RYE")]
        away = [site.ask(path) for path in ("/search/?q=rye", ORDER, "/x/", "/ru/")]
        script = site.ask("/cart/add/", "POST", ADD, accept="application/json")
        postgresql.launch()
        wait_until_up(f"http://127.0.0.1:{site.port}/readyz", seconds=60)
        after = site.ask("/cart/add/", "POST", ADD, accept="application/json")
    finally:
        site.close()

    assert (before.status, after.status) == (200, 200)
    # The page itself was kept; of its variant's the parts.
    assert [(answer.status, answer.text) for answer in kept] == [(200, before.text)] * 2
    assert [(answer.status, answer.retry_after) for answer in (*away, script)] == [(503, "10")] * 5
    assert all("<h1" in answer.text and "Traceback" not in answer.text for answer in away)
    details = json.loads(script.text)
    assert (details["code"], details["status"]) == ("away", 503)
    assert details["message"].endswith(".")
