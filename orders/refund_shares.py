"""Shares of a refund: the part of an order's money that goes with a quantity of a line. No query, no write.

The share of a quantity is the share of all that is refunded of the line with it, less the share of what was refunded
before: whatever the order and the portions, the refunds of a whole line sum to its own amount and tax, to the cent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext

from common.errors import DomainError
from common.money import ZERO, format_money, round_money, spread
from common.quantity import UNITS, format_quantity
from orders.models import RefundDocument, RefundDocumentLine

Kind, Goods = RefundDocument.Kind, RefundDocumentLine.Goods


class RefundRefused(DomainError):
    """The refund does not fit the order or its money as they stand."""

    code = "refund_refused"


class NothingToRefund(RefundRefused):
    """No money of this order is left, or none goes with what was chosen."""

    code = "nothing_to_refund"


class NotHandedOver(RefundRefused):
    """Goods that the shop still has cannot be refunded line by line."""

    code = "not_handed_over"


class MoreThanLeft(RefundRefused):
    """More of a line than is left to refund, or not a quantity of it. extra["line"]: its id."""

    code = "more_than_left"


class MoreThanKept(RefundRefused):
    """More money than the shop keeps of the order."""

    code = "more_than_kept"


class AboveLimit(RefundRefused):
    """The refund is above what the person's role may still refund of the order (OrderSettings)."""

    code = "above_limit"


@dataclass(frozen=True)
class RefundableLine:
    """A line of an order: `gross` after its discount, with `tax` in it; `refunded` is the quantity refunded before.

    `has_sku`: the article still exists, so that the goods can go back to the shelf.
    """

    key: int
    name: str
    unit: str
    quantity: Decimal
    gross: Decimal
    tax: Decimal
    refunded: Decimal = ZERO
    has_sku: bool = True

    @property
    def left(self) -> Decimal:
        """Return the quantity that is not refunded yet."""
        return self.quantity - self.refunded


@dataclass(frozen=True)
class Refundable:
    """The money and lines of an order that can be refunded.

    `kept` is the money the shop keeps, `gross_left` and `tax_left` the part of the order's total and tax that no
    document has refunded.
    """

    currency: str
    kept: Decimal
    gross_left: Decimal
    tax_left: Decimal
    lines: Mapping[int, RefundableLine]
    is_handed_over: bool


@dataclass(frozen=True)
class RefundedLine:
    """A quantity of a line to refund, and what becomes of the goods (RefundDocumentLine.Goods)."""

    quantity: Decimal
    goods: str


@dataclass(frozen=True)
class PlannedLine:
    """A quantity of a line with its share of the money."""

    line: RefundableLine
    quantity: Decimal
    amount: Decimal
    tax_amount: Decimal
    goods: str


@dataclass(frozen=True)
class Plan:
    """A refund as it would be made now."""

    kind: str
    amount: Decimal
    tax_amount: Decimal
    lines: tuple[PlannedLine, ...] = ()


def share(line: RefundableLine, quantity: Decimal, currency: str) -> tuple[Decimal, Decimal]:
    """Return the amount and the tax that go with `quantity` of a line, after what was refunded of it before."""
    before, after = line.refunded, line.refunded + quantity
    amount = _up_to(line.gross, after, line, currency) - _up_to(line.gross, before, line, currency)
    return amount, _up_to(line.tax, after, line, currency) - _up_to(line.tax, before, line, currency)


def _up_to(whole: Decimal, quantity: Decimal, line: RefundableLine, currency: str) -> Decimal:
    return round_money(whole * quantity / line.quantity, currency)


def plan_lines(refundable: Refundable, wanted: Mapping[int, RefundedLine]) -> Plan:
    """Plan a refund of quantities of lines, {id of the line: RefundedLine}.

    Raises NotHandedOver, MoreThanLeft, NothingToRefund, MoreThanKept, RefundRefused.
    """
    _refuse_without_money(refundable)
    if not refundable.is_handed_over:
        raise NotHandedOver(
            gettext("This order has not been handed over. Refund an amount, or cancel it to refund everything.")
        )
    if not wanted:
        raise NothingToRefund(gettext("Choose what to refund: enter a quantity."))
    planned, tax_left = [], refundable.tax_left
    for key in sorted(wanted):
        line = refundable.lines.get(key)
        if line is None:
            raise RefundRefused(gettext("One of these items is not in this order."))
        _refuse_quantity(line, wanted[key])
        amount, tax = share(line, wanted[key].quantity, refundable.currency)
        # Refunds by amount may have taken a part of this tax already.
        tax = min(tax, tax_left)
        tax_left -= tax
        planned.append(PlannedLine(line, wanted[key].quantity, amount, tax, wanted[key].goods))
    total = sum((one.amount for one in planned), ZERO)
    if total <= ZERO:
        raise NothingToRefund(gettext("No money goes with these items."))
    _refuse_beyond_kept(refundable, total)
    return Plan(Kind.LINES, total, sum((one.tax_amount for one in planned), ZERO), tuple(planned))


