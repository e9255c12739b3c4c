"""Truth of kept pages: whatever changes, a second later every process shows what a shop without any keeping shows.

Real HTTP, four processes that keep pages and one that does not, on one PostgreSQL. Changes are drawn from a seed
(TRUTH_SEED), so that a failure can be replayed.
"""

import contextlib
import datetime as dt
import os
import pathlib
import random
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

import pytest
from django.db import connection
from wagtail.models import PageViewRestriction, Site

from common.actors import SETUP
from common.page_changes.triggers import install, trigger_name
from products.models import Attribute, AttributeValue, CategoryPage, Price, ProductAttribute, ProductPage, Sku, TaxRate
from products.services.prices import apply_due
from products.tests.factories import make_category, make_price, make_product, make_tree
from stock.models import Shop as Place
from stock.models import ShopDay, ShopHours, StockLevel
from stock.services.receive import receive
from stock.tests.factories import make_shop
from storefront.models import ContentPage, HomePage, Identity, ShopPage
from tests.races.harness import Shop, running

# The clock of the shop runs on, and bands are set by hand.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.violates]
SECONDS = float(os.environ.get("TRUTH_SECONDS", "20"))
SEED = int(os.environ.get("TRUTH_SEED", "20261128"))
PROCESSES = 4
# Every process asks at most every half second; the rest is for drawing on a busy machine.
AFTER = 1.0
COPIES = 2 * PROCESSES


@dataclass
class World:
    """What is there to be changed."""

    rng: random.Random
    now: Callable[[], dt.datetime]

    def one(self, rows):
        return self.rng.choice(list(rows.order_by("pk")))


def build() -> None:
    make_tree()
    Identity.load()
    places = [make_shop("canal"), make_shop("market", letter="M")]
    shelves = [make_category(name) for name in ("Bread", "Tea", "Cheese")]
    roast = Attribute.objects.create(code="roast", name={"en": "Roast"}, kind="choice", is_filter=True)
    values = [
        AttributeValue.objects.create(attribute=roast, code=c, label={"en": c.title()}) for c in ("dark", "light")
    ]
    for number in range(9):
        page = make_product(
            f"Thing {number}", price=f"{number + 1}.00", codes=(f"T{number}", f"T{number}-B"),
            categories=[shelves[number % 3]], stock=dict.fromkeys(places, 5 + number),
        )  # fmt: skip
        ProductAttribute.objects.create(page=page, attribute=roast, value=values[number % 2])
    home = HomePage.objects.get()
    home.add_child(instance=ContentPage(title="About", in_footer=True))
    home.add_child(instance=ShopPage(title="Canal", shop=places[0]))


def addresses() -> list[str]:
    pages = [page.url for page in ProductPage.objects.live()] + [page.url for page in CategoryPage.objects.live()]
    return [
        "/", "/?shop=canal", "/catalogue/", "/catalogue/?sort=price", "/catalogue/?a_roast=dark", "/products/",
        "/search/?q=thing", "/search/?q=T3", "/search/suggest/?q=th", "/about/", "/canal/", *pages,
    ]  # fmt: skip


def priced(world: World) -> None:
    sku = world.one(Sku.objects.all())
    make_price(sku, world.rng.randint(1, 90), starts_at=world.now())
    apply_due(at=world.now())


def planned(world: World) -> None:
    make_price(world.one(Sku.objects.all()), world.rng.randint(1, 90), starts_at=world.now() + dt.timedelta(seconds=2))


def stocked(world: World) -> None:
    StockLevel.objects.filter(pk=world.one(StockLevel.objects).pk).update(band=world.rng.randint(0, 2))


def received(world: World) -> None:
    level = world.one(StockLevel.objects)
    receive(shop_id=level.shop_id, sku_id=level.sku_id, quantity=Decimal(3), actor=SETUP, at=world.now())


def titled(world: World) -> None:
    page = world.one(ProductPage.objects.filter(live=True))
    page.title = f"Thing {world.rng.randint(100, 999)}"
    page.save_revision().publish()


def toggled(world: World) -> None:
    page = world.one(ProductPage.objects)
    page.unpublish() if page.live else page.get_latest_revision_as_object().save_revision().publish()


def drafted(world: World) -> None:
    page = world.one(ProductPage.objects.filter(live=True))
    page.title = "Nobody sees this"
    page.save_revision()


def shelved(world: World) -> None:
    page = world.one(ProductPage.objects.filter(live=True))
    page.categories = []
    page.categories.create(category=world.one(CategoryPage.objects))
    page.save_revision().publish()


def named(world: World) -> None:
    page = world.one(CategoryPage.objects.filter(live=True))
    page.title = f"Shelf {world.rng.randint(100, 999)}"
    page.save_revision().publish()


def moved(world: World) -> None:
    first, other = world.rng.sample(list(CategoryPage.objects.filter(depth=4).order_by("pk")), 2)
    first.move(other, pos="left")


def restricted(world: World) -> None:
    page = world.one(ProductPage.objects.filter(live=True))
    found, is_new = PageViewRestriction.objects.get_or_create(page=page, defaults={"restriction_type": "login"})
    if not is_new:
        found.delete()


def opened(world: World) -> None:
    place = world.one(Place.objects)
    ShopHours.objects.filter(shop=place).delete()
    ShopHours.objects.create(shop=place, weekday=world.rng.randrange(7), opens=dt.time(8), closes=dt.time(17))


