"""The quote: what a cart costs and why. Pure: dataclasses in, dataclasses out, no database, no clock.

Pipeline: unit prices -> promotions -> promo code -> bonuses -> delivery -> tax. The middle steps come
with their issues; each leaves a Step, and the amounts of the steps sum to the result to the cent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from common.money import ZERO, round_money, tax_included


@dataclass(frozen=True)
class QuoteInput:
    """One line to price: quantity in `unit`, gross price of one unit, tax rate as 0.09."""

    sku_id: int
    quantity: Decimal
    unit_price: Decimal
    tax_rate: Decimal


@dataclass(frozen=True)
class Step:
    """One reason why an amount is what it is."""

    code: str
    amount: Decimal


@dataclass(frozen=True)
class QuoteLine:
    """A priced line: `amount` is quantity x unit price rounded once, tax is contained in amount - discount."""

    sku_id: int
    quantity: Decimal
    unit_price: Decimal
    amount: Decimal
    discount: Decimal
    tax_rate: Decimal
    tax_amount: Decimal
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Quote:
    """What the buyer confirms. total = goods - discount + delivery; `tax` is contained in it."""

    lines: tuple[QuoteLine, ...]
    goods: Decimal
    discount: Decimal
    delivery: Decimal
    tax: Decimal
    total: Decimal
    steps: tuple[Step, ...]


def quote(lines: Sequence[QuoteInput], *, currency: str) -> Quote:
    """Price the lines; the order of the lines changes nothing but their order."""
    priced = tuple(_line(line, currency) for line in lines)
    goods = sum((line.amount for line in priced), ZERO)
    discount = sum((line.discount for line in priced), ZERO)
    delivery = ZERO
    total = goods - discount + delivery
    return Quote(
        lines=priced,
        goods=goods,
        discount=discount,
        delivery=delivery,
        tax=sum((line.tax_amount for line in priced), ZERO),
        total=total,
        steps=(Step("goods", goods), Step("delivery", delivery)),
    )


def _line(line: QuoteInput, currency: str) -> QuoteLine:
    amount = round_money(line.unit_price * line.quantity, currency)
    return QuoteLine(
        sku_id=line.sku_id,
        quantity=line.quantity,
        unit_price=line.unit_price,
        amount=amount,
        discount=ZERO,
        tax_rate=line.tax_rate,
        tax_amount=tax_included(amount, line.tax_rate, currency),
        steps=(Step("price", amount),),
    )
