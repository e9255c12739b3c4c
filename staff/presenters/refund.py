"""A refund in words: what can be refunded, the sum before it is made, what is left to do afterwards."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.money import ZERO, format_money
from common.quantity import format_quantity
from orders import numbers
from orders.gateways.registry import counter_codes
from orders.models import Order, Payment, Refund, RefundDocument, RefundDocumentLine
from orders.models.payment import PROMISED
from orders.refund_shares import Plan, Refundable, RefundableLine, share
from orders.standing import back

Goods = RefundDocumentLine.Goods
# What happens to the money, by the way it goes: %(amount)s is the sum.
BEFORE = {
    "cash": _("%(amount)s in cash, from the till"),
    "card": _("%(amount)s to the card, at the terminal"),
    "": _("%(amount)s the way it was paid online; the bank needs a few days"),
}
AFTERWARDS = {
    "cash": _("Take %(amount)s out of the till and hand it to the customer."),
    "card": _("Refund %(amount)s to the card at the terminal."),
    "": _("The bank has been asked to refund %(amount)s; it needs a few days. You need not do anything."),
}
# What happens to the goods: %(goods)s is a quantity with its name.
OF_GOODS = {
    Goods.SHELF: _("%(goods)s: back to the shelf"),
    Goods.WRITTEN_OFF: _("%(goods)s: written off"),
    Goods.KEPT: _("%(goods)s: stays with the customer"),
}


@dataclass(frozen=True)
class LineChoice:
    """A line that can be refunded: its name, what of it is left, the fields of the form about it."""

    name: str
    left: str
    quantity: object
    goods: object


@dataclass(frozen=True)
class RefundPage:
    """The page that asks what to refund. `stop` says why nothing can be refunded; `most` is empty without a limit."""

    number: str
    code: str
    left: str
    most: str
    stop: str
    is_handed_over: bool
    lines: list[LineChoice]


@dataclass(frozen=True)
class RefundCheck:
    """The refund as it will be made: its sum, its parts, where the money goes, what becomes of the goods."""

    number: str
    code: str
    amount: str
    expected: Decimal
    tax: str
    rows: list[tuple[str, str]]
    reason: str
    money: list[str]
    goods: list[str]


@dataclass(frozen=True)
class RefundMade:
    """A refund that was made, and what is left to do."""

    number: str
    code: str
    amount: str
    steps: list[str]


def taken_of(payments: Iterable[Payment]) -> str:
    """Return how the newest money of the counter was taken, "cash" or "card"; empty if there is none."""
    taken = [payment.taken for payment in payments if payment.state == Payment.State.CAPTURED and payment.taken]
    return taken[-1] if taken else ""


def build_page(
    order: Order,
    refundable: Refundable,
    allowance: Decimal | None,
    fields: Iterable[tuple[RefundableLine, object, object]],
) -> RefundPage:
    """Word what of an order can be refunded; `fields` are those of the form, by line."""
    return RefundPage(
        number=order.number,
        code=numbers.group(order.number),
        left=format_money(refundable.kept, order.currency),
        most=format_money(allowance, order.currency) if allowance is not None else "",
        stop=_stop(refundable, allowance),
        is_handed_over=refundable.is_handed_over,
        lines=[LineChoice(line.name, _left(line, order.currency), quantity, goods) for line, quantity, goods in fields],
    )


def _stop(refundable: Refundable, allowance: Decimal | None) -> str:
    if refundable.kept <= ZERO:
        return gettext("We hold no money for this order, so there is nothing to refund.")
    if allowance is not None and allowance <= ZERO:
        return gettext("You have refunded as much of this order as you may. Ask a manager.")
    return ""


def _left(line: RefundableLine, currency: str) -> str:
    words = {
        "left": format_quantity(line.left, line.unit),
        "amount": format_money(share(line, line.left, currency)[0], currency),
    }
    if line.refunded > ZERO:
        return gettext("%(left)s left, %(amount)s") % words
    return gettext("%(left)s, %(amount)s") % words


def build_check(order: Order, plan: Plan, payments: Sequence[Payment], *, reason: str, paid_out: str) -> RefundCheck:
    """Word a refund before it is made; `payments` are oldest first, each with its refunds loaded."""
    named = [(_named(one.quantity, one.line), one) for one in plan.lines]
    rows = [(name, format_money(one.amount, order.currency)) for name, one in named]
    rest = plan.amount - sum((one.amount for one in plan.lines), ZERO)
    if rows and rest > ZERO:
        rows.append((gettext("Delivery and the rest"), format_money(rest, order.currency)))
    return RefundCheck(
        number=order.number,
        code=numbers.group(order.number),
        amount=format_money(plan.amount, order.currency),
        expected=plan.amount,
        tax=format_money(plan.tax_amount, order.currency),
        rows=rows,
        reason=str(RefundDocument.Reason(reason).label),
        money=[
            str(BEFORE[way]) % {"amount": format_money(amount, order.currency)}
            for way, amount in _sources(plan.amount, payments, order.currency, paid_out)
        ],
        goods=[str(OF_GOODS[Goods(one.goods)]) % {"goods": name} for name, one in named],
    )


def _named(quantity: Decimal, line: RefundableLine) -> str:
    return f"{format_quantity(quantity, line.unit)} {line.name}"


def _sources(amount: Decimal, payments: Sequence[Payment], currency: str, paid_out: str) -> list[tuple[str, Decimal]]:
    """Return the parts of a refund with the way each goes, newest payment first, as the service takes them."""
    found: dict[str, Decimal] = {}
    for payment in reversed(payments):
        if payment.state != Payment.State.CAPTURED or payment.currency != currency:
            continue
        part = min(amount, payment.amount - back(payment, PROMISED))
        amount -= part
        if part > ZERO:
            way = (paid_out or payment.taken) if payment.gateway in counter_codes() else ""
            found[way] = found.get(way, ZERO) + part
    return list(found.items())


def build_made(order: Order, document: RefundDocument) -> RefundMade:
    """Word a refund that was made; its refunds are loaded with their payments."""
    sums: dict[str, Decimal] = {}
    for refund in document.refunds.all():
        if refund.state != Refund.State.REPLACED:
            sums[refund.paid_out] = sums.get(refund.paid_out, ZERO) + refund.amount
    return RefundMade(
        number=order.number,
        code=numbers.group(order.number),
        amount=format_money(document.amount, document.currency),
        steps=[
            str(AFTERWARDS[way]) % {"amount": format_money(amount, document.currency)} for way, amount in sums.items()
        ],
    )
