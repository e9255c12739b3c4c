"""The product page: the current variant, its options, amounts to choose from, shops and related products."""

import datetime as dt
import json
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import lru_cache

from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from common.money import format_money, round_money
from common.numbers_typed import spell
from common.page_changes.parts import drawn_once, kept
from common.quantity import format_number, format_quantity
from products import pictures
from products.catalogue.cards import BandRow, Card, band_rows, cards_for
from products.catalogue.categories import Category, CategoryTree
from products.catalogue.scope import shown_products
from products.catalogue.structured import breadcrumbs, product_data, script_text
from products.models import ProductImage, ProductPage
from products.models.choices import Badge
from products.offers import Offer, product_offers
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


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True)
class _Rows:
    """What the database has of a page, whichever article is chosen: all of it in few queries."""

    offers: tuple[Offer, ...]
    gallery: tuple[ProductImage, ...]
    category_ids: tuple[int, ...]
    near: tuple[int, ...]
    food: Mapping[str, str]
    facts: tuple[tuple[str, str], ...]
    details: dict[Hashable, Detail] = field(default_factory=dict)


def product_detail(
    page: ProductPage,
    wanted: str,
    tree: CategoryTree,
    shops: Sequence[Shop],
    at: dt.datetime,
    *,
    draft_as: str | None = None,
) -> Detail:
    """Return what the page shows for the article `wanted`, or for the first one in stock.

    Six queries and those of the cards beside it, however many variants, pictures and shops there are; none for what is
    kept. `draft_as` is how the editor's preview shows a draft: "sold-out", or "" as it is.
    """
    key = ("product", page.pk, get_language())
    rows = kept(key, lambda: _rows(page, tree, at)) if draft_as is None else _rows(page, tree, at)
    if draft_as == "sold-out":
        rows = replace(rows, offers=tuple(replace(offer, bands={}) for offer in rows.offers))
    offer = _pick(rows.offers, wanted)
    detail = drawn_once(
        rows.details, offer.code if offer else "", lambda: _detail(page, rows, offer, tree=tree, shops=shops, at=at)
    )
    return replace(detail, goes_with=cards_for(rows.near, at, shops))


def _detail(
    page: ProductPage, rows: _Rows, offer: Offer | None, *, tree: CategoryTree, shops: Sequence[Shop], at: dt.datetime
) -> Detail:
    mine = rows.offers
    amounts = _amounts(offer) if offer and offer.price is not None else ()
    crumbs = _crumbs(tree, rows.category_ids)
    bands = band_rows([offer.bands] if offer else [], shops)
    return Detail(
        offer=offer,
        options=_options(mine, offer) if offer else (),
        places=tuple(Place(row, hours_line(row.shop), tuple(special_hours(row.shop, at))) for row in bands),
        amounts=amounts,
        presets=_presets(amounts),
        start=amounts[0] if amounts else None,
        contains=rows.food["contains"],
        may_contain=rows.food["may_contain"],
        facts=rows.facts,
        tags=tuple(str(Badge(code).label) for code in page.badges if code in Badge.values),
        gallery=rows.gallery,
        crumbs=crumbs,
        structured=_structured(page, mine, rows.gallery, crumbs),
        goes_with=[],
    )


def _rows(page: ProductPage, tree: CategoryTree, at: dt.datetime) -> _Rows:
    category_ids = tuple(row.category_id for row in page.categories.all() if tree.find(row.category_id))
    first = tree.find(category_ids[0]) if category_ids else None
    gallery = tuple(page.gallery.all().select_related("image"))
    pictures.load_renditions([row.image for row in gallery], pictures.GALLERY_SPECS)
    return _Rows(
        offers=tuple(product_offers([page.product_id], at, {page.product_id: page}).get(page.product_id, ())),
        gallery=gallery,
        category_ids=category_ids,
        near=tuple(_near(page, tree.ids_under([first] if first else []))),
        food=_food_facts(page),
        facts=_facts(page),
    )


def _crumbs(tree: CategoryTree, category_ids: Sequence[int]) -> tuple[Category, ...]:
    first = tree.find(category_ids[0]) if category_ids else None
    return (*tree.above(first), first) if first else ()


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
        value, text = _spelled(quantity, offer.unit, get_language())
        amounts.append(Amount(value, text, format_money(total)))
        quantity += offer.step
    return tuple(amounts)


@lru_cache(maxsize=2048)
def _spelled(quantity: Decimal, unit: str, language: str | None) -> tuple[str, str]:
    """Return a quantity as a script reads it and as the active language writes it: the same for many products."""
    return spell(quantity), format_quantity(quantity, unit)


def _presets(amounts: tuple[Amount, ...]) -> tuple[Amount, ...]:
    """Return up to four amounts for quick choice: the minimum and round ones (1, 2 or 5 and zeros) above it."""
    if len(amounts) <= MAX_PRESETS:
        return ()
    round_ones = [amount for amount in amounts[1:] if amount.value.replace(".", "").strip("0") in ("1", "2", "5")]
    return (amounts[0], *round_ones[: MAX_PRESETS - 1])
