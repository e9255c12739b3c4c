"""Header and footer: identity, shops with hours, menu. The same for everybody, so it names nobody.

Kept in the process until something that stands on every page changes (common/page_changes).
"""

import datetime as dt
from collections.abc import Hashable
from dataclasses import dataclass, field

from django.conf import settings
from django.utils.translation import get_language
from wagtail.models import Locale

from common import clock
from common.page_changes.parts import kept
from common.visible_pages import open_to_all
from products.catalogue.categories import Category, CategoryTree, load_categories
from products.catalogue.facets import FilterAttribute, filter_attributes
from products.models import CataloguePage
from stock.hours import DayHours, SpecialHours, hours_line, hours_summary, special_hours, week
from stock.models import Shop
from stock.selectors import active_shops
from storefront.look import Look, look_of
from storefront.models import ContentPage, Identity, ShopPage


@dataclass(frozen=True)
class Link:
    """A title and the address it links to."""

    title: str
    url: str
    id: int = 0


@dataclass(frozen=True)
class ShopCard:
    """A shop as shown on every page: `hours` of most days, `hours_line` names those days too.

    `upcoming` are the dates of the next two weeks that differ from `days`; the frame is rebuilt every day.
    `machine_hours`, `special_days` and `paused_until` are for scripts; hours have one entry a day, Monday first.
    """

    shop: Shop
    hours: str
    hours_line: str
    days: tuple[DayHours, ...]
    machine_hours: str
    special_days: str
    upcoming: tuple[SpecialHours, ...]
    paused_until: str
    url: str


@dataclass(frozen=True)
class Shell:
    """The data of the frame that base.html draws around every page; `drawn` has the HTML of what is drawn once."""

    identity: Identity
    look: Look
    shops: tuple[ShopCard, ...]
    categories: CategoryTree
    attributes: dict[str, FilterAttribute]
    footer_pages: tuple[Link, ...]
    languages: tuple[Link, ...]
    catalogue_url: str
    is_demo: bool
    drawn: dict[Hashable, str] = field(default_factory=dict, compare=False, repr=False)

    @property
    def open_shops(self) -> list[Shop]:
        """Return the shops that are open to customers, in order."""
        return [card.shop for card in self.shops]

    @property
    def menu(self) -> list[Category]:
        """Return the top-level categories."""
        return self.categories.top

    @property
    def codes(self) -> str:
        """Return "canal,market": the shop codes that the browser may accept from its cookie."""
        return ",".join(card.shop.code for card in self.shops)


def load_shell() -> Shell:
    """Return the shell of the active language."""
    language = get_language() or settings.LANGUAGE_CODE
    return kept(("shell", language), lambda: _build(language))


def _build(language: str) -> Shell:
    at = clock.now()
    locale = Locale.objects.filter(language_code=language).first() or Locale.get_default()
    shop_urls = {page.shop_id: page.url for page in ShopPage.objects.live().filter(locale=locale)}
    catalogue = CataloguePage.objects.live().filter(locale=locale).first()
    footer = open_to_all(ContentPage.objects.live()).filter(locale=locale, in_footer=True).order_by("path")
    identity = Identity.current()
    return Shell(
        identity=identity,
        look=look_of(identity),
        shops=tuple(_card(shop, shop_urls.get(shop.pk, ""), at) for shop in active_shops()),
        categories=load_categories(),
        attributes=filter_attributes(),
        footer_pages=tuple(Link(page.title, page.url, page.pk) for page in footer),
        languages=tuple(
            Link(code.upper(), "/" if code == settings.LANGUAGE_CODE else f"/{code}/") for code, _ in settings.LANGUAGES
        ),
        catalogue_url=catalogue.url if catalogue else "/",
        is_demo=settings.DEMO,
    )


def _card(shop: Shop, url: str, at: dt.datetime) -> ShopCard:
    by_day: dict[int, list[str]] = {day: [] for day in range(7)}
    for row in sorted(shop.hours.all(), key=lambda row: row.opens):
        by_day[row.weekday].append(f"{row.opens:%H%M}-{row.closes:%H%M}")
    special = [
        f"{day.date:%Y-%m-%d}={f'{day.opens:%H%M}-{day.closes:%H%M}' if day.opens else ''}" for day in shop.days.all()
    ]
    return ShopCard(
        shop=shop,
        hours=hours_summary(shop),
        hours_line=hours_line(shop),
        days=tuple(week(shop)),
        machine_hours=",".join("+".join(by_day[day]) for day in range(7)),
        special_days=",".join(special),
        upcoming=tuple(special_hours(shop, at)),
        paused_until=shop.paused_until.isoformat() if shop.paused_until else "",
        url=url,
    )
