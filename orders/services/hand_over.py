"""Handing over an order: payment, hand-over and issue of stock in one transaction."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from common.actors import Actor
from common.money import ZERO
from orders.gateways.registry import AT_THE_COUNTER
from orders.ledger import OrderGone, lock_order, move
from orders.models import HandOver, Order, Payment
from orders.payments.balance import due
from orders.permissions import kind_of
from orders.statuses import step_to
from stock.services import issue

TAKEN = ("cash", "card")


@dataclass(frozen=True)
class HandOverResult:
    """The answer to a scan.

    `code` is handed_over, unpaid, amount_changed, or a refusal: wrong_shop, not_ready, already_collected, cancelled,
    unknown, not_allowed. `preview` also answers "offered".

    `amount` is still to be paid (unpaid, amount_changed) or was taken now (handed_over), in the order's currency; `by`
    and `when` are those of the hand-over.
    """

    code: str
    order: Order | None = None
    amount: Decimal = ZERO
    by: str = ""
    when: dt.datetime | None = None


def hand_over(
    *,
    order_id: int | None,
    nonce: str,
    taken: str | None,
    actor: Actor,
    at: dt.datetime,
    shop_ids: Collection[int],
    asked: Decimal | None = None,
) -> HandOverResult:
    """Hand the order to its buyer, or return why not; the same nonce gets the first answer again.

    `taken` is how the rest was paid at the counter ("cash" or "card"); with None an unpaid order is answered with the
    amount. `asked` is the amount that the employee was told to take, in the order's currency; if another one is due by
    now, the answer is amount_changed. `shop_ids` are the shops of the person at the scanner. Writes nothing unless the
    code is handed_over. Raises ValueError for an unknown `taken` or an empty nonce, which our own pages never send.
    """
    if taken not in (None, *TAKEN) or not nonce:
        raise ValueError("hand_over needs a nonce, and cash or card or nothing")
    with transaction.atomic():
        try:
            order = lock_order(order_id or 0)
        except OrderGone:
            return HandOverResult("unknown")
        refusal = _refusal(order, nonce[:64], shop_ids)
        if refusal is not None:
            return refusal
        step = step_to(order, Order.Status.COMPLETED)
        if step is None or kind_of(actor, order) not in step.who:
            return HandOverResult("not_allowed", order)
        amount = due(order)
        if asked is not None and asked != amount:
            return HandOverResult("amount_changed", order, amount)
        if amount > ZERO and taken is None:
            return HandOverResult("unpaid", order, amount)
        _take_payment(order, amount, taken, at)
        issue.issue(reference=order.number, actor=actor, at=at)
        HandOver.objects.create(
            order=order,
            nonce=nonce[:64],
            taken=(taken or "") if amount > ZERO else "",
            actor_id=actor.user_id,
            actor_label=actor.label,
            at=at,
        )
        move(order=order, to=Order.Status.COMPLETED, actor=actor, at=at, expires_at=None)
        return HandOverResult("handed_over", order, amount, actor.label, at)


def preview(*, order: Order, shop_ids: Collection[int], nonce: str = "") -> HandOverResult:
    """Return the answer that a hand-over would get now; change and lock nothing.

    "unpaid" carries the amount to take, "offered" means that nothing is left to pay, "handed_over" is the answer to the
    hand-over with this `nonce`; all others are refusals.
    """
    refusal = _refusal(order, nonce, shop_ids)
    if refusal is not None:
        return refusal
    amount = due(order)
    return HandOverResult("unpaid", order, amount) if amount > ZERO else HandOverResult("offered", order)


def _refusal(order: Order, nonce: str, shop_ids: Collection[int]) -> HandOverResult | None:
    """Return why a locked order cannot be handed over, or the first answer of a replay."""
    if order.shop_id not in shop_ids:
        return HandOverResult("wrong_shop", order)
    done = HandOver.objects.filter(order=order).first()
    if done is not None:
        code = "handed_over" if done.nonce == nonce else "already_collected"
        amount = _taken_then(order, done) if code == "handed_over" else ZERO
        return HandOverResult(code, order, amount, done.actor_label, done.at)
    if order.status == Order.Status.CANCELLED:
        return HandOverResult("cancelled", order)
    if step_to(order, Order.Status.COMPLETED) is None:
        return HandOverResult("not_ready", order)
    return None


def _take_payment(order: Order, amount: Decimal, taken: str | None, at: dt.datetime) -> None:
    if amount > ZERO:
        Payment.objects.create(
            order=order,
            gateway=AT_THE_COUNTER,
            amount=amount,
            currency=order.currency,
            state=Payment.State.CAPTURED,
            taken=taken or "",
            created_at=at,
            captured_at=at,
        )


def _taken_then(order: Order, done: HandOver) -> Decimal:
    payment = Payment.objects.filter(order=order, gateway=AT_THE_COUNTER, captured_at=done.at).first()
    return payment.amount if payment else ZERO
