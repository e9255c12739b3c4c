"""Facets of a list as they are printed, from the counts of `products.catalogue.counting`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from products.catalogue.categories import Category
from products.catalogue.counting import Counts
from products.catalogue.filters import PREFIX, Filters
from products.models import Attribute, AttributeValue
from products.models.choices import Allergen
from stock.models import Shop

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
    """An attribute that lists may be filtered by: {value code: label}."""

    code: str
    label: str
    values: Mapping[str, str]


def filter_attributes() -> dict[str, FilterAttribute]:
    """Return {code: attribute} of the choice attributes that are filters, in their order."""
    rows = AttributeValue.objects.filter(attribute__is_filter=True, attribute__kind=Attribute.Kind.CHOICE)
    grouped: dict[str, tuple[str, dict[str, str]]] = {}
    for row in rows.order_by("attribute__sort_order", "attribute_id", "sort_order", "id"):
        code = row.attribute.code
        _label, values = grouped.setdefault(code, (str(row.attribute), {}))
        values[row.code] = row.label_text or row.code
    return {code: FilterAttribute(code, *parts) for code, parts in grouped.items()}


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
    name = f"{PREFIX}{attribute.code}"
    choices = [
        FacetChoice(name, code, label, counts.of(name, code), code in chosen)
        for code, label in attribute.values.items()
    ]
    return Facet(name, attribute.label, tuple(choices))


def _without_facet(counts: Counts, filters: Filters) -> Facet:
    """Offer the allergens found in the list; each count is of the products without it."""
    choices = []
    for code, label in Allergen.choices:
        inside, is_on = counts.of("without", code), code in filters.without
        if is_on or inside is None or inside > 0:
            left = None if inside is None or counts.total is None else counts.total - inside
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
