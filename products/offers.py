"""Offers: the price of a SKU and whether it can be bought, answered once for pages, cart, orders and staff.

Every relation is read for all SKUs at once: the same few queries for one SKU or a hundred.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, TypedDict

from django.conf import settings
from django.db.models import Exists, OuterRef, Prefetch, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import get_language, gettext

from common.money import ZERO, format_exact
from common.quantity import UNITS, format_number
from common.unit_prices import (
    PrintedPrice,
    comparison_price,
    least_charged,
    printed_price,
    unit_price_text,
)
from common.visible_pages import open_to_all
from products import pictures
from products.models import ProductPage, Sku, SkuOption, TaxRate
from products.prices import amount_in_force
from stock.models import Band
from stock.selectors import levels_for

# The unit that prices of small amounts are compared by.
_THOUSANDS = {"g": "kg", "ml": "l"}


@dataclass(frozen=True)
class Offer:
    """One SKU at one moment. Money is gross and for one `unit`; `available` is for cart and staff only.

    `min_quantity` costs something once it is rounded. `unit_price` is for comparing: per kg, per litre.
    `bands` and `available` are by shop id; a shop that is missing has none. `why_not` is a sentence when
    the SKU cannot be bought at all; being sold out everywhere is not such a reason, the bands say so.
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
        """Return what the product contains, in words. `offers_for` has loaded it, lists have not."""
        rows = self.page.allergens.all() if self.page else ()
        return ", ".join(str(row.get_allergen_display()) for row in rows if row.level == "contains")

    @property
    def may_contain_text(self) -> str:
        """Return what the product may contain traces of, in words; loaded as for `allergens_text`."""
        rows = self.page.allergens.all() if self.page else ()
        return ", ".join(str(row.get_allergen_display()) for row in rows if row.level == "may_contain")

    @property
    def category_ids(self) -> frozenset[int]:
        """Return the categories of the product, as pages of the default language; loaded as for `allergens_text`."""
        return frozenset(row.category_id for row in self.page.categories.all()) if self.page else frozenset()

    @property
    def value_ids(self) -> frozenset[int]:
        """Return the attribute values of product and variant; loaded as for `allergens_text`."""
        rows = self.page.attributes.all() if self.page else ()
        return frozenset([*self.option_values.values(), *(row.value_id for row in rows if row.value_id)])

    @property
    def is_measured(self) -> bool:
        """Return whether it is weighed, poured or cut."""
        return UNITS[self.unit].is_measured


def offers_for(sku_ids: Iterable[int], at: dt.datetime) -> dict[int, Offer]:
    """Return {sku_id: Offer} for the SKUs that exist, in the active language: eight queries for any number."""
    return _offers_of(_skus(at).filter(pk__in=list(sku_ids)))


def offer_by_code(code: str, at: dt.datetime) -> Offer | None:
    """Return the offer of an article as it is stored (see `normalise_code`), None if there is no such article."""
    if not code.isprintable():  # PostgreSQL refuses to look for a NUL
        return None
    return next(iter(_offers_of(_skus(at).filter(code=code)).values()), None)


def prices_for(sku_ids: Iterable[int], at: dt.datetime) -> dict[int, Decimal]:
    """Return {sku_id: price in force} of the SKUs that can be bought: what `offers_for` says of them, in one query."""
    shown = ProductPage.objects.shown().filter(product_id=OuterRef("product_id"))
    skus = Sku.objects.filter(pk__in=list(sku_ids), is_active=True).exclude(supplier__is_active=False)
    priced = skus.filter(Exists(shown)).annotate(amount=amount_in_force(at))
    return dict(priced.filter(amount__isnull=False).values_list("pk", "amount"))


def _offers_of(rows: "QuerySet[PricedSku]") -> dict[int, Offer]:
    skus = list(rows)
    pages = shown_pages({sku.product_id for sku in skus}) if skus else {}
    gone = {sku.product_id for sku in skus} - set(pages)
    return _offers(skus, pages, _last_titles(gone) if gone else {})


def product_offers(
    product_ids: Iterable[int], at: dt.datetime, pages: Mapping[int, ProductPage] | None = None
) -> dict[int, list[Offer]]:
    """Return {product_id: offers of its active SKUs, in their order}; `pages` when they are loaded already."""
    found: dict[int, list[Offer]] = defaultdict(list)
    skus = list(_skus(at).filter(product_id__in=list(product_ids), is_active=True))
    if pages is None:
        pages = shown_pages({sku.product_id for sku in skus}) if skus else {}
    for offer in _offers(skus, pages).values():
        found[offer.product_id].append(offer)
    return found


if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    class Figures(TypedDict):
        """Columns that `_skus` adds to a SKU."""

        amount: Decimal | None
        rate: Decimal | None

    PricedSku = WithAnnotations[Sku, Figures]


