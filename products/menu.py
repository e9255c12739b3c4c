"""The whole menu by category, for a home page that leads to every product."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from wagtail.models import Locale

from common.pagination import decode_cursor, encode_cursor
from products.cards import Card, cards_for
from products.listing import PAGE_SIZE
from products.models import ProductCategory, ProductPage
from products.offers import open_to_all
from stock.models import Shop

# Above this many products the home page shows tiles and a plain list instead of the menu.
MENU_LIMIT = 80


@dataclass(frozen=True)
class Category:
    """A top category as the menu names it."""

    id: int
    title: str
    url: str
    path: str
    note: str = ""


@dataclass(frozen=True)
class Section:
    """One category with the cards of this page of the menu; `count` is all it has."""

    category: Category | None
    cards: tuple[Card, ...]
    count: int


@dataclass(frozen=True)
class Menu:
    """One page of the menu."""

    sections: tuple[Section, ...]
    count: int
    shown: int
    next_url: str
    counts: dict[int, int]


def menu(
    *, categories: Sequence[Category], locale: Locale, shops: Sequence[Shop], after: str | None, at: dt.datetime
) -> Menu | None:
    """Return 24 products of the menu in the order of the categories, or None when there are too many for one."""
    places = _places(locale)
    if len(places) > MENU_LIMIT:
        return None
    order = {category.id: number for number, category in enumerate(categories)}
    owner = {product_id: _owner(path, categories) for product_id, (path, _) in places.items()}
    ranked = sorted(
        places,
        key=lambda product_id: (
            order.get(owner[product_id].id, len(order)) if owner[product_id] else len(order) + 1,
            -places[product_id][1],
            product_id,
        ),
    )
    start = _start(after, len(ranked))
    cards = {card.page.product_id: card for card in cards_for(ranked[start : start + PAGE_SIZE], shops, at)}
    counts: dict[int, int] = {}
    for category in owner.values():
        if category is not None:
            counts[category.id] = counts.get(category.id, 0) + 1
    end = min(start + PAGE_SIZE, len(ranked))
    return Menu(
        sections=_sections(ranked[start:end], owner, cards, counts),
        count=len(ranked),
        shown=end,
        next_url=f"?{urlencode({'after': encode_cursor('menu', end)})}" if end < len(ranked) else "",
        counts=counts,
    )


def _places(locale: Locale) -> dict[int, tuple[str, int]]:
    """Return {product: (path of its first category, popularity)}; one query, a little over the limit at most."""
    rows = ProductCategory.objects.filter(
        page__in=open_to_all(ProductPage.objects.filter(live=True, locale=locale)),
        page__product__from_price__isnull=False,
        page__alias_of=None,
    ).order_by("page_id", "sort_order", "id")
    found: dict[int, tuple[str, int]] = {}
    values = rows.values_list("page__product_id", "category__path", "page__product__popularity")
    for product_id, path, popularity in values[: MENU_LIMIT * 6]:
        found.setdefault(product_id, (path, popularity))
    return found


def _owner(path: str, categories: Sequence[Category]) -> Category | None:
    return next((category for category in categories if path.startswith(category.path)), None)


def _start(after: str | None, count: int) -> int:
    cursor = decode_cursor(after, length=2)
    if not cursor or cursor[0] != "menu" or not cursor[1].isascii() or not cursor[1].isdigit():
        return 0
    start = int(cursor[1][:6])
    return start if start < count else 0


def _sections(
    ids: Sequence[int], owner: dict[int, Category | None], cards: dict[int, Card], counts: dict[int, int]
) -> tuple[Section, ...]:
    sections: list[tuple[Category | None, list[Card]]] = []
    for product_id in ids:
        if product_id not in cards:
            continue
        category = owner[product_id]
        if not sections or sections[-1][0] != category:
            sections.append((category, []))
        sections[-1][1].append(cards[product_id])
    return tuple(
        Section(category, tuple(found), counts.get(category.id, len(found)) if category else len(found))
        for category, found in sections
    )
