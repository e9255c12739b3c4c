"""Truth of kept pages: whatever changes, a second later every process shows what a shop without any keeping shows.

Real HTTP, four processes that keep pages and one that does not, on one PostgreSQL. Each listens at a port of its own,
so that every process is asked: behind one port an idle machine gives request after request to the same one. Changes
are drawn from a seed (TRUTH_SEED), so that a failure can be replayed.
"""

import contextlib
import os
import pathlib
import random
import re
import time
from collections.abc import Iterator

import pytest
from django.db import connection

from common.page_changes.triggers import install, trigger_name
from products.models import Price, Sku
from tests.races.harness import Shop, answering, running
from tests.truth.changes import CHANGES, World, addresses, build

# The clock of the shop runs on, and bands are set by hand.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.violates]
SECONDS = float(os.environ.get("TRUTH_SECONDS", "20"))
SEED = int(os.environ.get("TRUTH_SEED", "20261128"))
PROCESSES = 4
# Every process asks at most every half second; the rest is for drawing on a busy machine.
AFTER = 1.0
# The front answers those who take it (storefront/front.py).
GZIP = {"Accept-Encoding": "gzip"}
_PORT = re.compile(r"127\.0\.0\.1(?::|%3A)\d+")


@contextlib.contextmanager
def both(var: pathlib.Path) -> Iterator[tuple[list[Shop], Shop]]:
    """The processes that keep pages and the one that keeps nothing, with the same clock."""
    with contextlib.ExitStack() as stack:
        plain = stack.enter_context(running(var, workers=1, keeps_pages=False))
        begun = [Shop(var, workers=1, offset=plain.offset) for _ in range(PROCESSES)]
        for shop in begun:
            stack.callback(shop.stop)
        yield [stack.enter_context(answering(shop)) for shop in begun], plain


def seen(site: Shop, paths: list[str]) -> dict[str, tuple[int, str]]:
    answers = []
    for start in range(0, len(paths), 8):
        answers += site.at_once([site.request("GET", path, GZIP) for path in paths[start : start + 8]])
    return {path: (answer.status, _PORT.sub("", answer.body)) for path, answer in zip(paths, answers, strict=True)}


def stale(sites: list[Shop], plain: Shop, paths: list[str]) -> list[str]:
    """Return where a process shows something else than the one that keeps nothing.

    That one is asked before and after: a planned price may begin meanwhile.
    """
    before = seen(plain, paths)
    # Twice: the first request may have Django ask the feed, the second finds the front in its place.
    shown = [seen(site, paths) for site in sites for _ in range(2)]
    after = seen(plain, paths)
    return [
        f"process {number // 2 + 1}, {path}: {first_difference(one[path], after[path])}"
        for path in paths
        for number, one in enumerate(shown)
        if one[path] not in (before[path], after[path])
    ]


def first_difference(one: tuple[int, str], other: tuple[int, str]) -> str:
    """Return where two answers part."""
    if one[0] != other[0]:
        return f"{one[0]} for {other[0]}"
    at = next((n for n, (a, b) in enumerate(zip(one[1], other[1], strict=False)) if a != b), 0)
    return f"{one[1][at - 60 : at + 60]!r} for {other[1][at - 60 : at + 60]!r}"


def crawl(sites: list[Shop], plain: Shop, seconds: float, changes=CHANGES) -> tuple[int, list[str]]:
    """Change and compare until the time is over or something is stale; return the number of changes and what was."""
    world, ends, done = World(random.Random(SEED), plain.now), time.monotonic() + seconds, 0
    paths = addresses()
    for site in sites:
        seen(site, paths)
    while time.monotonic() < ends:
        change = world.rng.choice(changes)
        change(world)
        done += 1
        asked = world.rng.sample(paths, 8)
        # In the first second both the old and the new are right; asked for, they are kept or dropped.
        for site in sites:
            seen(site, asked)
        time.sleep(AFTER)
        found = stale(sites, plain, world.rng.sample(paths, 8))
        if found:
            return done, [f"change {done} ({change.__name__}, seed {SEED}): {path}" for path in found]
    return done, []


def test_a_second_after_any_change_every_process_shows_the_truth(tmp_path):
    build()
    with both(tmp_path) as (sites, plain):
        done, found = crawl(sites, plain, SECONDS)

        assert found == []
        assert done > 1
        assert stale(sites, plain, addresses()) == []
    print(f"Truth: {done} changes in {SECONDS:.0f} s, nothing stale")  # noqa: T201


def test_without_a_trigger_it_is_seen(tmp_path):
    build()
    name = trigger_name("products_price", "INSERT")
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name} ON products_price")
    try:
        with both(tmp_path) as (sites, plain):

            def unseen(world: World) -> None:
                Price.objects.create(
                    sku=Sku.objects.get(code="T1"), amount=world.rng.randint(100, 900), starts_at=world.now(),
                    source="test", actor_label="test", created_at=world.now(),
                )  # fmt: skip

            path = Sku.objects.get(code="T1").product.pages.get().url
            for site in sites:
                seen(site, [path])
            unseen(World(random.Random(SEED), plain.now))
            time.sleep(AFTER)
            assert len(stale(sites, plain, [path])) == 2 * PROCESSES
    finally:
        install()
