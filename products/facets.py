"""Filters: read from a query string, offered with counts, shown as chips that can be taken off.

Rule for the query string: parameters that are unknown, or whose value makes no sense, are ignored.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from urllib.parse import urlencode

from django.db.models import Count, F, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext

from common.models import translate
from products.models import Product, ProductAttribute
from products.models.choices import Allergen
from stock.models import Shop

_AMOUNT = re.compile(r"\A[0-9]{1,6}(?:[.,][0-9]{1,2})?\Z", re.ASCII)
_CODE = re.compile(r"\A[A-Za-z0-9_-]{1,32}\Z", re.ASCII)
MAX_VALUES = 20


@dataclass(frozen=True)
class Filters:
    """What the reader asked for. `attributes` is {attribute code: value codes}; amounts are gross."""

    shop: str = ""
    price_from: Decimal | None = None
    price_to: Decimal | None = None
    without: tuple[str, ...] = ()
    attributes: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def from_query(cls, query: QueryDict) -> "Filters":
        """Read filters from a query string by the rule above."""
        attributes = {
            key[2:]: _codes(values)
            for key, values in query.lists()
            if key.startswith("a_") and _CODE.match(key[2:]) and _codes(values)
        }
        shop = query.get("shop", "")
        return cls(
            shop=shop if _CODE.match(shop) else "",
            price_from=_amount(query.get("from", "")),
            price_to=_amount(query.get("to", "")),
            without=tuple(code for code in _codes(query.getlist("without")) if code in Allergen.values),
            attributes=dict(list(attributes.items())[:MAX_VALUES]),
        )

    def pairs(self) -> list[tuple[str, str]]:
        """Return the filters as query parameters."""
        pairs = [("shop", self.shop)] if self.shop else []
        pairs += [("from", f"{self.price_from:f}")] if self.price_from is not None else []
        pairs += [("to", f"{self.price_to:f}")] if self.price_to is not None else []
        pairs += [("without", code) for code in self.without]
        return pairs + [(f"a_{code}", value) for code, values in self.attributes.items() for value in values]


@dataclass(frozen=True)
class Choice:
    """One value of a facet."""

    code: str
    label: str
    count: int
    is_on: bool


@dataclass(frozen=True)
class Facet:
    """A group of values to filter by; `name` is the query parameter."""

    name: str
    label: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class Chip:
    """An applied filter and the list without it."""

    label: str
    url: str


def _codes(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(value for value in values[:MAX_VALUES] if _CODE.match(value))


def _amount(text: str) -> Decimal | None:
    return Decimal(text.replace(",", ".")) if _AMOUNT.match(text) else None


def facets_of(products: QuerySet[Product], filters: Filters, shops: Sequence[Shop]) -> tuple[Facet, ...]:
    """Return the filters with how many products of this list have each value: one query."""
    rows = (
        ProductAttribute.objects.filter(
            page__live=True, page__product__in=products, attribute__is_filter=True, value__isnull=False
        )
        .values("attribute__code", "attribute__name", "value__code", "value__label")
        .annotate(number=Count("page__product", distinct=True), place=F("attribute__sort_order"))
        .order_by("place", "attribute__code", "value__sort_order", "value__code")
    )
    grouped: dict[str, tuple[str, list[Choice]]] = {}
    for row in rows:
        code, value = row["attribute__code"], row["value__code"]
        is_on = value in filters.attributes.get(code, ())
        choice = Choice(value, _text(row["value__label"], value), row["number"], is_on)
        grouped.setdefault(code, (_text(row["attribute__name"], code), []))[1].append(choice)
    found = [Facet(f"a_{code}", label, tuple(choices)) for code, (label, choices) in grouped.items()]
    shop_choices = tuple(Choice(shop.code, str(shop), 0, filters.shop == shop.code) for shop in shops)
    allergens = tuple(Choice(code, str(label), 0, code in filters.without) for code, label in Allergen.choices)
    head = [Facet("shop", gettext("Available now at"), shop_choices)] if shop_choices else []
    return (*head, *found, Facet("without", gettext("Without"), allergens))


def _text(texts: dict[str, str], fallback: str) -> str:
    return translate(texts) or fallback


def chips_of(
    facets: Sequence[Facet], filters: Filters, base_url: str, kept: Sequence[tuple[str, str]]
) -> tuple[Chip, ...]:
    labels = {(facet.name, choice.code): (facet, choice) for facet in facets for choice in facet.choices}
    chips = []
    pairs = filters.pairs()
    for pair in pairs:
        rest = [*kept, *(other for other in pairs if other != pair)]
        url = f"{base_url}?{urlencode(rest)}" if rest else base_url
        facet, choice = labels.get(pair, (None, None))
        if choice is not None:
            label = f"{facet.label} {choice.label}" if pair[0] in ("shop", "without") else choice.label
        elif pair[0] in ("from", "to"):
            label = (gettext("From %s") if pair[0] == "from" else gettext("Up to %s")) % pair[1]
        else:
            label = pair[1]
        chips.append(Chip(label, url))
    return tuple(chips)
