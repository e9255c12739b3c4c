"""Offers: the price of a SKU and whether it can be bought, answered once for pages, cart, orders and staff.

Every relation is read for all SKUs at once: the same few queries for one SKU or a hundred.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypedDict

from django.db.models import BigIntegerField, CharField, DateField, DateTimeField, Exists, OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext

from common.composed import Composed, Hole, holes, padded
from common.models import translate
from common.money import ZERO, format_exact
from common.nested_rows import NestedRows, Row, rows_of, texts_of
from common.page_changes.feed import shows_products
from common.quantity import UNITS, format_number
from common.unit_prices import (
    PrintedPrice,
    comparison_price,
    least_charged,
    printed_price,
    unit_price_text,
)
from products.models import ProductPage, Sku, SkuOption, TaxRate
from products.prices import amount_in_force
from products.shown_pages import Facts, facts_of, known_pages, last_titles, ranked_languages, shown_pages, shown_title
from stock.models import Band
from stock.selectors import levels_of, nested_levels

# The unit that prices of small amounts are compared by.
_THOUSANDS = {"g": "kg", "ml": "l"}


@dataclass(frozen=True)
class Offer:
    """One SKU at one moment. Money is gross and for one `unit`; `available` is for cart and staff only.

    `min_quantity` costs something once it is rounded. `unit_price` is for comparing: per kg, per litre.
    `bands` and `available` are by shop id; a shop that is missing has none. `why_not` is a sentence when
    the SKU cannot be bought at all; being sold out everywhere is not such a reason, the bands say so.
    `is_shown`: visitors see a page of it. `page` and `facts` are loaded by `offers_for`, without `facts` by
    `product_offers`, not at all by `figures_for`.
    """

    sku_id: int
    code: str
    product_id: int
    page: ProductPage | None
    name: str
    options_text: str
    unit: str
    step: Decimal
    min_quantity: Decimal
    max_quantity: Decimal | None
    price: Decimal | None
    old_price: Decimal | None
    unit_price: Decimal | None
    unit_price_label: str
    net_text: str
    tax_rate: Decimal
    buyable: bool
    why_not: str
    is_shown: bool
    facts: Facts | None = None
    barcode: str = ""
    option_values: Mapping[int, int] = field(default_factory=dict)
    option_names: Mapping[int, str] = field(default_factory=dict)
    option_labels: Mapping[int, str] = field(default_factory=dict)
    bands: Mapping[int, int] = field(default_factory=dict)
    available: Mapping[int, Decimal] = field(default_factory=dict)

    @property
    def printed(self) -> PrintedPrice | None:
        """Return the price as it is printed, None without one."""
        return None if self.price is None else printed_price(self.price, self.unit)

    @property
    def price_text(self) -> str:
        """Return the price in words, "" without one: €3.90 each, €1.25 per 100 g."""
        return "" if self.price is None else unit_price_text(self.price, self.unit)

    @property
    def comparison_text(self) -> str:
        """Return the price to compare by, "" without one: €9.60 / kg."""
        return "" if self.unit_price is None else f"{format_exact(self.unit_price)} / {self.unit_price_label}"

    @property
    def best_band(self) -> int:
        """Return the best band of any shop."""
        return max(self.bands.values(), default=Band.SOLD_OUT)

    @property
    def allergens_text(self) -> str:
        """Return what the product contains, in words."""
        return ", ".join(self._known.contains)

    @property
    def may_contain_text(self) -> str:
        """Return what the product may contain traces of, in words."""
        return ", ".join(self._known.may_contain)

    @property
    def category_ids(self) -> frozenset[int]:
        """Return the categories of the product, as pages of the default language."""
        return self._known.category_ids

    @property
    def value_ids(self) -> frozenset[int]:
        """Return the attribute values of product and variant."""
        return self._known.value_ids.union(self.option_values.values())

    @property
    def _known(self) -> Facts:
        if self.facts is None:
            raise ValueError(f"The facts of {self.code} are not loaded.")
        return self.facts

    @property
    def is_measured(self) -> bool:
        """Return whether it is weighed, poured or cut."""
        return UNITS[self.unit].is_measured


def offers_for(sku_ids: Iterable[int], at: dt.datetime) -> dict[int, Offer]:
    """Return {sku_id: Offer} for the SKUs that exist, in the active language: two queries for any number."""
    ids = padded(sku_ids)
    return offers_of(_priced_by_id(len(ids), ids=ids, **priced_at(at)) if ids else [])


def figures_for(sku_ids: Iterable[int], at: dt.datetime) -> dict[int, Offer]:
    """Return the same without page and facts: names, prices, quantities and stock, in one query."""
    ids = padded(sku_ids)
    return _figures_of(_titled_by_id(len(ids), ids=ids, **priced_at(at), **ranked_languages())) if ids else {}


def figures_by_code(code: str, at: dt.datetime) -> Offer | None:
    """Return the figures of an article as it is stored (see `normalise_code`), None if there is no such article."""
    if not code.isprintable():  # PostgreSQL refuses to look for a NUL
        return None
    found = _figures_of(_titled_by_code(code=code, **priced_at(at), **ranked_languages()))
    return next(iter(found.values()), None)


def price_to_pay(at: dt.datetime | Hole, sku: str = "sku") -> Subquery:
    """Return SQL for the price in force of the SKU that a row's column `sku` names, NULL if it is not on sale."""
    shown = ProductPage.objects.shown().filter(product_id=OuterRef("product_id"))
    skus = Sku.objects.filter(Exists(shown), pk=OuterRef(sku), is_active=True).exclude(supplier__is_active=False)
    return Subquery(skus.annotate(amount=amount_in_force(at)).values("amount")[:1])


