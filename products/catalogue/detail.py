"""The product page: the current variant, its options, amounts to choose from, shops and related products."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils.safestring import SafeString
from django.utils.translation import gettext

from common.money import format_money, round_money
from common.numbers_typed import spell
from common.quantity import format_number, format_quantity
from products import pictures
from products.catalogue.cards import BandRow, Card, band_rows, make_card
from products.catalogue.categories import Category, CategoryTree
from products.catalogue.scope import shown_products
from products.catalogue.structured import breadcrumbs, product_data, script_text
from products.models import ProductImage, ProductPage
from products.models.choices import Badge
from products.offers import Offer, product_offers, shown_pages
from stock.hours import SpecialHours, hours_line, special_hours
from stock.models import Band, Shop

MAX_STEPS = 60
MAX_OPTIONS = 3
GOES_WITH = 4
MAX_PRESETS = 4


@dataclass(frozen=True)
class OptionChoice:
    """One value of an option: the variant it leads to. `is_possible` is off when that cannot be bought."""

    label: str
    code: str
    is_on: bool
    is_possible: bool


@dataclass(frozen=True)
class Option:
    """An attribute that tells variants apart."""

    name: str
    label: str
    choices: tuple[OptionChoice, ...]


@dataclass(frozen=True)
class Amount:
    """A quantity to choose, with its price as text: the browser shows it and calculates nothing."""

    value: str
    text: str
    sum: str


@dataclass(frozen=True)
class Place:
    """A shop with what it has, its printed hours and the dates that differ from them."""

    row: BandRow
    hours: str
    upcoming: tuple[SpecialHours, ...] = ()


@dataclass(frozen=True)
class Detail:
    """The figures, choices and links that the product page shows beside its texts."""

    offer: Offer | None
    options: tuple[Option, ...]
    places: tuple[Place, ...]
    amounts: tuple[Amount, ...]
    presets: tuple[Amount, ...]
    start: Amount | None
    contains: str
    may_contain: str
    facts: tuple[tuple[str, str], ...]
    tags: tuple[str, ...]
    gallery: tuple[ProductImage, ...]
    crumbs: tuple[Category, ...]
    structured: SafeString
    goes_with: list[Card]

    @property
    def is_out(self) -> bool:
        """Return whether the current variant is sold out in every shop."""
        return all(place.row.is_out for place in self.places)

    @property
    def steps_json(self) -> str:
        """Return the amounts for the script's stepper."""
        return json.dumps([{"value": a.value, "text": a.text, "sum": a.sum} for a in self.amounts])


def product_detail(
    page: ProductPage,
    wanted: str,
    tree: CategoryTree,
    shops: Sequence[Shop],
    at: dt.datetime,
    *,
    as_sold_out: bool = False,
) -> Detail:
    """Return what the page shows for the article `wanted`, or for the first one in stock.

    Ten queries, however many variants, pictures and shops there are. `as_sold_out` is for the editor's preview.
    """
    rows = [tree.find(row.category_id) for row in page.categories.all()]
    categories = [category for category in rows if category is not None]
    gallery = tuple(page.gallery.all().select_related("image"))
    near = _near(page, tree.ids_under(categories[:1]))
    pages = {**_pages_beside(near, [row.image for row in gallery]), page.product_id: page}
    offers = product_offers([page.product_id, *near], at, pages)
    mine = offers.get(page.product_id, [])
    if as_sold_out:
        mine = [replace(offer, bands={}) for offer in mine]
    offer = _pick(mine, wanted)
    amounts = _amounts(offer) if offer and offer.price is not None else ()
    crumbs = (*tree.above(categories[0]), categories[0]) if categories else ()
    bands = band_rows([offer.bands] if offer else [], shops)
    return Detail(
        offer=offer,
        options=_options(mine, offer) if offer else (),
        places=tuple(Place(row, hours_line(row.shop), tuple(special_hours(row.shop, at))) for row in bands),
        amounts=amounts,
        presets=_presets(amounts),
        start=amounts[0] if amounts else None,
        **_food_facts(page),
        facts=_facts(page),
        tags=tuple(str(Badge(code).label) for code in page.badges if code in Badge.values),
        gallery=gallery,
        crumbs=crumbs,
        structured=_structured(page, mine, gallery, crumbs),
        goes_with=[make_card(pages[pk], tuple(offers[pk]), shops) for pk in near if pk in pages and offers.get(pk)],
    )


