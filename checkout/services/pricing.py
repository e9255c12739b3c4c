"""Pricing of cart lines by the offers of their SKUs."""

from collections.abc import Sequence

from django.conf import settings

from checkout.models import CartLine
from checkout.services.quote import Quote, QuoteInput, quote
from products.offers import Offer


def price_lines(lines: Sequence[CartLine], offers: dict[int, Offer]) -> Quote:
    """Quote the lines that can be bought."""
    inputs = [
        QuoteInput(line.sku_id, line.quantity, offers[line.sku_id].price, offers[line.sku_id].tax_rate)
        for line in lines
        if line.sku_id in offers and offers[line.sku_id].buyable
    ]
    return quote(inputs, currency=settings.SHOP_CURRENCY)
