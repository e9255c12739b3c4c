"""Filters of a list: read from a query string, turned into conditions on products.

The rule for query strings, on every list: parameters that are unknown are ignored, and so are values that
make no sense or that the shop does not know (a shop that is not there, an attribute that is no filter).
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q
from django.http import QueryDict

from products.models import ProductAllergen, ProductAttribute, SkuOption
from products.models.choices import Allergen
from products.services.rows import on_sale
from stock.models import Band, StockLevel

_AMOUNT = re.compile(r"\A[0-9]{1,6}(?:[.,][0-9]{1,2})?\Z", re.ASCII)
_CODE = re.compile(r"\A[A-Za-z0-9_-]{1,64}\Z", re.ASCII)
PREFIX = "a_"
MAX_VALUES = 20
# Given the path to the product, a condition on rows that lead to one.
Condition = Callable[[str], Q | Exists]


@dataclass(frozen=True)
class Filters:
    """What the reader asked for. `attributes` is {attribute code: value codes}: any of the values, all attributes."""

    shop: str = ""
    category: str = ""
    price_from: Decimal | None = None
    price_to: Decimal | None = None
    without: tuple[str, ...] = ()
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def from_query(cls, query: QueryDict) -> "Filters":
        """Read filters from a query string by the rule above."""
        attributes = {
            name.removeprefix(PREFIX): codes
            for name, values in query.lists()
            if name.startswith(PREFIX) and _CODE.match(name) and (codes := _codes(values))
        }
        return cls(
            shop=_code(query.get("shop", "")),
            category=_code(query.get("category", "")),
            price_from=_amount(query.get("from", "")),
            price_to=_amount(query.get("to", "")),
            without=tuple(code for code in _codes(query.getlist("without")) if code in Allergen.values),
            attributes=dict(list(attributes.items())[:MAX_VALUES]),
        )

    def known(
        self, *, shops: Collection[str], categories: Collection[str], attributes: Mapping[str, Collection[str]]
    ) -> "Filters":
        """Return the filters without codes that the shop does not know."""
        kept = {
            code: tuple(value for value in values if value in attributes.get(code, ()))
            for code, values in self.attributes.items()
        }
        return replace(
            self,
            shop=self.shop if self.shop in shops else "",
            category=self.category if self.category in categories else "",
            attributes={code: values for code, values in kept.items() if values},
        )

    def pairs(self) -> list[tuple[str, str]]:
        """Return the filters as query parameters."""
        pairs = [("shop", self.shop)] if self.shop else []
        pairs += [("category", self.category)] if self.category else []
        pairs += [("from", f"{self.price_from:f}")] if self.price_from is not None else []
        pairs += [("to", f"{self.price_to:f}")] if self.price_to is not None else []
        pairs += [("without", code) for code in self.without]
        return pairs + [(f"{PREFIX}{code}", value) for code, values in self.attributes.items() for value in values]

    def conditions(self) -> dict[str, Condition]:
        """Return a condition for each group that is on: shop, price, without, and each attribute by its code."""
        found: dict[str, Condition] = {}
        if self.shop:
            found["shop"] = lambda product: _at_shop(self.shop, product)
        if self.price_from is not None or self.price_to is not None:
            found["price"] = self._price
        if self.without:
            found["without"] = lambda product: ~_with_allergens(self.without, product)
        for code, values in self.attributes.items():
            found[f"{PREFIX}{code}"] = _having(code, values)
        return found

    def _price(self, product: str) -> Q:
        name = "from_price" if product == "pk" else f"{product}__from_price"
        wanted = Q()
        if self.price_from is not None:
            wanted &= Q(**{f"{name}__gte": self.price_from})
        if self.price_to is not None:
            wanted &= Q(**{f"{name}__lte": self.price_to})
        return wanted


def _at_shop(code: str, product: str) -> Exists:
    levels = StockLevel.objects.filter(
        on_sale("sku__"), sku__product=OuterRef(product), shop__code=code, shop__is_active=True, band__gt=Band.SOLD_OUT
    )
    return Exists(levels)


def _with_allergens(codes: Sequence[str], product: str) -> Exists:
    """A trace counts: who must do without it must do without that too. Pages in any language declare."""
    rows = ProductAllergen.objects.filter(page__product=OuterRef(product), page__live=True, allergen__in=codes)
    return Exists(rows)


def _having(code: str, values: Sequence[str]) -> Condition:
    """The product itself or one of its variants has one of the values."""

    def condition(product: str) -> Q:
        wanted = {"attribute__code": code, "value__code__in": values}
        rows = ProductAttribute.objects.filter(page__product=OuterRef(product), page__live=True, **wanted)
        options = SkuOption.objects.filter(on_sale("sku__"), sku__product=OuterRef(product), **wanted)
        return Q(Exists(rows)) | Q(Exists(options))

    return condition


def _code(text: str) -> str:
    return text if _CODE.match(text) else ""


def _codes(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values[:MAX_VALUES] if _CODE.match(value)))


def _amount(text: str) -> Decimal | None:
    return Decimal(text.replace(",", ".")) if _AMOUNT.match(text) else None
