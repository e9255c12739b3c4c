"""Memory: whatever query strings robots invent, what a process keeps is bounded, and what people read stays kept."""

import pathlib
import random
import resource
from urllib.parse import urlencode

import pytest
from django.conf import settings as of_the_shop
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from common.kept_pages import store
from common.page_changes import parts
from products.tests.factories import make_category, make_product
from stock.tests.factories import make_shop
from tests.load.test_load import REQUESTS, SEED

pytestmark = pytest.mark.django_db
KEPT_BYTES = 1_000_000
READ = ("/", "/catalogue/bread/", "/products/rye/")
NAMES = ("sku", "q", "after", "sort", "a_roast", "shop", "utm_id", "x")
GROWTH = 60_000_000


@pytest.fixture
def site(settings):
    settings.PAGES_KEPT_BYTES = KEPT_BYTES
    make_product("Rye", codes=("RYE",), stock={make_shop(): "9"}, categories=[make_category("Bread")])


def resident() -> int:
    """Return how many bytes of memory this process uses."""
    return int(pathlib.Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def is_kept(client: Client, path: str) -> bool:
    with CaptureQueriesContext(connection) as seen:
        client.get(path)
    return len(seen) <= 1


def invented(rng: random.Random, names: tuple[str, ...]) -> str:
    """Return a query string that nobody has asked for before."""
    return urlencode({name: f"{rng.getrandbits(64):x}" for name in rng.sample(names, rng.randint(1, len(names)))})


def test_random_query_strings_fill_no_memory_and_drive_out_no_page(site, client):
    rng = random.Random(SEED)
    for path in (*READ, *READ):
        client.get(path)
    for number in range(REQUESTS // 10):
        client.get(f"/products/rye/?{invented(rng, ('sku', 'shop'))}&n={number}")
    before = resident()

    for _ in range(REQUESTS):
        client.get(
            f"{rng.choice(READ)}?{invented(rng, ('sku', 'q', 'after', 'sort', 'a_roast', 'shop', 'utm_id', 'x'))}"
        )

    grown = resident() - before
    print(f"\nMemory: {REQUESTS} query strings, {store.size} bytes kept, {grown / 1e6:.1f} MB more")  # noqa: T201
    assert store.size <= KEPT_BYTES
    assert len(parts._parts) <= of_the_shop.PARTS_KEPT
    assert [path for path in READ if not is_kept(client, path)] == []
    assert grown < GROWTH


def test_parameters_that_no_page_reads_take_no_room_at_all(site, client):
    rng = random.Random(SEED)
    for path in READ:
        client.get(path)
    kept = len(store)

    for _ in range(REQUESTS):
        assert is_kept(client, f"{rng.choice(READ)}?{invented(rng, ('utm_source', 'gclid', 'x', 'fbclid'))}")

    assert len(store) == kept
