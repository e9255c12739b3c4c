"""Cards: what a list shows of a product. The same for everybody: bands of all shops, no numbers, no clock."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from common.money import format_money
from common.quantity import UNITS
from products.models import ProductPage
from products.models.choices import Badge
from products.offers import Offer, product_offers, shown_pages
from stock.models import Band, Shop

MAX_TAGS = 2


@dataclass(frozen=True)
class BandRow:
    """What one shop has, in words."""

    shop: Shop
    band: int
    text: str

    @property
    def mark(self) -> str:
        return self.shop.letter.lower()

    @property
    def is_out(self) -> bool:
        return self.band == Band.SOLD_OUT

    @property
    def is_few(self) -> bool:
        return self.band == Band.FEW


@dataclass(frozen=True)
class Card:
    """One product in a list. `single` is its only variant, when one tap can put it into the cart."""

    page: ProductPage
    offers: tuple[Offer, ...]
    meta: str
    tags: tuple[str, ...]
    bands: tuple[BandRow, ...]

    @property
    def first(self) -> Offer:
        """Return the cheapest variant."""
        return min(self.offers, key=lambda offer: (offer.price is None, offer.price or 0))

    @property
    def has_from(self) -> bool:
        """Return whether variants differ in price."""
        return len({offer.price for offer in self.offers}) > 1

    @property
    def is_out(self) -> bool:
        return all(row.is_out for row in self.bands)

    @property
    def single(self) -> Offer | None:
        only = self.offers[0] if len(self.offers) == 1 else None
        return only if only and only.buyable and not only.is_measured and not self.is_out else None


def band_rows(bands: Sequence[dict[int, int]], shops: Sequence[Shop]) -> tuple[BandRow, ...]:
    """Return for each shop the best band among the variants."""
    words = {Band.SOLD_OUT: gettext("Sold out"), Band.FEW: gettext("Few left"), Band.IN_STOCK: gettext("In stock")}
    rows = []
    for shop in shops:
        band = max((found.get(shop.pk, Band.SOLD_OUT) for found in bands), default=Band.SOLD_OUT)
        rows.append(BandRow(shop, band, words[Band(band)]))
    return tuple(rows)


def cards_for(product_ids: Sequence[int], shops: Sequence[Shop], at: dt.datetime) -> list[Card]:
    """Return cards in the order of the ids; products that are not shown are left out. Seven queries."""
    if not product_ids:
        return []
    pages = shown_pages(product_ids)
    offers = product_offers(product_ids, at, pages)
    cards = []
    for product_id in product_ids:
        page, found = pages.get(product_id), tuple(offers.get(product_id, ()))
        if page is not None and found:
            cards.append(_card(page, found, shops))
    return cards


def _card(page: ProductPage, offers: tuple[Offer, ...], shops: Sequence[Shop]) -> Card:
    names = dict(Badge.choices)
    return Card(
        page=page,
        offers=offers,
        meta=page.card_note or _meta(offers),
        tags=tuple(str(names[code]) for code in page.badges if code in names)[:MAX_TAGS],
        bands=band_rows([offer.bands for offer in offers], shops),
    )


def _meta(offers: tuple[Offer, ...]) -> str:
    """Return the line under the title: what one gets, and the price per kg or l where the law wants it."""
    offer = offers[0]
    if offer.is_measured:
        return gettext("per %(unit)s") % {"unit": UNITS[offer.unit].label}
    parts = [offer.net_text] if len(offers) == 1 and offer.net_text else []
    if len(offers) == 1 and offer.unit_price is not None:
        parts.append(f"{format_money(offer.unit_price)} / {offer.unit_price_label}")
    if len(offers) > 1:
        parts.append(offer.options_text.split(",")[0])
    return " · ".join(part for part in parts if part)