def _pages_beside(product_ids: Sequence[int], gallery: Sequence[pictures.Picture]) -> dict[int, ProductPage]:
    """Return the pages of other products, and give the gallery's pictures their renditions."""
    pages = shown_pages(product_ids, with_facts=False, with_renditions=False) if product_ids else {}
    covers = [page.cover for page in pages.values()]
    pictures.load_renditions([*gallery, *covers], pictures.GALLERY_SPECS)
    return pages


def _near(page: ProductPage, category_ids: Sequence[int]) -> list[int]:
    """Return the most wanted others of the first category."""
    if not category_ids:
        return []
    others = shown_products(category_ids).exclude(pk=page.product_id).order_by("-popularity", "-id")
    return list(others.values_list("pk", flat=True)[:GOES_WITH])


def _food_facts(page: ProductPage) -> dict[str, str]:
    rows = list(page.allergens.all())
    return {
        level: ", ".join(str(row.get_allergen_display()) for row in rows if row.level == level).lower()
        for level in ("contains", "may_contain")
    }


def _facts(page: ProductPage) -> tuple[tuple[str, str], ...]:
    """Return what the attributes say: name and value as printed."""
    found = []
    for row in page.attributes.all().select_related("attribute", "value"):
        if row.value is not None:
            text = row.value.label_text
        elif row.number is not None:
            text = f"{format_number(row.number)} {row.attribute.unit}".strip()
        else:
            text = row.text or gettext("Yes")
        found.append((str(row.attribute), text))
    return tuple(found)


def _structured(
    page: ProductPage, offers: Sequence[Offer], gallery: Sequence[ProductImage], crumbs: Sequence[Category]
) -> SafeString:
    picture = gallery[0].image if gallery else None
    steps = [*((crumb.title, crumb.url) for crumb in crumbs), (page.title, page.url or "")]
    return script_text([product_data(page, offers, picture), breadcrumbs(steps)])


def _pick(offers: Sequence[Offer], wanted: str) -> Offer | None:
    named = next((offer for offer in offers if offer.code == wanted), None)
    best = next((offer for offer in offers if offer.buyable and offer.best_band > Band.SOLD_OUT), None)
    return named or best or (offers[0] if offers else None)


def _options(offers: Sequence[Offer], chosen: Offer) -> tuple[Option, ...]:
    """Return every value of each attribute, leading to the variant that differs in it alone, or to any that has it."""
    found = []
    for attribute_id in list(chosen.option_values)[:MAX_OPTIONS]:
        values: dict[int, Offer] = {}
        for offer in offers:
            if attribute_id in offer.option_values:
                values.setdefault(offer.option_values[attribute_id], offer)
        if len(values) < 2:
            continue
        choices = [_choice(offers, chosen, attribute_id, value_id, example) for value_id, example in values.items()]
        found.append(Option(f"o{attribute_id}", chosen.option_names.get(attribute_id, ""), tuple(choices)))
    return tuple(found)


def _choice(offers: Sequence[Offer], chosen: Offer, attribute_id: int, value_id: int, example: Offer) -> OptionChoice:
    wanted = {**chosen.option_values, attribute_id: value_id}
    exact = next((offer for offer in offers if dict(offer.option_values) == wanted), None)
    target = exact or example
    label = example.option_labels.get(attribute_id, "")
    possible = target.buyable and target.best_band > Band.SOLD_OUT
    if not possible:
        label = gettext("%(option)s · sold out") % {"option": label}
    return OptionChoice(label, target.code, chosen.option_values.get(attribute_id) == value_id, possible)


def _amounts(offer: Offer) -> tuple[Amount, ...]:
    """Return the quantities from the minimum up, a step each, as far as a page needs."""
    most = offer.max_quantity if offer.max_quantity is not None else offer.min_quantity + offer.step * MAX_STEPS
    amounts: list[Amount] = []
    quantity = offer.min_quantity
    while quantity <= most and len(amounts) < MAX_STEPS:
        total = round_money((offer.price or Decimal(0)) * quantity)
        amounts.append(Amount(spell(quantity), format_quantity(quantity, offer.unit), format_money(total)))
        quantity += offer.step
    return tuple(amounts)


def _presets(amounts: tuple[Amount, ...]) -> tuple[Amount, ...]:
    """Return up to four amounts for quick choice: the minimum and round ones (1, 2 or 5 and zeros) above it."""
    if len(amounts) <= MAX_PRESETS:
        return ()
    round_ones = [amount for amount in amounts[1:] if amount.value.replace(".", "").strip("0") in ("1", "2", "5")]
    return (amounts[0], *round_ones[: MAX_PRESETS - 1])
