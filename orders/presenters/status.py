"""What the buyer's page says about an order: plain values for the template, computed in one place."""

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils import formats, translation
from django.utils.translation import gettext

from common.money import ZERO, format_money
from orders import masking, numbers, qr
from orders.models import Order, OrderEvent, OrderLine, Payment
from orders.payments.reasons import failure_text, refund_text
from orders.selectors import history, payments_of
from orders.statuses import CUSTOMER, OPEN, may_cancel
from products import pictures
from products.offers import offers_for
from stock.hours import week
from stock.models import Shop
from stock.selectors import shop_by_code

# The small cut that cards have already.
THUMB = pictures.CARD_SPECS[0]
Status, State = Order.Status, Payment.State


@dataclass(frozen=True)
class Step:
    """A line of the timeline. `state`: done, now or todo."""

    label: str
    state: str
    time: str = ""
    note: str = ""


@dataclass(frozen=True)
class Money:
    """The state of the money. `tone` is the tag's: ok, warn, error or empty; `message` a sentence or empty."""

    tag: str
    tone: str = ""
    message: str = ""
    is_waiting: bool = False
    can_pay: bool = False


@dataclass(frozen=True)
class StatusPage:
    """Everything the status page shows. Times are texts in the shop's time zone."""

    order: Order
    number: str
    lines: list[OrderLine]
    heading: str
    next_text: str
    money: Money
    steps: list[Step]
    held_until: str
    can_cancel: bool
    is_live: bool
    can_reorder: bool
    is_cancelled: bool
    is_thanked: bool
    is_charged: bool
    shop_says: str
    name: str
    email: str
    phone: str
    comment: str
    hours: list
    etag: str
    qr_side: int = 0
    qr_path: str = ""
    refunds: list[str] = field(default_factory=list)


def allergens_of(lines: Iterable[OrderLine]) -> str:
    """Return the allergens of all lines, each named once, in the order they come."""
    names = (name.strip() for line in lines for name in line.allergens.split(","))
    return ", ".join(dict.fromkeys(name for name in names if name))


def build(order: Order, *, at: dt.datetime, is_owner: bool) -> StatusPage:
    """Return the page of an order in the active language; personal data is masked unless `is_owner`."""
    events, payments = history(order), payments_of(order)
    money = _money(order, payments, at)
    show_code = order.status in OPEN
    side, path = qr.svg_path(order) if show_code else (0, "")
    return StatusPage(
        order=order,
        number=numbers.group(order.number),
        lines=list(order.lines.order_by("position")),
        heading=gettext("The payment did not go through") if money.tone == "error" else heading(order, at),
        next_text=_next_text(order, money, at),
        money=money,
        steps=_steps(order, events, at),
        held_until=moment(order, order.expires_at, at) if order.expires_at else "",
        can_cancel=may_cancel(order.status, CUSTOMER),
        is_live=order.status not in (Status.COMPLETED, Status.CANCELLED),
        can_reorder=order.status in (Status.COMPLETED, Status.CANCELLED),
        is_cancelled=order.status == Status.CANCELLED,
        is_thanked=order.status not in (Status.AWAITING_PAYMENT, Status.CANCELLED),
        is_charged=any(payment.state == State.CAPTURED for payment in payments),
        shop_says=_shop_says(order, events),
        name=(order.name or "") if is_owner else masking.mask_name(order.name),
        email=(order.email or "") if is_owner else masking.mask_email(order.email),
        phone=(order.phone or "") if is_owner else masking.mask_phone(order.phone),
        comment=(order.comment or "") if is_owner else "",
        hours=week(shop_with_hours(order)),
        etag=_fingerprint(order, events, payments, is_owner),
        qr_side=side,
        qr_path=path,
        refunds=_refunds(order, payments),
    )


def shop_with_hours(order: Order) -> Shop:
    """Return the order's shop with its hours loaded; a shop closed for good has them too."""
    return shop_by_code(order.shop.code) or order.shop


def add_pictures(lines: list[OrderLine], at: dt.datetime) -> None:
    """Set `thumb` on each line: the product's picture as it is now, or None."""
    offers = offers_for([line.sku_id for line in lines if line.sku_id], at)
    for line in lines:
        offer = offers.get(line.sku_id)
        picture = offer.page.cover if offer and offer.page else None
        line.thumb = pictures.cut(picture).get(THUMB)


