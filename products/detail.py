"""The product page: the variant that is looked at, its options, amounts to choose from, shops, structured data."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from common.money import format_money, round_money
from common.quantity import format_number, format_quantity
from products.cards import BandRow, Card, band_rows, cards_for
from products.models import ProductPage
from products.models.choices import Allergen
from products.offers import Offer, product_offers
from stock.models import Band, Shop

MAX_STEPS = 60
GOES_WITH = 4


@dataclass(frozen=True)
class OptionChoice:
    """One value of an option: the variant it leads to, or why it does not."""

    label: str
    code: str
    is_on: bool
    is_possible: bool


@dataclass(frozen=True)
class Option:
    """One thing variants differ by."""

    name: str
    label: str
    choices: tuple[OptionChoice, ...]


@dataclass(frozen=True)
class Amount:
    """A quantity that can be asked for, with its price as text: the browser shows it and does no sums."""

    value: str
    text: str
    sum: str


@dataclass(frozen=True)
class Detail:
    """Everything the product page shows beside its content."""

    offer: Offer | None
    options: tuple[Option, ...]
    bands: tuple[BandRow, ...]
    amounts: tuple[Amount, ...]
    presets: tuple[Amount, ...]
    start: Amount | None
    contains: str
    may_contain: str
    structured: SafeString
    goes_with: list[Card]

    @property
    def is_out(self) -> bool:
        return all(row.is_out for row in self.bands)

    @property
    def steps_json(self) -> str:
        """Return the amounts for the script's stepper."""
        return json.dumps([{"value": a.value, "text": a.text, "sum": a.sum} for a in self.amounts])


def product_detail(page: ProductPage, wanted: str, shops: Sequence[Shop], at: dt.datetime) -> Detail:
    """Return what the page shows for the article `wanted`, or for the first that can be had."""
    offers = product_offers([page.product_id], at).get(page.product_id, [])
    offer = _pick(offers, wanted)
    amounts = _amounts(offer) if offer and offer.price is not None else ()
    return Detail(
        offer=offer,
        options=_options(offers, offer) if offer else (),
        bands=band_rows([offer.bands] if offer else [], shops),
        amounts=amounts,
        presets=_presets(amounts),
        start=_start(amounts),
        contains=_allergens(page, "contains"),
        may_contain=_allergens(page, "may_contain"),
        structured=structured_data(page, offers),
        goes_with=_goes_with(page, shops, at),
    )


def _pick(offers: Sequence[Offer], wanted: str) -> Offer | None:
    named = next((offer for offer in offers if offer.code == wanted), None)
    best = next((offer for offer in offers if offer.buyable and offer.best_band > Band.SOLD_OUT), None)
    return named or best or (offers[0] if offers else None)


def _options(offers: Sequence[Offer], chosen: Offer) -> tuple[Option, ...]:
    """For each attribute: every value, leading to the variant that differs in it alone, or to any that has it."""
    found = []
    for attribute_id in chosen.option_values:
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
    amounts, quantity = [], offer.min_quantity
    while quantity <= most and len(amounts) < MAX_STEPS:
        total = round_money(offer.price * quantity)
        amounts.append(Amount(format_number(quantity), format_quantity(quantity, offer.unit), format_money(total)))
        quantity += offer.step
    return tuple(amounts)


def _presets(amounts: tuple[Amount, ...]) -> tuple[Amount, ...]:
    """Return up to four amounts worth a tap: the first, two between, a round one."""
    if len(amounts) < 6:
        return ()
    wanted = (0, len(amounts) // 8, len(amounts) // 4, len(amounts) // 2)
    return tuple(amounts[index] for index in sorted(set(wanted)))


def _start(amounts: tuple[Amount, ...]) -> Amount | None:
    return amounts[0] if amounts else None


def _allergens(page: ProductPage, level: str) -> str:
    names = dict(Allergen.choices)
    return ", ".join(str(names[row.allergen]) for row in page.allergens.all() if row.level == level)


def _goes_with(page: ProductPage, shops: Sequence[Shop], at: dt.datetime) -> list[Card]:
    """Return the most wanted of the same first category."""
    first = next(iter(page.categories.all()), None)
    if first is None:
        return []
    siblings = (
        ProductPage.objects.live()
        .filter(categories__category=first.category_id, locale=page.locale_id, product__from_price__isnull=False)
        .exclude(product=page.product_id)
        .order_by("-product__popularity", "-pk")
        .values_list("product_id", flat=True)
    )
    return cards_for(list(siblings[:GOES_WITH]), shops, at)


def structured_data(page: ProductPage, offers: Sequence[Offer]) -> SafeString:
    """Return JSON-LD for search engines, from the same offers as the page; `<` is escaped."""
    url = f"{settings.SITE_URL}{page.url}"
    image = page.cover.get_rendition("fill-560x560|format-jpeg").url if page.cover else None
    single = [_structured_offer(page, offer, url) for offer in offers if offer.price is not None]
    data: dict[str, object] = {"@context": "https://schema.org", "name": page.title, "url": url}
    if page.intro:
        data["description"] = page.intro
    if image:
        data["image"] = [image if image.startswith("http") else f"{settings.SITE_URL}{image}"]
    if len(single) == 1:
        data.update({"@type": "Product", "sku": offers[0].code, "offers": single[0]})
    elif single:
        variants = [
            {"@type": "Product", "sku": offer.code, "name": f"{page.title}, {offer.options_text}", "offers": one}
            for offer, one in zip([o for o in offers if o.price is not None], single, strict=True)
        ]
        data.update({"@type": "ProductGroup", "productGroupID": str(page.product_id), "hasVariant": variants})
    else:
        data["@type"] = "Product"
    text = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return mark_safe(text)  # noqa: S308 - escaped above


def _structured_offer(page: ProductPage, offer: Offer, url: str) -> dict[str, str]:
    available = offer.buyable and offer.best_band > Band.SOLD_OUT
    return {
        "@type": "Offer",
        "url": f"{url}?sku={offer.code}",
        "price": f"{round_money(offer.price or Decimal(0)):f}",
        "priceCurrency": settings.SHOP_CURRENCY,
        "availability": f"https://schema.org/{'InStock' if available else 'OutOfStock'}",
    }