def closed(world: World) -> None:
    day = world.now().date() + dt.timedelta(days=world.rng.randint(1, 10))
    ShopDay.objects.update_or_create(shop=world.one(Place.objects), date=day, defaults={"opens": None, "closes": None})


def switched(world: World) -> None:
    place = Place.objects.get(code="market")
    place.is_active = not place.is_active
    place.save()


def called(world: World) -> None:
    Identity.objects.update(name=f"Shop {world.rng.randint(100, 999)}")


def footed(world: World) -> None:
    page = ContentPage.objects.get(slug="about")
    page.in_footer = not page.in_footer
    page.save_revision().publish()


def by_hand(world: World) -> None:
    """Nobody but the database knows of it."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE products_sku SET is_active = NOT is_active WHERE id = %s", [world.one(Sku.objects).pk])


def valued(world: World) -> None:
    value = world.one(AttributeValue.objects)
    value.label = {"en": f"Label {world.rng.randint(100, 999)}"}
    value.save()


def sited(world: World) -> None:
    Site.objects.update(site_name=f"Site {world.rng.randint(100, 999)}")


def taxed(world: World) -> None:
    rate = TaxRate.objects.order_by("pk").first()
    if rate is not None:
        TaxRate.objects.filter(pk=rate.pk).update(rate=Decimal(world.rng.randint(1, 25)) / 100)


def forgotten(world: World) -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE common_pagechange")
    called(world)


CHANGES = (
    priced, planned, stocked, received, titled, toggled, drafted, shelved, named, moved, restricted, opened, closed,
    switched, called, footed, by_hand, valued, sited, taxed, forgotten,
)  # fmt: skip
# Two shops stand at two ports.
_PORT = re.compile(r"127\.0\.0\.1(?::|%3A)\d+")


@contextlib.contextmanager
def both(var: pathlib.Path) -> Iterator[tuple[Shop, Shop]]:
    """The shop of several processes and the one that keeps nothing, with the same clock."""
    with (
        running(var, workers=PROCESSES) as site,
        running(var, workers=1, keeps_pages=False, offset=site.offset) as plain,
    ):
        yield site, plain


def seen(site: Shop, paths: list[str]) -> dict[str, tuple[int, str]]:
    answers = []
    for start in range(0, len(paths), 8):
        answers += site.at_once([site.request("GET", path) for path in paths[start : start + 8]])
    return {path: (answer.status, _PORT.sub("", answer.body)) for path, answer in zip(paths, answers, strict=True)}


def stale(site: Shop, plain: Shop, paths: list[str]) -> list[str]:
    """Return the addresses at which a process shows something else than the shop that keeps nothing.

    That one is asked before and after: a planned price may begin meanwhile.
    """
    before = seen(plain, paths)
    shown = [seen(site, paths) for _ in range(COPIES)]
    after = seen(plain, paths)
    found = [(path, one[path]) for path in paths for one in shown if one[path] not in (before[path], after[path])]
    return [f"{path}: {first_difference(answer, after[path])}" for path, answer in dict(found).items()]


def first_difference(one: tuple[int, str], other: tuple[int, str]) -> str:
    """Return where two answers part."""
    if one[0] != other[0]:
        return f"{one[0]} for {other[0]}"
    at = next((n for n, (a, b) in enumerate(zip(one[1], other[1], strict=False)) if a != b), 0)
    return f"{one[1][at - 60 : at + 60]!r} for {other[1][at - 60 : at + 60]!r}"


def crawl(site: Shop, plain: Shop, seconds: float, changes=CHANGES) -> tuple[int, list[str]]:
    """Change and compare until the time is over or something is stale; return the number of changes and what was."""
    world, ends, done = World(random.Random(SEED), site.now), time.monotonic() + seconds, 0
    paths = addresses()
    seen(site, paths)
    while time.monotonic() < ends:
        change = world.rng.choice(changes)
        change(world)
        done += 1
        asked = world.rng.sample(paths, 8)
        # In the first second both the old and the new are right; asked for, they are kept or dropped.
        seen(site, asked)
        time.sleep(AFTER)
        found = stale(site, plain, world.rng.sample(paths, 8))
        if found:
            return done, [f"change {done} ({change.__name__}, seed {SEED}): {path}" for path in found]
    return done, []


def test_a_second_after_any_change_every_process_shows_the_truth(tmp_path):
    build()
    with both(tmp_path) as (site, plain):
        done, found = crawl(site, plain, SECONDS)

        assert found == []
        assert done > 1
        assert seen(plain, addresses()) == seen(site, addresses())
    print(f"Truth: {done} changes in {SECONDS:.0f} s, nothing stale")  # noqa: T201


def test_without_a_trigger_it_is_seen(tmp_path):
    build()
    name = trigger_name("products_price", "INSERT")
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name} ON products_price")
    try:
        with both(tmp_path) as (site, plain):

            def unseen(world: World) -> None:
                Price.objects.create(
                    sku=Sku.objects.get(code="T1"), amount=world.rng.randint(100, 900), starts_at=world.now(),
                    source="test", actor_label="test", created_at=world.now(),
                )  # fmt: skip

            seen(site, addresses())
            unseen(World(random.Random(SEED), site.now))
            time.sleep(AFTER)
            assert stale(site, plain, [Sku.objects.get(code="T1").product.pages.get().url])
    finally:
        install()