def clock_time(order: Order, at: dt.datetime) -> str:
    """Return the time of day at the order's shop."""
    return formats.time_format(at.astimezone(ZoneInfo(order.shop.timezone)), "H:i")


def moment(order: Order, when: dt.datetime, at: dt.datetime) -> str:
    """Return `when` on the shop's clock, with the date unless it is the same day as `at` there."""
    if _is_today(order, when, at):
        return clock_time(order, when)
    local = when.astimezone(ZoneInfo(order.shop.timezone))
    return gettext("%(date)s, %(time)s") % {
        "date": formats.date_format(local, "D j F"),
        "time": clock_time(order, when),
    }


def heading(order: Order, at: dt.datetime) -> str:
    """Return the one loud sentence of the page and the subject of the mails: time first."""
    values = {"shop": order.shop.name_text, "time": moment(order, order.promised_at, at)}
    is_today = _is_today(order, order.promised_at, at)
    if order.status == Status.AWAITING_PAYMENT:
        return gettext("Waiting for payment")
    if order.status in (Status.PLACED, Status.PREPARING):
        return (
            gettext("Ready at %(time)s at %(shop)s") if is_today else gettext("Ready at %(shop)s on %(time)s")
        ) % values
    if order.status == Status.READY:
        return gettext("Ready now at %(shop)s") % values
    if order.status == Status.IN_TRANSIT:
        return gettext("On its way")
    if order.status == Status.COMPLETED:
        text = gettext("Collected at %(time)s")
        if not _is_today(order, order.status_changed_at, at):
            text = gettext("Collected on %(time)s")
        return text % {"time": moment(order, order.status_changed_at, at)}
    if order.cancel_reason == Order.CancelReason.EXPIRED:
        return gettext("The hold has ended")
    return gettext("Order cancelled")


def _is_today(order: Order, when: dt.datetime, at: dt.datetime) -> bool:
    zone = ZoneInfo(order.shop.timezone)
    return when.astimezone(zone).date() == at.astimezone(zone).date()


def _shop_says(order: Order, events: list[OrderEvent]) -> str:
    """Return the reason the shop gave for cancelling: the form tells staff that the customer reads it."""
    if order.status != Status.CANCELLED or order.cancel_reason != Order.CancelReason.SHOP:
        return ""
    return next((event.note for event in reversed(events) if event.to_status != event.from_status), "")


def _next_text(order: Order, money: Money, at: dt.datetime) -> str:
    if money.tone == "error":
        if not money.can_pay or order.expires_at is None:
            return gettext("Your goods are held no longer.")
        return gettext("Pay again by %(time)s and we start at once.") % {"time": moment(order, order.expires_at, at)}
    if order.status == Status.AWAITING_PAYMENT:
        return gettext("We start as soon as the bank confirms the payment. Your goods are held meanwhile.")
    if order.status == Status.PLACED:
        return gettext("We will write to you when it is ready. Then show the code at the counter.")
    if order.status == Status.PREPARING:
        return gettext("We are preparing your order and will write to you when it is ready.")
    if order.status == Status.READY:
        return gettext("Show the code at the counter, or say the number. No need to print anything.")
    if order.status == Status.COMPLETED:
        return gettext("Thank you. We hope to see you again.")
    if order.cancel_reason == Order.CancelReason.EXPIRED:
        return gettext("We could not hold the goods any longer. You can order again.")
    return gettext("Nothing will be prepared. You can order again.")


def _money(order: Order, payments: list[Payment], at: dt.datetime) -> Money:
    captured = [payment for payment in payments if payment.state == State.CAPTURED]
    back = [refund for payment in captured for refund in payment.refunds.all() if refund.state != "failed"]
    paid = sum((payment.amount for payment in captured), ZERO)
    given = sum((refund.amount for refund in back), ZERO)
    if given and paid - given < order.total:
        is_done = all(refund.state == "done" for refund in back)
        tag = gettext("Refunded %(sum)s") if is_done else gettext("Refund of %(sum)s on its way")
        return Money(tag % {"sum": _sum(order, given)}, "" if is_done else "warn")
    if captured:
        return Money(gettext("Paid %(sum)s") % {"sum": _sum(order, min(paid, order.total))}, "ok")
    if order.status == Status.CANCELLED:
        return Money(gettext("Nothing was charged"))
    if order.status != Status.AWAITING_PAYMENT:
        return Money(gettext("To pay at the counter: %(sum)s") % {"sum": _sum(order, order.total)}, "warn")
    return _unpaid(order, payments, at)


