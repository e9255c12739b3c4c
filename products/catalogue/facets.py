"""Facets of a list with their counts: one query for its products, one for everything known about them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.functions import Cast
from django.utils.translation import gettext

from products.catalogue.categories import Category
from products.catalogue.filters import PREFIX, Filters
from products.models import (
    Attribute,
    AttributeValue,
    Product,
    ProductAllergen,
    ProductAttribute,
    ProductCategory,
    SkuOption,
)
from products.models.choices import Allergen
from products.on_sale import on_sale
from stock.models import Band, Shop, StockLevel

# Longer lists are not counted choice by choice: what a list costs must not grow with the catalogue.
SCAN = 2000
MAX_PROMOTED = 5


@dataclass(frozen=True)
class FacetChoice:
    """One value of a facet. `count` is None when it is not known; zero means that choosing it shows nothing."""

    name: str
    code: str
    label: str
    count: int | None
    is_on: bool
    shop: Shop | None = None

    @property
    def is_off(self) -> bool:
        return self.count == 0 and not self.is_on


@dataclass(frozen=True)
class Facet:
    """A group of values to filter by; `name` is the query parameter. `is_single`: one value at most."""

    name: str
    label: str
    choices: tuple[FacetChoice, ...]
    is_single: bool = False

    @property
    def is_on(self) -> bool:
        return any(choice.is_on for choice in self.choices)


@dataclass(frozen=True)
class FilterAttribute:
    """An attribute that lists may be filtered by: {value code: label}; `ids` finds the code of a value."""

    code: str
    label: str
    values: Mapping[str, str]
    ids: Mapping[int, str]


@dataclass
class Counts:
    """The number of products each choice would show; `total` and `ids` are of the filtered list.

    `ids` is None for a list too long to be counted choice by choice. `offered` names the facets that some
    product of the unfiltered list has: a filter that leaves nothing does not take the others away.
    """

    total: int = 0
    ids: set[int] | None = None
    by_kind: dict[str, dict[str, int]] = field(default_factory=dict)
    offered: set[str] = field(default_factory=set)

    @property
    def is_exact(self) -> bool:
        return self.ids is not None

    def put(self, kind: str, members: Mapping[str, set[int]], within: set[int]) -> None:
        self.by_kind.setdefault(kind, {}).update({key: len(ids & within) for key, ids in members.items()})

    def of(self, kind: str, key: object) -> int | None:
        return self.by_kind.get(kind, {}).get(str(key), 0) if self.is_exact else None


def filter_attributes() -> dict[str, FilterAttribute]:
    """Return {code: attribute} of the choice attributes that are filters, in their order."""
    rows = AttributeValue.objects.filter(attribute__is_filter=True, attribute__kind=Attribute.Kind.CHOICE)
    grouped: dict[str, tuple[str, dict[str, str], dict[int, str]]] = {}
    for row in rows.order_by("attribute__sort_order", "attribute_id", "sort_order", "id"):
        code = row.attribute.code
        _label, values, ids = grouped.setdefault(code, (str(row.attribute), {}, {}))
        values[row.code] = row.label_text or row.code
        ids[row.pk] = row.code
    return {code: FilterAttribute(code, *parts) for code, parts in grouped.items()}


@dataclass
class Facts:
    """Facts about every product of a short list: {group: {choice: products}}, and prices.

    `members` has the groups shop (by code), category (by path), allergen (by code) and value (by id).
    """

    prices: dict[int, Decimal | None]
    members: dict[str, dict[str, set[int]]]

    def having(self, group: str, keys: Iterable[object]) -> set[int]:
        """Return the products with one of these choices."""
        found = self.members.get(group, {})
        return set().union(*(found.get(str(key), set()) for key in keys))

    def under(self, path: str) -> set[int]:
        """Return the products in a category or below it."""
        return set().union(*(ids for key, ids in self.members.get("category", {}).items() if key.startswith(path)))


def load_facts(scope: QuerySet[Product]) -> Facts | None:
    """Return the facts of an unfiltered list, None when it is longer than SCAN. Two queries, one when it is long."""
    prices = dict(scope.order_by("pk").values_list("pk", "from_price")[: SCAN + 1])
    if len(prices) > SCAN:
        return None
    # The list itself, not the query that made it: each of the five parts would run that query anew.
    ids = list(prices)
    levels = StockLevel.objects.filter(on_sale("sku__"), shop__is_active=True, band__gt=Band.SOLD_OUT)
    options = SkuOption.objects.filter(on_sale("sku__"), attribute__is_filter=True)
    values = ProductAttribute.objects.filter(page__live=True, attribute__is_filter=True, value__isnull=False)
    rows = [
        _rows("shop", levels.filter(sku__product__in=ids), "sku__product_id", "shop__code"),
        _rows("value", options.filter(sku__product__in=ids), "sku__product_id", "value_id"),
        _rows("value", values.filter(page__product__in=ids), "page__product_id", "value_id"),
        _rows("allergen", ProductAllergen.objects.filter(_shown(ids)), "page__product_id", "allergen"),
        _rows("category", ProductCategory.objects.filter(_shown(ids)), "page__product_id", "category__path"),
    ]
    facts = Facts(prices, {})
    for group, product_id, key in rows[0].union(*rows[1:]):
        facts.members.setdefault(group, {}).setdefault(key, set()).add(product_id)
    return facts


def _shown(ids: Collection[int]) -> Q:
    return Q(page__live=True, page__product__in=ids)


def _rows(group: str, rows: QuerySet, product: str, key: str) -> QuerySet:
    named = {"fact": Value(group, output_field=CharField()), "found": F(product), "key": Cast(key, CharField())}
    return rows.order_by().annotate(**named).values_list("fact", "found", "key")


def count_facets(
    facts: Facts, filters: Filters, below: Sequence[Category], attributes: Mapping[str, FilterAttribute]
) -> Counts:
    """Count the products each choice would leave: the other groups' filters apply, its own group's do not."""
    groups = _chosen(facts, filters, below, attributes)
    everything = set(facts.prices)

    def others(*names: str) -> set[int]:
        return everything.intersection(*(ids for name, ids in groups.items() if name not in names))

    filtered = others()
    counts = Counts(total=len(filtered), ids=filtered)
    counts.put("shop", facts.members.get("shop", {}), others("shop"))
    counts.put("allergen", facts.members.get("allergen", {}), filtered)
    under = {one.path: facts.under(one.path) for one in below}
    counts.put("category", under, others("category"))
    counts.offered = {
        name for name, found in (("shop", facts.members.get("shop")), ("category", any(under.values()))) if found
    }
    for attribute in attributes.values():
        members = {str(pk): facts.having("value", [pk]) for pk in attribute.ids}
        name = f"{PREFIX}{attribute.code}"
        counts.put("value", members, others(name))
        if any(members.values()):
            counts.offered.add(name)
    return counts


def _chosen(
    facts: Facts, filters: Filters, below: Sequence[Category], attributes: Mapping[str, FilterAttribute]
) -> dict[str, set[int]]:
    """Return for each group that is on the products that pass it."""
    groups: dict[str, set[int]] = {}
    if filters.shop:
        groups["shop"] = facts.having("shop", [filters.shop])
    if filters.category:
        groups["category"] = set().union(*(facts.under(one.path) for one in below if one.slug == filters.category))
    if filters.price_from is not None or filters.price_to is not None:
        least, most = filters.price_from or Decimal(0), filters.price_to
        groups["price"] = {
            pk
            for pk, price in facts.prices.items()
            if price is not None and price >= least and (most is None or price <= most)
        }
    if filters.without:
        groups["without"] = set(facts.prices) - facts.having("allergen", filters.without)
    for code, values in filters.attributes.items():
        ids = [pk for pk, value in attributes[code].ids.items() if value in values]
        groups[f"{PREFIX}{code}"] = facts.having("value", ids)
    return groups


def facets_of(
    counts: Counts,
    filters: Filters,
    *,
    shops: Sequence[Shop],
    below: Sequence[Category],
    attributes: Mapping[str, FilterAttribute],
) -> tuple[Facet, ...]:
    """Return the facets with anything to choose, in the order they are printed."""
    found = [_category_facet(counts, filters, below), _shop_facet(counts, filters, shops)]
    found += [_attribute_facet(counts, filters, attribute) for attribute in attributes.values()]
    found.append(_without_facet(counts, filters))
    return tuple(facet for facet in found if _is_useful(facet, counts))


def _is_useful(facet: Facet, counts: Counts) -> bool:
    if facet.is_on or facet.name in counts.offered:
        return True
    return any(choice.count or not counts.is_exact for choice in facet.choices)


def _category_facet(counts: Counts, filters: Filters, below: Sequence[Category]) -> Facet:
    choices = [
        FacetChoice("category", one.slug, one.title, counts.of("category", one.path), one.slug == filters.category)
        for one in below
    ]
    return Facet("category", gettext("Category"), tuple(choices), is_single=True)


def _shop_facet(counts: Counts, filters: Filters, shops: Sequence[Shop]) -> Facet:
    choices = [
        FacetChoice("shop", shop.code, str(shop), counts.of("shop", shop.code), shop.code == filters.shop, shop)
        for shop in shops
    ]
    return Facet("shop", gettext("Available at"), tuple(choices), is_single=True)


def _attribute_facet(counts: Counts, filters: Filters, attribute: FilterAttribute) -> Facet:
    chosen = filters.attributes.get(attribute.code, ())
    ids = {code: pk for pk, code in attribute.ids.items()}
    name = f"{PREFIX}{attribute.code}"
    choices = [
        FacetChoice(name, code, label, counts.of("value", ids[code]), code in chosen)
        for code, label in attribute.values.items()
    ]
    return Facet(name, attribute.label, tuple(choices))


def _without_facet(counts: Counts, filters: Filters) -> Facet:
    """Offer the allergens found in the list; each count is of the products without it."""
    choices = []
    for code, label in Allergen.choices:
        inside, is_on = counts.of("allergen", code), code in filters.without
        if is_on or inside is None or inside > 0:
            left = None if inside is None else counts.total - inside
            choices.append(FacetChoice("without", code, str(label), left, is_on))
    return Facet("without", gettext("Without"), tuple(choices))


def promoted(facets: Sequence[Facet], total: int) -> list[FacetChoice]:
    """Return the few choices shown as chips above the list: up to three shops, then those that narrow it least.

    Values of attributes go before allergens; what is true of the whole list narrows nothing and is left out.
    """
    shops = [choice for facet in facets if facet.name == "shop" for choice in facet.choices if not choice.is_off][:3]
    names = [facet.name for facet in facets if facet.name.startswith(PREFIX)] + ["without"]
    values = [
        choice
        for facet in facets
        if facet.name in names
        for choice in facet.choices
        if choice.is_on or (choice.count and choice.count < total)
    ]
    values.sort(key=lambda choice: (choice.name == "without", -(choice.count or 0)))
    return [*shops, *values[: MAX_PROMOTED - len(shops)]]