def offers_of(rows: "Iterable[PricedSku]", *, from_kept: bool = False) -> dict[int, Offer]:
    """Return {sku_id: Offer} of rows of `priced_skus`, with pages as they are now.

    `from_kept`: with pages and their pictures as they are kept, at most a second old.
    """
    skus = list(rows)
    keys = {sku.product_id for sku in skus}
    pages = known_pages(keys) if from_kept else shown_pages(keys, with_facts=True, with_renditions=False)
    gone = keys - set(pages)
    return _offers(skus, pages, last_titles(gone) if gone else {}, with_facts=True)


def _figures_of(skus: "Sequence[PricedSku]") -> dict[int, Offer]:
    names = {sku.product_id: vars(sku)["title"] or sku.code for sku in skus}
    shown = {sku.product_id for sku in skus if vars(sku)["title"]}
    return {sku.pk: _offer(sku, None, names[sku.product_id], is_shown=sku.product_id in shown) for sku in skus}


def product_offers(
    product_ids: Iterable[int], at: dt.datetime, pages: Mapping[int, ProductPage] | None = None
) -> dict[int, list[Offer]]:
    """Return {product_id: offers of its active SKUs, in their order}; `pages` when they are loaded already."""
    found: dict[int, list[Offer]] = defaultdict(list)
    wanted = list(product_ids)
    shows_products(wanted)
    ids = padded(wanted)
    skus = _priced_of_products(len(ids), ids=ids, **priced_at(at)) if ids else []
    if pages is None:
        pages = shown_pages({sku.product_id for sku in skus}) if skus else {}
    for offer in _offers(skus, pages).values():
        found[offer.product_id].append(offer)
    return found


if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    class Figures(TypedDict):
        """Columns that `priced_skus` adds to a SKU."""

        amount: Decimal | None
        rate: Decimal | None
        option_rows: list[Row] | None
        level_rows: list[Row] | None

    PricedSku = WithAnnotations[Sku, Figures]


def priced_skus() -> "QuerySet[PricedSku]":
    """Return SKUs with all that is said of them but their page, for `offers_of`: one query, to be composed.

    `amount` is the price in force, `rate` the tax of the day; `priced_at` fills in both moments.
    """
    today = Hole("today", DateField())
    rates = TaxRate.objects.filter(tax_class=OuterRef("product__tax_class"), since__lte=today).order_by("-since")
    return (
        Sku.objects.select_related("supplier")
        .annotate(
            amount=amount_in_force(Hole("at", DateTimeField())),
            rate=Subquery(rates.values("rate")[:1]),
            option_rows=NestedRows(SkuOption.objects.filter(sku=OuterRef("pk")), *_OPTION),
            level_rows=nested_levels(OuterRef("pk")),
        )
        .order_by("sort_order", "id")
    )


def priced_at(at: dt.datetime) -> dict[str, object]:
    """Return the moments for a query made of `priced_skus`; the day is that of the site's time zone."""
    return {"at": at, "today": timezone.localdate(at, timezone.get_default_timezone())}


def _ids(count: int) -> list[Any]:
    return holes("ids", BigIntegerField(), count)


_priced_by_id = Composed(lambda count: priced_skus().filter(pk__in=_ids(count)))
_priced_of_products = Composed(lambda count: priced_skus().filter(product__id__in=_ids(count), is_active=True))
_titled_by_id = Composed(lambda count: priced_skus().filter(pk__in=_ids(count)).annotate(title=shown_title()))
_titled_by_code = Composed(lambda: priced_skus().filter(code=Hole("code", CharField())).annotate(title=shown_title()))