def plan_amount(refundable: Refundable, amount: Decimal) -> Plan:
    """Plan a refund of an amount. Raises NothingToRefund, MoreThanKept."""
    _refuse_without_money(refundable)
    if amount <= ZERO or amount != round_money(amount, refundable.currency):
        raise NothingToRefund(gettext("Enter the amount to refund."))
    _refuse_beyond_kept(refundable, amount)
    return Plan(Kind.AMOUNT, amount, _tax_of(refundable, amount))


def plan_all(refundable: Refundable, goods: str) -> Plan:
    """Plan a refund of everything that is left; the lines that are left have the same `goods`.

    A line's amount is its own share, or less if a part of it was refunded by amount. Raises NotHandedOver,
    NothingToRefund, RefundRefused.
    """
    _refuse_without_money(refundable)
    if not refundable.is_handed_over:
        raise NotHandedOver(
            gettext("This order has not been handed over. Cancel it: that refunds everything and frees the goods.")
        )
    amount, tax = refundable.kept, _tax_of(refundable, refundable.kept)
    lines = [line for line in refundable.lines.values() if line.left > ZERO]
    for line in lines:
        _refuse_quantity(line, RefundedLine(line.left, goods))
    shares = [share(line, line.left, refundable.currency) for line in lines]
    amounts = _within(amount, [one for one, _ in shares], refundable.currency)
    taxes = _within(tax, [one for _, one in shares], refundable.currency)
    planned = (
        PlannedLine(line, line.left, own, own_tax, goods)
        for line, own, own_tax in zip(lines, amounts, taxes, strict=True)
    )
    return Plan(Kind.FULL, amount, tax, tuple(planned))


def refuse_above(allowance: Decimal | None, plan: Plan, currency: str) -> None:
    """Raise AboveLimit if a plan is more than a person may still refund of the order; None is no limit."""
    if allowance is None or plan.amount <= allowance:
        return
    if allowance <= ZERO:
        raise AboveLimit(gettext("You may not refund more of this order. Ask a manager."))
    most = {"limit": format_money(allowance, currency)}
    raise AboveLimit(gettext("You may refund up to %(limit)s of this order. Ask a manager.") % most)


def _within(total: Decimal, shares: list[Decimal], currency: str) -> list[Decimal]:
    """Return shares that sum to no more than `total`."""
    return shares if sum(shares, ZERO) <= total else spread(total, shares, currency)


def _tax_of(refundable: Refundable, amount: Decimal) -> Decimal:
    """Return the tax in an amount: the same part of the tax that is left as it is of the money that is left."""
    if amount >= refundable.gross_left:
        return refundable.tax_left
    return round_money(refundable.tax_left * amount / refundable.gross_left, refundable.currency)


def _refuse_without_money(refundable: Refundable) -> None:
    if refundable.kept <= ZERO:
        raise NothingToRefund(gettext("We hold no money for this order, so there is nothing to refund."))


def _refuse_beyond_kept(refundable: Refundable, amount: Decimal) -> None:
    if amount > refundable.kept:
        left = {"left": format_money(refundable.kept, refundable.currency)}
        raise MoreThanKept(gettext("Only %(left)s of this order is left to refund.") % left)


def _refuse_quantity(line: RefundableLine, wanted: RefundedLine) -> None:
    words = {"name": line.name, "left": format_quantity(max(line.left, ZERO), line.unit)}
    if line.left <= ZERO:
        raise MoreThanLeft(gettext("%(name)s has already been refunded.") % words, extra={"line": line.key})
    if not ZERO < wanted.quantity <= line.left:
        text = gettext("Of %(name)s, only %(left)s is left to refund.") % words
        raise MoreThanLeft(text, extra={"line": line.key})
    is_whole = UNITS[line.unit].is_measured or wanted.quantity % 1 == 0 or wanted.quantity == line.left
    if not is_whole:
        text = gettext("%(name)s is sold by the piece: enter a whole number.") % words
        raise MoreThanLeft(text, extra={"line": line.key})
    if wanted.goods == Goods.SHELF and not line.has_sku:
        text = gettext("%(name)s is no longer in the catalogue and cannot go back to the shelf.") % words
        raise RefundRefused(text, extra={"line": line.key})
