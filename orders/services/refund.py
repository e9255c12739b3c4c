"""Refunds of an order as documents: by lines and quantities, by amount, in full.

One transaction writes the document, requests the money of each payment it takes from, lowers the amount due, and takes
the goods back.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext

from common.actors import Actor
from common.errors import DomainError
from common.money import ZERO, format_money
from orders.ledger import Remark, add_event, lock_order
from orders.models import Order, OrderEvent, RefundDocument, RefundDocumentLine
from orders.payments.balance import due
from orders.payments.refunds import refund_payment, waive_refunded
from orders.permissions import kind_of, require
from orders.refund_shares import (
    MoreThanKept,
    Plan,
    PlannedLine,
    Refundable,
    RefundedLine,
    plan_all,
    plan_amount,
    plan_lines,
    refuse_above,
)
from orders.selectors import refund_allowance, refundable_of
from orders.services.credit import credit_refund
from stock.services.take_back import take_back

RIGHT = "orders.make_refund"
Goods = RefundDocumentLine.Goods


class SumChanged(DomainError):
    """The refund would be another sum than the person saw. extra["amount"]: the sum now."""

    code = "sum_changed"


@dataclass(frozen=True)
class _Said:
    """What a person said about a refund, who they are, and when."""

    reason: str
    note: str
    nonce: str
    paid_out: str
    expected: Decimal | None
    actor: Actor
    at: dt.datetime


def refund_lines(
    *,
    order_id: int,
    lines: Mapping[int, RefundedLine],
    reason: str,
    note: str,
    nonce: str,
    actor: Actor,
    at: dt.datetime,
    paid_out: str = "",
    expected: Decimal | None = None,
) -> RefundDocument:
    """Refund quantities of lines of an order that was handed over, {id of the line: RefundedLine}.

    Each quantity is refunded with its share of the line's amount, discount and tax. The goods go back to the shelf, are
    written off, or stay with the buyer. `reason` is a RefundDocument.Reason; the same `nonce` gets the first document
    again; `expected` is the sum that the person saw, in the order's currency. Newest payments are refunded first: by
    their gateway, or at the counter, `paid_out` in "cash" or by "card" (the way it was taken if empty).

    Raises NotAllowed, AboveLimit, SumChanged, OrderGone, and what `plan_lines` raises.
    """
    said = _Said(reason, note, nonce, paid_out, expected, actor, at)
    return _refund(order_id, said, lambda refundable: plan_lines(refundable, lines))


def refund_amount(
    *,
    order_id: int,
    amount: Decimal,
    reason: str,
    note: str,
    nonce: str,
    actor: Actor,
    at: dt.datetime,
    paid_out: str = "",
) -> RefundDocument:
    """Refund an amount of an order, in its currency, at any time after it was paid; no goods move.

    See refund_lines. Raises NotAllowed, AboveLimit, OrderGone, and what `plan_amount` raises.
    """
    said = _Said(reason, note, nonce, paid_out, None, actor, at)
    return _refund(order_id, said, lambda refundable: plan_amount(refundable, amount))


def refund_all(
    *,
    order_id: int,
    goods: str,
    reason: str,
    note: str,
    nonce: str,
    actor: Actor,
    at: dt.datetime,
    paid_out: str = "",
    expected: Decimal | None = None,
) -> RefundDocument:
    """Refund all money that the shop keeps of an order that was handed over; what is left of its lines has `goods`.

    See refund_lines. Raises NotAllowed, AboveLimit, SumChanged, OrderGone, and what `plan_all` raises.
    """
    said = _Said(reason, note, nonce, paid_out, expected, actor, at)
    return _refund(order_id, said, lambda refundable: plan_all(refundable, goods))


def _refund(order_id: int, said: _Said, plan_of: Callable[[Refundable], Plan]) -> RefundDocument:
    if said.reason not in RefundDocument.Reason.values or not said.nonce:
        raise ValueError("a refund needs a known reason and a nonce")
    with transaction.atomic():
        require(said.actor, RIGHT)
        order = lock_order(order_id)
        done = RefundDocument.objects.filter(order=order, nonce=said.nonce[:64]).first()
        if done is not None:
            return done
        plan = plan_of(refundable_of(order))
        _refuse_other_sum(order, plan, said)
        allowance = refund_allowance(order, role=kind_of(said.actor, order), user_id=said.actor.user_id)
        refuse_above(allowance, plan, order.currency)
        return _carry_out(order, plan, said)


def _refuse_other_sum(order: Order, plan: Plan, said: _Said) -> None:
    if said.expected is not None and said.expected != plan.amount:
        now = {"amount": format_money(plan.amount, order.currency)}
        raise SumChanged(
            gettext("Something else of this order was refunded meanwhile. Now it would be %(amount)s.") % now,
            extra={"amount": plan.amount},
        )


def _carry_out(order: Order, plan: Plan, said: _Said) -> RefundDocument:
    document = RefundDocument.objects.create(
        order=order,
        kind=plan.kind,
        amount=plan.amount,
        tax_amount=plan.tax_amount,
        currency=order.currency,
        reason=said.reason,
        note=said.note.strip()[:255],
        nonce=said.nonce[:64],
        actor_id=said.actor.user_id,
        actor_label=said.actor.label,
        at=said.at,
    )
    RefundDocumentLine.objects.bulk_create(
        RefundDocumentLine(
            document=document,
            line_id=one.line.key,
            quantity=one.quantity,
            amount=one.amount,
            tax_amount=one.tax_amount,
            goods=one.goods,
        )
        for one in plan.lines
    )
    due_before = due(order)
    _move_money(order, document, said.paid_out, said.at)
    waive_refunded(order, due_before)
    _take_goods_back(order, plan.lines, said)
    params = {"amount": str(plan.amount), "currency": order.currency, "reason": said.reason}
    add_event(
        order=order, actor=said.actor, at=said.at, remark=Remark(OrderEvent.Code.REFUND_MADE, params, document.note)
    )
    credit_refund(order=order, document=document, actor=said.actor, at=said.at)
    return document


def _move_money(order: Order, document: RefundDocument, paid_out: str, at: dt.datetime) -> None:
    rest = document.amount
    for payment in order.payments.captured().filter(currency=order.currency).order_by("-id"):
        refund = refund_payment(
            payment=payment, reason=document.reason, at=at, amount=rest, document=document, paid_out=paid_out
        )
        rest -= refund.amount if refund else ZERO
    if rest > ZERO:
        raise MoreThanKept(gettext("Something else of this order was refunded meanwhile. Look at it again."))


def _take_goods_back(order: Order, lines: Iterable[PlannedLine], said: _Said) -> None:
    skus = dict(order.lines.exclude(sku=None).values_list("pk", "sku_id"))
    back: dict[str, dict[int, Decimal]] = {Goods.SHELF: defaultdict(Decimal), Goods.WRITTEN_OFF: defaultdict(Decimal)}
    for one in lines:
        if one.goods in back and one.line.key in skus:
            back[one.goods][skus[one.line.key]] += one.quantity
    if any(back.values()):
        take_back(
            shop_id=order.shop_id,
            to_shelf=back[Goods.SHELF],
            written_off=back[Goods.WRITTEN_OFF],
            reference=order.number,
            reason=said.reason,
            actor=said.actor,
            at=said.at,
        )
