"""Sample products, lines and forms that the style guide passes to the real components."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django import forms

from common.icons import ICONS
from common.unit_prices import printed_price
from products.catalogue.cards import BandRow, Card
from stock.models import Band, Shop

Sample = dict[str, object]


class SampleForm(forms.Form):
    """A form with fields in every state."""

    name = forms.CharField(label="Full name")
    mail = forms.EmailField(label="Email", required=False, help_text="For the receipt and the collection code.")
    phone = forms.CharField(label="Phone")
    sort = forms.ChoiceField(label="Sort", choices=[("", "Recommended"), ("cheap", "Cheapest first")], required=False)

    def __init__(self) -> None:
        super().__init__({"name": "Mila Berg", "phone": "12"}, auto_id="sg-%s")
        for field in self.fields.values():
            field.widget.attrs["class"] = "input"
        self.add_error("phone", "Enter a phone number, for example 020 555 0142.")


def samples(shops: Iterable[Shop]) -> Sample:
    """Return the samples by the names that the style guide's templates use."""
    here = list(shops)
    bands = [_band(shop, number, len(here)) for number, shop in enumerate(here)]
    return {
        "form": SampleForm(),
        "icons": sorted(ICONS),
        "crumbs": [
            {"title": title, "url": "#sg-crumbs"} for title in ("Catalogue", "Bread", "Loaves for a whole week")
        ],
        "bands": bands,
        "cards": [
            _card("Salted pretzel", "110 g · €21.82 / kg", "2.40", bands, tags=("Vegan",), single=_offer("SG-PRETZEL")),
            _card("Zerno tee, heavy cotton, printed by hand in the next street", "3 sizes", "24.00", bands),
            _card(
                "Club sandwich", "280 g · €26.43 / kg", "7.40", [replace(band, band=Band.SOLD_OUT) for band in bands]
            ),
        ],
        "lines": [_line()],
        "removed": {"code": "SG-MICHE", "quantity": 1, "said": "Country miche is removed from your cart."},
        "quote": {"goods": Decimal("23.18"), "tax": Decimal("2.11"), "total": Decimal("23.18")},
        "shop": here[0] if here else None,
        "steps": [
            {"state": "done", "label": "Placed", "time": "14:02"},
            {"state": "now", "label": "Being prepared", "time": "14:06"},
            {"state": "todo", "label": "Ready", "time": ""},
        ],
        "price": {"plain": Decimal("4.80"), "large": Decimal("1234.50")},
    }


def _band(shop: Shop, number: int, of: int) -> BandRow:
    if number > 0 and number == of - 1:
        return BandRow(shop, Band.SOLD_OUT, "Sold out")
    return BandRow(shop, Band.FEW, "Few left") if number else BandRow(shop, Band.IN_STOCK, "In stock")


def _offer(code: str) -> Sample:
    return {"code": code, "min_quantity": Decimal(1), "step": Decimal(1)}


def _card(title: str, meta: str, price: str, bands: list[BandRow], **more: Any) -> Card:
    is_out = bool(bands) and all(band.is_out for band in bands)
    texts: dict[str, Any] = {"tags": (), "single": None, **more}
    return Card(
        product_id=0,
        title=title,
        url="#sg-card",
        cover=None,
        meta=meta,
        from_price=printed_price(Decimal(price), "pc"),
        has_from=not more and not is_out,
        bands=tuple(bands),
        **texts,
    )


def _line() -> Sample:
    """Return a line of the cart that asks for more than is in stock."""
    return {
        "offer": {
            **_offer("SG-MICHE"),
            "name": "Country miche",
            "options_text": "Sliced 12 mm",
            "price_text": "€9.80 per kg",
            "unit": "kg",
            "step": Decimal("0.1"),
            "is_measured": True,
            "best_band": 1,
            "page": {"cover": None},
        },
        "url": "#sg-line",
        "allergens": ["Contains: wheat, rye"],
        "notices": [{"text": "Only 400 g left at Canal.", "action": "set", "quantity": Decimal("0.4")}],
        "priced": {"amount": Decimal("5.88")},
        "quantity": Decimal("0.6"),
        "less": Decimal("0.5"),
        "more": None,
        "largest": Decimal("0.4"),
        "less_label": "Less Country miche",
        "more_label": "More Country miche",
        "quantity_label": "Quantity of Country miche, kg",
    }
