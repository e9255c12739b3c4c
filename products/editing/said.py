"""Messages of the CMS after figures were saved: the numbers as understood, so that a slip is seen at once."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.utils import formats, timezone
from django.utils.translation import gettext, ngettext

from common.money import format_exact
from common.quantity import UNITS, format_quantity
from products.models import Sku
from products.services.variants import VariantEdit

MOST_NAMED = 5


def price_said(amount: Decimal, unit: str) -> str:
    """Return a price as it was understood: "€3.90 each", "€12.50 per kg"."""
    if unit == "pc":
        return gettext("%(price)s each") % {"price": format_exact(amount)}
    return gettext("%(price)s per %(unit)s") % {"price": format_exact(amount), "unit": UNITS[unit].label}


def added_said(name: str, price: Decimal, unit: str, stock: Mapping[str, Decimal], *, is_live: bool) -> str:
    """Describe the product that quick add made; `stock` is {shop: quantity} of what was entered."""
    product = {"name": name, "price": price_said(price, unit)}
    if not is_live:
        first = gettext("%(name)s, %(price)s, was added as a draft.") % product
    elif stock:
        first = gettext("%(name)s, %(price)s, is on sale.") % product
    else:
        first = gettext("%(name)s, %(price)s, was added; no shop has any yet.") % product
    counted = gettext("In stock: %(places)s.") % {"places": _places(stock, unit)} if stock else ""
    return f"{first} {counted}".strip()


def saved_said(edits: Sequence[VariantEdit], saved: Sequence[Sku], shops: Mapping[int, str], at: dt.datetime) -> str:
    """List the figures that the variants tab saved, up to five variants by name; `saved` are the SKUs of `edits`."""
    told = [text for edit, sku in zip(edits, saved, strict=True) if (text := _figures(edit, sku, shops, at))]
    if not told:
        return gettext("Variants saved.")
    rest = len(told) - MOST_NAMED
    more = (
        ngettext("%(number)d more variant.", "%(number)d more variants.", rest) % {"number": rest} if rest > 0 else ""
    )
    return " ".join(filter(None, [gettext("Saved."), *(f"{text}." for text in told[:MOST_NAMED]), more]))


def _figures(edit: VariantEdit, sku: Sku, shops: Mapping[int, str], at: dt.datetime) -> str:
    texts = []
    if edit.price is not None:
        texts.append(price_said(edit.price, sku.unit))
        if edit.starts_at is not None and edit.starts_at > at:
            moment = formats.date_format(timezone.localtime(edit.starts_at), "j F Y, H:i")
            texts[-1] = gettext("%(price)s from %(when)s") % {"price": texts[-1], "when": moment}
    if edit.counts:
        texts.append(_places({shops[count.shop_id]: count.counted for count in edit.counts}, sku.unit))
    return gettext("%(article)s: %(figures)s") % {"article": sku.code, "figures": ", ".join(texts)} if texts else ""


def _places(stock: Mapping[str, Decimal], unit: str) -> str:
    amounts = [
        gettext("%(quantity)s in %(shop)s") % {"quantity": format_quantity(quantity, unit), "shop": shop}
        for shop, quantity in stock.items()
    ]
    return ", ".join(amounts)
