"""The whole menu by category, for a home page that leads to every product."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from common.page_changes.feed import shows
from common.page_changes.parts import kept
from common.page_changes.watches import MEMBERS
from common.pagination import decode_cursor, encode_cursor
from products.catalogue.cards import Card, cards_for
from products.catalogue.categories import Category
from products.catalogue.listing import PAGE_SIZE
from products.models import ProductCategory
from stock.models import Shop

# Above this many products the home page shows tiles and a plain list instead of the menu.
MENU_LIMIT = 80


@dataclass(frozen=True)
class Section:
    """A top category with the products listed under it, None for products without one; `count` includes all it has."""

    category: Category | None
    cards: tuple[Card, ...]
    count: int = 0


@dataclass(frozen=True)
class Menu:
    """One page of the menu: whole sections, at least 24 products when there are more.

    `counts` is by category id, what the category's own page lists: also what stands here under another category.
    """

    sections: tuple[Section, ...]
    count: int
    shown: int
    next_after: str
    counts: dict[int, int]

    @property
    def shown_ids(self) -> set[int]:
        """Return the categories on this page: chips lead to them, other chips to the category's own page."""
        return {section.category.id for section in self.sections if section.category}


def load_menu(
    wanted: Sequence[int], categories: Sequence[Category], shops: Sequence[Shop], after: str, at: dt.datetime
) -> Menu:
    """Return a page of these products, best first, by top category.

    A product is listed under its first category. Sections are never split, so each heading appears once.
    """
    paths = kept(("paths", tuple(wanted)), lambda: _paths(wanted))
    groups = _grouped(wanted, paths, categories)
    start = _start(after, len(groups))
    page: list[tuple[Category | None, list[int]]] = []
    end = start
    while end < len(groups) and (not page or sum(len(ids) for _category, ids in page) < PAGE_SIZE):
        page.append(groups[end])
        end += 1
    ids = [pk for _category, members in page for pk in members]
    cards = {card.product_id: card for card in cards_for(ids, at, shops)}
    counts = _counts(paths, categories)
    return Menu(
        sections=tuple(
            Section(
                category,
                tuple(cards[pk] for pk in members if pk in cards),
                counts.get(category.id, 0) if category else len(members),
            )
            for category, members in page
        ),
        count=len(wanted),
        shown=sum(len(members) for _category, members in groups[:end]),
        next_after=encode_cursor("menu", end) if end < len(groups) else "",
        counts=counts,
    )


def _paths(ids: Sequence[int]) -> dict[int, list[str]]:
    """Return {product: paths of its categories}, those of the page that was made first in front."""
    shows(MEMBERS)
    rows = ProductCategory.objects.filter(page__product__in=ids, page__live=True)
    found: dict[int, list[str]] = {}
    for pk, path in rows.order_by("page_id", "sort_order", "id").values_list("page__product_id", "category__path"):
        found.setdefault(pk, []).append(path)
    return found


def _counts(paths: Mapping[int, Sequence[str]], categories: Sequence[Category]) -> dict[int, int]:
    """Return {category: how many of the products are in it or below it}, without empty ones."""
    counts = {
        one.id: sum(any(path.startswith(one.path) for path in found) for found in paths.values()) for one in categories
    }
    return {pk: count for pk, count in counts.items() if count}


def _grouped(
    ids: Sequence[int], paths: Mapping[int, Sequence[str]], categories: Sequence[Category]
) -> list[tuple[Category | None, list[int]]]:
    groups: dict[int, tuple[Category | None, list[int]]] = {one.id: (one, []) for one in categories}
    groups[0] = (None, [])
    for pk in ids:
        first = next(iter(paths.get(pk, ())), "")
        top = next((one for one in categories if first.startswith(one.path)), None)
        groups[top.id if top else 0][1].append(pk)
    return [group for group in groups.values() if group[1]]


def _start(after: str, count: int) -> int:
    cursor = decode_cursor(after, length=2)
    if not cursor or cursor[0] != "menu" or not cursor[1].isascii() or not cursor[1].isdigit():
        return 0
    start = int(cursor[1][:6])
    return start if start < count else 0