_OPTION = (
    "attribute_id",
    "value_id",
    "attribute__code",
    "attribute__name",
    "attribute__sort_order",
    "value__code",
    "value__label",
)


def _offers(
    skus: "list[PricedSku]",
    pages: Mapping[int, ProductPage],
    former: Mapping[int, str] | None = None,
    *,
    with_facts: bool = False,
) -> dict[int, Offer]:
    names = {**(former or {}), **{product_id: page.title for product_id, page in pages.items()}}
    facts = {product_id: facts_of(page) for product_id, page in pages.items()} if with_facts else {}
    nothing = Facts() if with_facts else None
    return {
        sku.pk: _offer(
            sku,
            pages.get(sku.product_id),
            names.get(sku.product_id, sku.code),
            is_shown=sku.product_id in pages,
            facts=facts.get(sku.product_id, nothing),
        )
        for sku in skus
    }


def _offer(
    sku: "PricedSku", page: ProductPage | None, name: str, *, is_shown: bool, facts: Facts | None = None
) -> Offer:
    least = _least(sku)
    why_not = _why_not(sku, least, is_shown=is_shown)
    levels = levels_of(sku.level_rows)
    options = sorted(rows_of(sku.option_rows), key=lambda row: (row["attribute__sort_order"], row["attribute_id"]))
    labels = {row["attribute_id"]: translate(texts_of(row["value__label"])) or row["value__code"] for row in options}
    unit_price, label = _unit_price(sku)
    return Offer(
        sku_id=sku.pk,
        code=sku.code,
        product_id=sku.product_id,
        page=page,
        name=name,
        options_text=", ".join(labels.values()),
        unit=sku.unit,
        step=sku.step,
        min_quantity=least,
        max_quantity=sku.max_quantity,
        price=sku.amount,
        old_price=None,
        unit_price=unit_price,
        unit_price_label=label,
        net_text=f"{format_number(sku.net_amount)} {UNITS[sku.net_unit].label}" if sku.net_amount else "",
        tax_rate=sku.rate if sku.rate is not None else ZERO,
        buyable=not why_not,
        why_not=why_not,
        is_shown=is_shown,
        facts=facts,
        barcode=sku.barcode,
        option_values={row["attribute_id"]: row["value_id"] for row in options},
        option_names={
            row["attribute_id"]: translate(texts_of(row["attribute__name"])) or row["attribute__code"]
            for row in options
        },
        option_labels=labels,
        bands={shop: level.band for shop, level in levels.items()},
        available={shop: level.on_hand - level.reserved for shop, level in levels.items()},
    )


def _least(sku: "PricedSku") -> Decimal:
    """Return the smallest quantity that is sold: what rounds to nothing would be given away."""
    return sku.min_quantity if sku.amount is None else max(sku.min_quantity, least_charged(sku.amount, sku.step))


def _why_not(sku: "PricedSku", least: Decimal, *, is_shown: bool) -> str:
    if not is_shown or not sku.is_active or (sku.supplier is not None and not sku.supplier.is_active):
        return gettext("This is not on sale any more.")
    if sku.amount is None:
        return gettext("This has no price yet.")
    return "" if _can_be_charged(sku, least) else gettext("This costs too little to be sold.")


def can_be_charged(sku: Sku, amount: Decimal) -> bool:
    """Return whether the largest quantity of a SKU costs something at this price once it is rounded."""
    return _can_be_charged(sku, max(sku.min_quantity, least_charged(amount, sku.step)))


def _can_be_charged(sku: Sku, least: Decimal) -> bool:
    return sku.max_quantity is None or least <= sku.max_quantity


def _unit_price(sku: "PricedSku") -> tuple[Decimal | None, str]:
    """Return the price per kg or l and that unit's label, where the net amount or the unit allows one."""
    if sku.amount is None:
        return None, ""
    if sku.unit in ("kg", "l"):
        return sku.amount, str(UNITS[sku.unit].label)
    amount, unit = (sku.net_amount, sku.net_unit) if sku.net_amount else (Decimal(1), sku.unit)
    if unit in _THOUSANDS:
        return comparison_price(sku.amount, amount, Decimal(1000)), str(UNITS[_THOUSANDS[unit]].label)
    if unit in ("kg", "l") and amount:
        return comparison_price(sku.amount, amount), str(UNITS[unit].label)
    return None, ""