def _unpaid(order: Order, payments: list[Payment], at: dt.datetime) -> Money:
    last = payments[-1] if payments else None
    can_pay = order.expires_at is None or order.expires_at > at
    if last is not None and last.state in (State.FAILED, State.CANCELLED):
        text = failure_text(last.note) if last.state == State.FAILED else gettext("The payment was not finished.")
        kept = gettext("%(reason)s Your order is kept; you can pay again.")
        message = (kept if can_pay else gettext("%(reason)s The hold has ended.")) % {"reason": text}
        return Money(gettext("Payment failed"), "error", message, can_pay=can_pay)
    if last is not None and last.state == State.PARKED:
        message = gettext("The bank's answer needs a person. We are looking at it and will write to you.")
        return Money(gettext("Payment is being checked"), "warn", message)
    if last is not None and last.state == State.AUTHORISED:
        message = gettext("The bank has approved your payment and is completing it. This page shows it in a moment.")
        return Money(gettext("Waiting for payment"), "warn", message, is_waiting=True)
    if not can_pay:
        message = gettext("The hold has ended. If you have paid, this page shows it in a moment.")
        return Money(gettext("Waiting for payment"), "warn", message, is_waiting=last is not None)
    message = gettext(
        "We are waiting for the bank. If you have paid, this page shows it in a moment; "
        "if you turned back, you can go on paying."
    )
    return Money(gettext("Waiting for payment"), "warn", message, is_waiting=last is not None, can_pay=can_pay)


def _steps(order: Order, events: list[OrderEvent], at: dt.datetime) -> list[Step]:
    """Return the path of the order: what happened with its times, then what is still to come."""
    reached: dict[str, dt.datetime] = {}
    for event in events:
        if event.from_status != event.to_status:
            reached[event.to_status] = event.at
    if order.status == Status.CANCELLED:
        first = [Step(gettext("Ordered"), "done", moment(order, order.placed_at, at))]
        return [*first, Step(_why_cancelled(order), "now", moment(order, order.status_changed_at, at))]
    path = _path(order)
    position = path.index(order.status)
    steps = []
    for index, status in enumerate(path):
        is_last = index == len(path) - 1
        state = "done" if index < position or (is_last and index == position) else "todo"
        state = "now" if index == position and not is_last else state
        time = moment(order, reached[status], at) if status in reached and index <= position else ""
        if status == Status.READY and state == "todo" and order.status != Status.AWAITING_PAYMENT:
            time = gettext("by %(time)s") % {"time": moment(order, order.promised_at, at)}
        steps.append(Step(_step_label(order, status), state, time))
    return steps


def _why_cancelled(order: Order) -> str:
    if order.cancel_reason == Order.CancelReason.CUSTOMER:
        return gettext("Cancelled by you")
    return order.get_cancel_reason_display()


def _path(order: Order) -> list[str]:
    road = [Status.IN_TRANSIT] if order.status == Status.IN_TRANSIT else []
    start = [Status.AWAITING_PAYMENT] if order.payment_method != Order.PaymentMethod.ON_COLLECTION else []
    return [*start, Status.PLACED, Status.PREPARING, Status.READY, *road, Status.COMPLETED]


def _step_label(order: Order, status: str) -> str:
    labels: dict[str, str] = {
        Status.AWAITING_PAYMENT: gettext("Ordered"),
        Status.PLACED: gettext("Ordered")
        if order.payment_method == Order.PaymentMethod.ON_COLLECTION
        else gettext("Paid"),
        Status.PREPARING: gettext("Being prepared"),
        Status.READY: gettext("Ready to collect"),
        Status.IN_TRANSIT: gettext("On its way"),
        Status.COMPLETED: gettext("Collected"),
    }
    return labels[status]


def _refunds(order: Order, payments: list[Payment]) -> list[str]:
    return [
        gettext("%(sum)s given back. %(reason)s")
        % {"sum": _sum(order, refund.amount), "reason": refund_text(refund.reason)}
        for payment in payments
        for refund in payment.refunds.all()
        if refund.state == "done"
    ]


def _fingerprint(order: Order, events: list[OrderEvent], payments: list[Payment], is_owner: bool) -> str:
    parts = [order.number, order.version, len(events), order.expires_at, is_owner, translation.get_language()]
    parts += [(payment.pk, payment.state, [refund.state for refund in payment.refunds.all()]) for payment in payments]
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


def _sum(order: Order, amount: Decimal) -> str:
    return format_money(amount, order.currency)
