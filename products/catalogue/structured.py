"""Structured data for search engines, from the same offers as the page."""

import json
from collections.abc import Sequence

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from common.models import Picture
from common.unit_prices import PrintedPrice, exact_number
from common.urls import absolute_path
from products.models import ProductPage
from products.offers import Offer
from products.pictures import CARD_SPECS, cut
from stock.models import Band

# UN/CEFACT codes, as schema.org wants them.
UNIT_CODES = {"kg": "KGM", "g": "GRM", "l": "LTR", "ml": "MLT", "m": "MTR"}


def script_text(data: object) -> SafeString:
    """Return JSON that is safe inside a script element: no tag can begin or end in it."""
    text = json.dumps(data, ensure_ascii=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return mark_safe(text)  # noqa: S308 - escaped above


def breadcrumbs(steps: Sequence[tuple[str, str]]) -> dict[str, object]:
    """Return the way to a page as (title, address) pairs, outermost first."""
    items = [
        {"@type": "ListItem", "position": number, "name": title, "item": absolute_path(url)}
        for number, (title, url) in enumerate(steps, start=1)
    ]
    return {"@context": "https://schema.org", "@type": "BreadcrumbList", "itemListElement": items}


def product_data(page: ProductPage, offers: Sequence[Offer], picture: Picture | None) -> dict[str, object]:
    """Return a Product, or a ProductGroup when there are variants. Without a price there is no offer."""
    url = absolute_path(page.url or "")
    data: dict[str, object] = {"@context": "https://schema.org", "name": page.title, "url": url}
    if page.intro:
        data["description"] = page.intro
    rendition = cut(picture, CARD_SPECS[-1:]).get(CARD_SPECS[-1])
    if rendition is not None:
        data["image"] = [absolute_path(rendition.url)]
    priced = [offer for offer in offers if offer.price is not None]
    if len(priced) > 1:
        variants = [_variant(page, offer, url) for offer in priced]
        return {**data, "@type": "ProductGroup", "productGroupID": str(page.product_id), "hasVariant": variants}
    if priced:
        data.update(sku=priced[0].code, offers=_offer(priced[0], url))
    return {**data, "@type": "Product"}


def _variant(page: ProductPage, offer: Offer, url: str) -> dict[str, object]:
    name = f"{page.title}, {offer.options_text}" if offer.options_text else page.title
    return {"@type": "Product", "sku": offer.code, "name": name, "offers": _offer(offer, url)}


def _offer(offer: Offer, url: str) -> dict[str, object]:
    available = offer.buyable and offer.best_band > Band.SOLD_OUT
    data: dict[str, object] = {
        "@type": "Offer",
        "url": f"{url}?sku={offer.code}",
        "priceCurrency": settings.SHOP_CURRENCY,
        "availability": f"https://schema.org/{'InStock' if available else 'OutOfStock'}",
    }
    return {**data, **_price(offer.printed)} if offer.printed else data


def _price(printed: PrintedPrice) -> dict[str, object]:
    """Return the price as the page prints it; of what is measured, with the amount it buys."""
    figures = exact_number(printed.amount)
    if not printed.is_measured:
        return {"price": figures}
    bought = {"@type": "QuantitativeValue", "value": f"{printed.size:f}", "unitCode": UNIT_CODES[printed.unit]}
    unit = {
        "@type": "UnitPriceSpecification",
        "price": figures,
        "priceCurrency": settings.SHOP_CURRENCY,
        "referenceQuantity": bought,
    }
    return {"price": figures, "priceSpecification": unit}
