"""Cards: a product as lists show it. The same for everybody: bands of all shops, no numbers, no clock."""

import datetime as dt
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.utils.translation import get_language, gettext, ngettext

from common.models import Picture
from common.page_changes.parts import kept_many
from common.unit_prices import PrintedPrice
from products.models import ProductPage
from products.models.choices import Badge
from products.offers import Offer, product_offers
from products.shown_pages import shown_pages, tags_of
from stock.models import Band, Shop
from stock.selectors import active_shops

MAX_TAGS = 2
MAX_SHOPS = 5
MAX_META = 32


@dataclass(frozen=True)
class BandRow:
    """The stock of one shop, in words."""

    shop: Shop
    band: int
    text: str

    @property
    def is_out(self) -> bool:
        return self.band == Band.SOLD_OUT

    @property
    def is_few(self) -> bool:
        return self.band == Band.FEW


@dataclass(frozen=True)
class Card:
    """One product in a list. `single` is its only variant, when one tap can put it into the cart.

    `from_price` is the lowest price as it is printed. `drawn` has the HTML of its kinds, once it was drawn.
    """

    product_id: int
    title: str
    url: str
    cover: Picture | None
    meta: str
    tags: tuple[str, ...]
    from_price: PrintedPrice | None
    has_from: bool
    single: Offer | None
    bands: tuple[BandRow, ...]
    lang: str = ""
    drawn: dict[Hashable, str] = field(default_factory=dict, compare=False, repr=False)

    @property
    def is_out(self) -> bool:
        """Return whether no shop has any of it."""
        return all(row.is_out for row in self.bands)

    @property
    def is_crowded(self) -> bool:
        """Return whether there are more shops than a card has room for."""
        return len(self.bands) > MAX_SHOPS

    @property
    def out_at(self) -> str:
        """Return the codes of the shops that have none of it, with spaces between."""
        return " ".join(row.shop.code for row in self.bands if row.is_out)

    @property
    def best(self) -> BandRow:
        """Return the shop that has most of it."""
        return max(self.bands, key=lambda row: row.band)


def band_rows(bands: Iterable[Mapping[int, int]], shops: Sequence[Shop]) -> tuple[BandRow, ...]:
    """Return for each shop the best band among the variants."""
    words = {Band.SOLD_OUT: gettext("Sold out"), Band.FEW: gettext("Few left"), Band.IN_STOCK: gettext("In stock")}
    found = list(bands)
    best = [max((row.get(shop.pk, Band.SOLD_OUT) for row in found), default=Band.SOLD_OUT) for shop in shops]
    return tuple(BandRow(shop, band, words[Band(band)]) for shop, band in zip(shops, best, strict=True))


def cards_for(product_ids: Sequence[int], at: dt.datetime, shops: Sequence[Shop] | None = None) -> list[Card]:
    """Return cards in the order of the ids; products without a page or a variant are left out.

    Three queries for any number that is not kept: pages, renditions, offers. `shops`: the active ones, when loaded.
    """
    shown = active_shops() if shops is None else shops
    kind = ("card", get_language() or settings.LANGUAGE_CODE, tuple(shop.pk for shop in shown))
    found = kept_many(
        kind,
        product_ids,
        lambda missing: _cards(missing, at, shown),
        lambda pk, card: tags_of(pk, card.cover if card else None),
    )
    return list(found.values())


def _cards(product_ids: Sequence[int], at: dt.datetime, shops: Sequence[Shop]) -> dict[int, Card]:
    pages = shown_pages(product_ids)
    offers = product_offers(product_ids, at, pages)
    pairs = [(pages[pk], tuple(offers.get(pk, ()))) for pk in product_ids if pk in pages]
    return {page.product_id: make_card(page, found, shops) for page, found in pairs if found}


def make_card(page: ProductPage, offers: tuple[Offer, ...], shops: Sequence[Shop]) -> Card:
    """Return the card of a page from its offers: no query."""
    names = dict(Badge.choices)
    bands = band_rows([offer.bands for offer in offers if offer.buyable], shops)
    printed = {offer.printed for offer in offers if offer.buyable and offer.printed is not None}
    prices = sorted(printed, key=lambda price: price.amount)
    only = offers[0] if len(offers) == 1 else None
    can_add = only is not None and only.buyable and not only.is_measured and not all(row.is_out for row in bands)
    language = page.locale.language_code
    return Card(
        product_id=page.product_id,
        title=page.title,
        url=page.url or "",
        cover=page.cover,
        meta=page.card_note or _meta(offers, prices[0] if prices else None),
        tags=tuple(str(names[code]) for code in page.badges if code in names)[:MAX_TAGS],
        from_price=prices[0] if prices else None,
        has_from=len(prices) > 1,
        single=only if can_add else None,
        bands=bands,
        lang=language if language != get_language() else "",
    )


def _meta(offers: tuple[Offer, ...], price: PrintedPrice | None) -> str:
    """Return the line under the title: what is in it, and the price per kg or l where the law requires it."""
    if price is not None and price.is_measured:
        return gettext("per %(unit)s") % {"unit": price.per}
    offer = offers[0]
    parts = [offer.net_text] if len(offers) == 1 and offer.net_text else []
    if len(offers) == 1:
        parts.append(offer.comparison_text)
    if len(offers) > 1:
        texts, count = ", ".join(dict.fromkeys(offer.options_text for offer in offers)), len(offers)
        few = ngettext("%(count)d variant", "%(count)d variants", count) % {"count": count}
        parts.append(texts if 0 < len(texts) <= MAX_META else few)
    return " · ".join(part for part in parts if part)
