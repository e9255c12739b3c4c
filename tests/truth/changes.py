"""A shop and what people and programs may do to it: changes of everything that public pages show, drawn from a seed."""

import contextlib
import datetime as dt
import random
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection
from wagtail.models import PageViewRestriction, Site

from common.actors import SETUP
from products.models import Attribute, AttributeValue, CategoryPage, ProductAttribute, ProductPage, Sku, TaxRate
from products.publishing import NotReady
from products.services.prices import apply_due
from products.tests.factories import make_category, make_price, make_product, make_tree
from stock.models import Shop as Place
from stock.models import ShopDay, ShopHours, StockLevel
from stock.services.receive import receive
from stock.tests.factories import make_shop
from storefront.models import ContentPage, HomePage, Identity, ShopPage


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
    if page.live:
        page.unpublish()
        return
    # Another change may have left nothing of it that can be sold.
    with contextlib.suppress(NotReady):
        page.get_latest_revision_as_object().save_revision().publish()


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