def _skus(at: dt.datetime) -> "QuerySet[PricedSku]":
    """Return SKUs with `amount` (the price in force) and `rate` (tax today, by the site's time zone) in one query."""
    today = timezone.localdate(at, timezone.get_default_timezone())
    rates = TaxRate.objects.filter(tax_class=OuterRef("product__tax_class"), since__lte=today).order_by("-since")
    options = SkuOption.objects.select_related("value", "attribute").order_by("attribute__sort_order", "attribute_id")
    return (
        Sku.objects.select_related("supplier")
        .prefetch_related(Prefetch("options", queryset=options))
        .annotate(amount=amount_in_force(at), rate=Subquery(rates.values("rate")[:1]))
        .order_by("sort_order", "id")
    )


def _offers(
    skus: "list[PricedSku]", pages: Mapping[int, ProductPage], last_titles: Mapping[int, str] | None = None
) -> dict[int, Offer]:
    levels = levels_for([sku.pk for sku in skus]) if skus else {}
    names = {**(last_titles or {}), **{product_id: page.title for product_id, page in pages.items()}}
    offers = {}
    for sku in skus:
        mine = levels.get(sku.pk, {})
        offers[sku.pk] = _offer(
            sku,
            pages.get(sku.product_id),
            names.get(sku.product_id, sku.code),
            bands={shop: level.band for shop, level in mine.items()},
            available={shop: level.on_hand - level.reserved for shop, level in mine.items()},
        )
    return offers


def shown_pages(
    product_ids: Iterable[int], *, with_facts: bool = True, with_renditions: bool = True
) -> dict[int, ProductPage]:
    """Return {product_id: its live, public page}: of the active language, else of the default, else of any.

    Covers come with the renditions of a card. Five queries for any number; two without the facts (allergens,
    categories, attributes).
    """
    pages = (
        ProductPage.objects.shown()
        .filter(product_id__in=list(product_ids))
        .select_related("locale", "cover")
        .order_by("pk")
    )
    found: dict[int, ProductPage] = {}
    for page in pages.prefetch_related("allergens", "categories", "attributes") if with_facts else pages:
        known = found.get(page.product_id)
        if known is None or _preference(page) > _preference(known):
            found[page.product_id] = page
    if with_renditions:
        covers = [page.cover for page in found.values()]
        pictures.load_renditions(covers, (*pictures.CARD_SPECS, *pictures.THUMB_SPECS))
    return found


def _last_titles(product_ids: Iterable[int]) -> dict[int, str]:
    """Return {product_id: the title its page had when buyers could see it}: a cart goes on naming what it held."""
    pages = open_to_all(ProductPage.objects.filter(product_id__in=list(product_ids), alias_of=None, live=False))
    found: dict[int, ProductPage] = {}
    for page in pages.filter(first_published_at__isnull=False).select_related("locale").order_by("pk"):
        known = found.get(page.product_id)
        if known is None or _preference(page) > _preference(known):
            found[page.product_id] = page
    return {product_id: page.title for product_id, page in found.items()}


def _preference(page: ProductPage) -> int:
    language = page.locale.language_code
    return 2 * (language == get_language()) + (language == settings.LANGUAGE_CODE)


def _offer(
    sku: "PricedSku", page: ProductPage | None, name: str, *, bands: dict[int, int], available: dict[int, Decimal]
) -> Offer:
    least = _least(sku)
    why_not = _why_not(sku, page, least)
    unit_price, label = _unit_price(sku)
    return Offer(
        sku_id=sku.pk,
        code=sku.code,
        product_id=sku.product_id,
        page=page,
        name=name,
        options_text=", ".join(option.value.label_text or option.value.code for option in sku.options.all()),
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
        barcode=sku.barcode,
        option_values={option.attribute_id: option.value_id for option in sku.options.all()},
        option_names={option.attribute_id: str(option.attribute) for option in sku.options.all()},
        option_labels={
            option.attribute_id: option.value.label_text or option.value.code for option in sku.options.all()
        },
        bands=bands,
        available=available,
    )


def _least(sku: "PricedSku") -> Decimal:
    """Return the smallest quantity that is sold: what rounds to nothing would be given away."""
    return sku.min_quantity if sku.amount is None else max(sku.min_quantity, least_charged(sku.amount, sku.step))


def _why_not(sku: "PricedSku", page: ProductPage | None, least: Decimal) -> str:
    if page is None or not sku.is_active or (sku.supplier is not None and not sku.supplier.is_active):
        return gettext("This is not on sale any more.")
    if sku.amount is None:
        return gettext("This has no price yet.")
    if sku.max_quantity is not None and least > sku.max_quantity:
        return gettext("This costs too little to be sold.")
    return ""


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
