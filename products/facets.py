"""What a list can be filtered by, with counts: one query for the names, one for all counts together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import CharField, Count, Exists, Model, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Substr
from django.utils.translation import gettext

from products.categories import Category
from products.filters import PREFIX, Condition, Filters
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
from products.services.rows import on_sale
from stock.models import Band, Shop, StockLevel

# Counting stops here: the cost of a list must not grow with the catalogue. Beyond it no counts are printed.
SCAN = 2000
MAX_PROMOTED = 5


@dataclass(frozen=True)
class Choice:
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
    choices: tuple[Choice, ...]
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
    """How many products each choice would show. `total` is of the filtered list, cut off at SCAN + 1."""

    total: int = 0
    is_exact: bool = True
    by_kind: dict[str, dict[str, int]] = field(default_factory=dict)

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


def narrow(products: QuerySet[Product], conditions: Mapping[str, Condition], *, but: Sequence[str] = ()) -> QuerySet:
    """Apply the conditions of all groups but these."""
    return products.filter(*(make("pk") for name, make in conditions.items() if name not in but))


def count_facets(
    scope: QuerySet[Product],
    wanted: QuerySet[Product],
    conditions: Mapping[str, Condition],
    below: Sequence[Category],
) -> Counts:
    """Count for each choice the products it would leave: the other groups' filters apply, its own group's do not.

    `scope` is the list without filters, `wanted` within the chosen category `below`. Cut off at SCAN. One query;
    without filters two, because every part would find the same products again.
    """
    if not conditions and scope is wanted:
        ids = [row["pk"] for row in _first(scope)]
        scope = wanted = Product.objects.filter(pk__in=ids)
    attributes = [name for name in conditions if name.startswith(PREFIX)]
    filtered = narrow(wanted, conditions)
    no_attributes = narrow(wanted, conditions, but=attributes)
    parts = [
        _whole("total", filtered),
        _whole("scope", scope),
        _part("shop", _levels(narrow(wanted, conditions, but=["shop"])), "shop__code", "sku__product"),
        _part("value", _page_values(no_attributes, conditions, attributes), "value_id", "page__product"),
        _part("value", _sku_values(no_attributes, conditions, attributes), "value_id", "sku__product"),
        _part("allergen", _allergens(filtered), "allergen", "page__product"),
    ]
    if below:
        paths = _category_paths(narrow(scope, conditions), below)
        parts.append(_part("category", paths, Substr("category__path", 1, len(below[0].path)), "page__product"))
    counts = Counts()
    for kind, key, number in parts[0].union(*parts[1:], all=True):
        found = counts.by_kind.setdefault(kind, {})
        found[key] = found.get(key, 0) + number
    counts.total = counts.by_kind.pop("total", {}).get("", 0)
    counts.is_exact = counts.by_kind.pop("scope", {}).get("", 0) <= SCAN
    return counts


def _first(products: QuerySet[Product]) -> QuerySet:
    return products.order_by("pk").values("pk")[: SCAN + 1]


def _text(value: str) -> Value:
    return Value(value, output_field=CharField())


def _part(kind: str, rows: QuerySet, key: object, product: str) -> QuerySet:
    grouped = rows.order_by().values(facet=_text(kind), key=Cast(key, CharField()))
    return grouped.annotate(number=Count(product, distinct=True)).values_list("facet", "key", "number")


def _whole(kind: str, products: QuerySet[Product]) -> QuerySet:
    rows = Product.objects.filter(pk__in=_first(products)).values(facet=_text(kind), key=_text(""))
    return rows.annotate(number=Count("pk")).values_list("facet", "key", "number")


def _levels(products: QuerySet[Product]) -> QuerySet[StockLevel]:
    return StockLevel.objects.filter(
        on_sale("sku__"), sku__product__in=_first(products), shop__is_active=True, band__gt=Band.SOLD_OUT
    )


def _others(conditions: Mapping[str, Condition], names: Sequence[str], product: str) -> list[Q]:
    """Rows of one attribute are narrowed by all other attributes that are on, not by their own."""
    return [Q(attribute__code=name.removeprefix(PREFIX)) | Q(conditions[name](product)) for name in names]


def _page_values(products: QuerySet, conditions: Mapping[str, Condition], names: Sequence[str]) -> QuerySet[Model]:
    return ProductAttribute.objects.filter(
        *_others(conditions, names, "page__product"),
        page__product__in=_first(products),
        page__live=True,
        attribute__is_filter=True,
        value__isnull=False,
    )


def _sku_values(products: QuerySet, conditions: Mapping[str, Condition], names: Sequence[str]) -> QuerySet[Model]:
    said_by_page = ProductAttribute.objects.filter(
        page__product=OuterRef("sku__product"), page__live=True, value=OuterRef("value")
    )
    return SkuOption.objects.filter(
        *_others(conditions, names, "sku__product"),
        on_sale("sku__"),
        ~Exists(said_by_page),
        sku__product__in=_first(products),
        attribute__is_filter=True,
    )


def _allergens(products: QuerySet[Product]) -> QuerySet[ProductAllergen]:
    return ProductAllergen.objects.filter(page__product__in=_first(products), page__live=True)


def _category_paths(products: QuerySet[Product], below: Sequence[Category]) -> QuerySet[ProductCategory]:
    inside = Q(pk__in=[])
    for category in below:
        inside |= Q(category__path__startswith=category.path)
    return ProductCategory.objects.filter(inside, page__product__in=_first(products), page__live=True)


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
    return facet.is_on or any(choice.count or not counts.is_exact for choice in facet.choices)


def _category_facet(counts: Counts, filters: Filters, below: Sequence[Category]) -> Facet:
    choices = [
        Choice("category", one.slug, one.title, counts.of("category", one.path), one.slug == filters.category)
        for one in below
    ]
    return Facet("category", gettext("Category"), tuple(choices), is_single=True)


def _shop_facet(counts: Counts, filters: Filters, shops: Sequence[Shop]) -> Facet:
    choices = [
        Choice("shop", shop.code, str(shop), counts.of("shop", shop.code), shop.code == filters.shop, shop)
        for shop in shops
    ]
    return Facet("shop", gettext("Available at"), tuple(choices), is_single=True)


def _attribute_facet(counts: Counts, filters: Filters, attribute: FilterAttribute) -> Facet:
    chosen = filters.attributes.get(attribute.code, ())
    ids = {code: pk for pk, code in attribute.ids.items()}
    name = f"{PREFIX}{attribute.code}"
    choices = [
        Choice(name, code, label, counts.of("value", ids[code]), code in chosen)
        for code, label in attribute.values.items()
    ]
    return Facet(name, attribute.label, tuple(choices))


def _without_facet(counts: Counts, filters: Filters) -> Facet:
    """Offer what something in the list contains; the count is of what is left."""
    choices = []
    for code, label in Allergen.choices:
        inside, is_on = counts.of("allergen", code), code in filters.without
        if is_on or inside is None or inside > 0:
            left = None if inside is None else counts.total - inside
            choices.append(Choice("without", code, str(label), left, is_on))
    return Facet("without", gettext("Without"), tuple(choices))


def promoted(facets: Sequence[Facet], total: int) -> list[Choice]:
    """Return the few choices worth a chip above the list: shops, up to three, then what narrows the list least.

    Values of attributes go before allergens; what is true of the whole list narrows nothing and is left out.
    """
    shops = [choice for facet in facets if facet.name == "shop" for choice in facet.choices][:3]
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
