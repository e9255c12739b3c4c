"""The quote: the price of a cart and its reasons. Pure: dataclasses in, dataclasses out, no database, no clock.

Pipeline: unit prices -> promotions -> promo code -> bonuses -> delivery -> tax. Each stage returns the lines
with its step appended; the middle stages come with their features. The amounts of the steps, of a line and of the
whole, sum to the result to the cent.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from hashlib import sha256

from common.money import ZERO, round_money, spread, tax_included


@dataclass(frozen=True)
class Customer:
    """The buyer, as far as prices may depend on them; never known on pages that are the same for everybody."""

    is_first_order: bool = False
    tier: str = ""


ANYBODY = Customer()


@dataclass(frozen=True)
class QuoteInput:
    """One line to price: quantity in the SKU's unit, gross price of one unit, tax rate as 0.09.

    The ids are for promotions: the product, its categories (of the default language), the values of its attributes and
    of the variant's options.
    """

    sku_id: int
    quantity: Decimal
    unit_price: Decimal
    tax_rate: Decimal
    product_id: int
    category_ids: frozenset[int] = frozenset()
    value_ids: frozenset[int] = frozenset()


@dataclass(frozen=True)
class QuoteStep:
    """One part of an amount: "goods" and "delivery" add to it, a discount is negative."""

    code: str
    amount: Decimal


@dataclass(frozen=True)
class QuoteLine:
    """A priced line: `amount` is quantity x unit price rounded once, tax is contained in amount - discount.

    `tax_amount` is the line's share of the tax of all lines with its rate. The amounts of `steps` sum to
    amount - discount.
    """

    sku_id: int
    quantity: Decimal
    unit_price: Decimal
    amount: Decimal
    discount: Decimal
    tax_rate: Decimal
    tax_amount: Decimal
    steps: tuple[QuoteStep, ...]


@dataclass(frozen=True)
class Quote:
    """The quote that the buyer confirms. total = goods - discount + delivery = sum of `steps`; it contains `tax`.

    It holds for `customer` only.
    """

    lines: tuple[QuoteLine, ...]
    goods: Decimal
    discount: Decimal
    delivery: Decimal
    tax: Decimal
    total: Decimal
    steps: tuple[QuoteStep, ...]
    customer: Customer

    @property
    def fingerprint(self) -> str:
        """Return a short text that changes with any line, price or sum, but not with the order of the lines."""
        lines = sorted((line.sku_id, line.quantity, line.unit_price, line.amount, line.discount) for line in self.lines)
        figures = [*(figure for line in lines for figure in line), self.delivery, self.total]
        return sha256(" ".join(f"{figure.normalize():f}" for figure in map(Decimal, figures)).encode()).hexdigest()[:16]


def quote(lines: Sequence[QuoteInput], *, customer: Customer = ANYBODY, currency: str) -> Quote:
    """Price the lines for a customer; prices do not depend on the order of the lines."""
    priced = _taxed([_priced(line, currency) for line in lines], currency)
    goods = sum((line.amount for line in priced), ZERO)
    delivery = ZERO
    steps = (*_summed(priced), QuoteStep("delivery", delivery))
    return Quote(
        lines=priced,
        goods=goods,
        discount=sum((line.discount for line in priced), ZERO),
        delivery=delivery,
        tax=sum((line.tax_amount for line in priced), ZERO),
        total=sum((step.amount for step in steps), ZERO),
        steps=steps,
        customer=customer,
    )


def _priced(line: QuoteInput, currency: str) -> QuoteLine:
    """Apply unit prices; each line is rounded once, here."""
    amount = round_money(line.unit_price * line.quantity, currency)
    return QuoteLine(
        sku_id=line.sku_id,
        quantity=line.quantity,
        unit_price=line.unit_price,
        amount=amount,
        discount=ZERO,
        tax_rate=line.tax_rate,
        tax_amount=ZERO,
        steps=(QuoteStep("goods", amount),),
    )


def _taxed(lines: Sequence[QuoteLine], currency: str) -> tuple[QuoteLine, ...]:
    """Compute the tax contained in the amount to pay; it adds nothing and is no step.

    Computed once a rate and shared among its lines: rounded line by line, ten of 3.30 at 9 % would have 2.70.
    """
    taxes: dict[int, Decimal] = {}
    # By SKU: the odd cent goes to the same one of equal lines, whatever the order of the cart.
    by_sku = sorted(range(len(lines)), key=lambda number: lines[number].sku_id)
    for rate in {line.tax_rate for line in lines}:
        mine = [number for number in by_sku if lines[number].tax_rate == rate]
        owed = [lines[number].amount - lines[number].discount for number in mine]
        taxes.update(zip(mine, spread(tax_included(sum(owed, ZERO), rate, currency), owed, currency), strict=True))
    return tuple(replace(line, tax_amount=taxes[number]) for number, line in enumerate(lines))


def _summed(lines: Sequence[QuoteLine]) -> list[QuoteStep]:
    """Return the steps of all lines, summed by code, in the order of the pipeline."""
    totals: dict[str, Decimal] = {"goods": ZERO}
    for line in lines:
        for step in line.steps:
            totals[step.code] = totals.get(step.code, ZERO) + step.amount
    return [QuoteStep(code, amount) for code, amount in totals.items()]
