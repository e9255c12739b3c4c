"""Pricing of cart lines by the offers of their SKUs."""

from collections.abc import Sequence

from django.conf import settings

from checkout.models import CartLine
from checkout.services.quote import Quote, QuoteInput, quote
from products.offers import Offer


def price_lines(lines: Sequence[CartLine], offers: dict[int, Offer]) -> Quote:
    """Quote the lines that can be bought."""
    inputs = [
        QuoteInput(line.sku_id, line.quantity, offer.price, offer.tax_rate)
        for line in lines
        if (offer := offers.get(line.sku_id)) and offer.buyable and offer.price is not None
    ]
    return quote(inputs, currency=settings.SHOP_CURRENCY)
