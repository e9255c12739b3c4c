"""Pricing of cart lines by the offers of their SKUs."""

from collections.abc import Sequence

from django.conf import settings

from checkout.models import CartLine
from checkout.services.quote import ANYBODY, Customer, Quote, QuoteInput, quote
from products.offers import Offer


def price_lines(lines: Sequence[CartLine], offers: dict[int, Offer], customer: Customer = ANYBODY) -> Quote:
    """Quote the lines that can be bought."""
    inputs = [
        QuoteInput(
            sku_id=line.sku_id,
            quantity=line.quantity,
            unit_price=offer.price,
            tax_rate=offer.tax_rate,
            product_id=offer.product_id,
            category_ids=offer.category_ids,
            value_ids=offer.value_ids,
        )
        for line in lines
        if (offer := offers.get(line.sku_id)) and offer.buyable and offer.price is not None
    ]
    return quote(inputs, customer=customer, currency=settings.SHOP_CURRENCY)
