"""What visitors do, as steps of bench.client: pages in turn, pages that are known already, whole purchases."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bench.client import Step, Visitor, hidden

# Words of the products that bulk_products makes, and a few that nothing has.
QUERIES = (
    "loaf", "rye", "roll", "biscuit", "tart", "coffee", "green tea", "honey", "butter", "cheese", "country rye",
    "morning roll", "amber", "stone loaf", "bread", "winter tea", "copper", "salted butter", "quiet", "harbour cheese",
)  # fmt: skip


def get(*paths: str) -> Step:
    """Ask for these pages in turn."""
    return lambda visitor, number: visitor.ask("GET", paths[number % len(paths)]).status == 200


def search() -> Step:
    """Search for one word after another."""
    return get(*(f"/search/?q={words.replace(' ', '+')}" for words in QUERIES))


def unchanged(path: str) -> Step:
    """Ask whether a page is still what it was."""

    def step(visitor: Visitor, number: int) -> bool:
        if not visitor.etag:
            visitor.etag = visitor.ask("GET", path).etag
        return visitor.ask("GET", path, extra={"If-None-Match": visitor.etag}).status == 304

    return step


def floor_checkout(visitor: Visitor, number: int) -> bool:
    """Place the floor's order."""
    return visitor.ask("POST", "/checkout", {}).status == 200


@dataclass(frozen=True)
class Purchase:
    """A guest from the product page to the order's: product, add, cart, checkout, place, order.

    One of the articles, by turns. `only_placing`: measured by the time of the request that places the order.
    """

    products: Sequence[str]
    codes: Sequence[str]
    shop: str
    only_placing: bool = False

    @classmethod
    def of(cls, asked: dict[str, Any], **options: Any) -> "Purchase":
        """Return purchases of all articles of a prepared shop."""
        return cls(asked["products"], asked["codes"], asked["shop"], **options)

    def __call__(self, visitor: Visitor, number: int) -> bool:
        visitor.cookies.clear()
        turn = number % len(self.codes)
        visitor.ask("GET", self.products[turn])
        added = visitor.ask("POST", "/cart/add/", {"code": self.codes[turn], "quantity": "1"})
        if added.status != 303:
            return False
        visitor.ask("GET", added.location)
        page = visitor.ask("GET", "/checkout/").text
        form = {
            "name": "Bench Buyer",
            "phone": "+31205550199",
            "email": f"bench{number}@example.test",
            "shop": self.shop,
            "payment_method": "on_collection",
            "confirmed_total": hidden(page, "confirmed_total"),
            "csrfmiddlewaretoken": hidden(page, "csrfmiddlewaretoken"),
        }
        started = time.perf_counter()
        placed = visitor.ask("POST", "/checkout/", form)
        if self.only_placing:
            visitor.lap = (time.perf_counter() - started) * 1000
        return placed.status == 303 and visitor.ask("GET", placed.location).status == 200
