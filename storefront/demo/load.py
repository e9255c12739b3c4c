"""Loading the demo shop: rows, pages, people and every rendition that the pages show."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from accounts.models import User
from common.models import Picture
from products import pictures
from products.models import CataloguePage, ProductIndexPage
from stock.models import Shop
from storefront.demo.catalogue import ProductLoader
from storefront.demo.content import load_content
from storefront.demo.people import load_people
from storefront.demo.shops import load_shops
from storefront.models import HomePage

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class DemoShop:
    """The rows that the rest of the demo needs."""

    shops: list[Shop]
    people: dict[str, User]


def load_shop(*, at: dt.datetime, progress: Progress) -> DemoShop:
    """Create whatever the demo shop still lacks. The root pages and groups come from `setup_shop`."""
    shops = load_shops()
    people = load_people(shops, at)
    catalogue, index = CataloguePage.objects.first(), ProductIndexPage.objects.first()
    home = HomePage.objects.first()
    loader = ProductLoader(index, catalogue, shops, at)
    load_content(home, loader.categories, shops)
    loader.load_all(progress)
    return DemoShop(shops, people)


def render_pictures(progress: Progress) -> None:
    """Create all renditions before the first visit."""
    todo = list(Picture.objects.order_by("pk"))
    for number, picture in enumerate(todo, start=1):
        picture.get_renditions(*pictures.GALLERY_SPECS)
        progress("pictures", number, len(todo))
