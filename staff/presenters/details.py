"""One order for the order page, the search results and the packing slip."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext

from common.money import ZERO, format_money
from orders import numbers
from orders.attention import chargeable, must_ask_to_cancel, seen_of_refund
from orders.attention_list import Attention, attention_of
from orders.masking import mask_phone
from orders.models import Document, HandOver, Order, OrderEvent, OrderLine, Payment, Refund
from orders.models.status import FINAL
from orders.presenters.allergens import allergens_of, may_contain_of
from orders.presenters.documents import DocumentLink, links_to
from orders.presenters.history import event_text
from orders.presenters.money import staff_words
from orders.presenters.wording import actor_word, short_status, tone_of
from orders.selectors import documents_of, history, payments_of, refund_allowance
from orders.standing import kept_of, stand
from orders.statuses import back_step, may_cancel, undo_ends, way_to
from staff.access import Desk
from staff.presenters import wording
from staff.presenters.attention import Action, Item, build_items, charge_action
from staff.presenters.board import TicketStep, lateness, names_the_day, primary_step
from stock.models import Shop

Status = Order.Status


@dataclass(frozen=True)
class Moment:
    """A row of the timeline. `tone` is done, now, or empty for a step to come, whose `time` is the promise."""

    label: str
    who: str
    note: str
    time: str
    tone: str


@dataclass(frozen=True)
class MoneyRow:
    """One payment or refund, worded."""

    label: str
    amount: Decimal
    currency: str
    is_refund: bool = False


@dataclass(frozen=True)
class Details:
    """Everything on the page; a button is there only if the table of statuses and the role allow it."""

    order: Order
    code: str
    status: str
    status_tone: str
    pay: str
    pay_tone: str
    name: str
    phone: str
    is_phone_shown: bool
    promised: str
    due_text: str
    tone: str
    lines: list[OrderLine]
    allergens: str
    may_contain: str
    timeline: list[Moment]
    money: list[MoneyRow]
    documents: list[DocumentLink]
    can_get_receipt: bool
    step: TicketStep | None
    back: str
    may_cancel: bool
    must_ask: str
    may_make_refund: bool
    attention: list[Item]
    waits_for_manager: str
    charge: Action | None


def build_details(order: Order, *, desk: Desk, at: dt.datetime, show_phone: bool) -> Details:
    """Gather one order (with lines and `due` loaded) for the page."""
    # The promise stands beside it.
    is_said = order.status in FINAL or names_the_day(order, order.shop, at)
    tone, due_text = ("", "") if is_said else lateness(order, order.shop, at)
    lines = lines_of(order)
    events = history(order)
    payments, waiting = payments_of(order), attention_of(order, events)
    may_decide = desk.may("orders.refund")
    must_ask = _must_ask(order, payments, desk.role)
    standing, documents = stand(order, payments, at), documents_of(order)
    pay, pay_tone = staff_words(order, standing)
    return Details(
        order=order,
        code=numbers.group(order.number),
        status=short_status(order.status),
        status_tone=tone_of(order.status),
        pay=pay,
        pay_tone=pay_tone,
        name=wording.short_name(order.name),
        phone=(order.phone or "–") if show_phone else mask_phone(order.phone) or "–",
        is_phone_shown=show_phone,
        promised=wording.when(order.promised_at, order.shop, at),
        due_text=due_text,
        tone=tone,
        lines=lines,
        allergens=allergens_of(lines),
        may_contain=may_contain_of(lines),
        timeline=timeline(order, events, at),
        money=money_rows(payments, order.shop, at),
        documents=links_to(documents),
        can_get_receipt=standing.is_settled and not any(one.kind == Document.Kind.RECEIPT for one in documents),
        step=primary_step(order, desk.role),
        back=back_label(order, events, desk, at),
        may_cancel=may_cancel(order, desk.role) and not (must_ask and waiting.cancels),
        must_ask=must_ask,
        may_make_refund=_may_make_refund(order, payments, desk),
        attention=build_items(waiting, at) if may_decide else [],
        waits_for_manager=_waits_for_manager(waiting) if not may_decide else "",
        charge=_charge(order, events) if may_decide and not waiting.given_away else None,
    )


def _must_ask(order: Order, payments: Sequence[Payment], role: str) -> str:
    """Return the amount that cancelling would refund if this person may not refund, else an empty text."""
    amount = kept_of(order, payments)
    return format_money(amount, order.currency) if must_ask_to_cancel(role, amount) else ""


def _may_make_refund(order: Order, payments: Sequence[Payment], desk: Desk) -> bool:
    """Return whether there is money to refund, and this person may refund some of it."""
    if order.status == Status.CANCELLED or kept_of(order, payments) <= ZERO or not desk.may("orders.make_refund"):
        return False
    return refund_allowance(order, role=desk.role, user_id=desk.user.pk) != ZERO


def _waits_for_manager(waiting: Attention) -> str:
    if waiting.cancels:
        return gettext("A manager has been asked to cancel this order.")
    return gettext("The money of this order needs a manager’s decision.") if waiting else ""


def _charge(order: Order, events: list[OrderEvent]) -> Action | None:
    amount = chargeable(order, events)
    return charge_action(order, amount, seen_of_refund(order, events)) if amount > ZERO else None


def lines_of(order: Order) -> list[OrderLine]:
    """Return the loaded lines in their order."""
    return sorted(order.lines.all(), key=lambda line: line.position)


def back_label(order: Order, events: Sequence[OrderEvent], desk: Desk, at: dt.datetime) -> str:
    """Return the text of the recall button, empty if this person can no longer undo the last step."""
    last = next((event for event in reversed(events) if event.is_step), None)
    ends = undo_ends(order, desk.role, is_own=last is not None and last.is_by(desk.actor))
    step = back_step(order.status)
    return str(step.verb) if step and ends is not None and at <= ends else ""


def timeline(order: Order, events: list[OrderEvent], at: dt.datetime) -> list[Moment]:
    """Return the history, oldest first, and the steps to come of an order that has not ended."""
    rows = []
    for event in events:
        label = short_status(event.to_status) if event.is_step else gettext("Note")
        if event.code == OrderEvent.Code.UNDO:
            label = gettext("Back to “%(status)s”") % {"status": label}
        when = wording.when(event.at, order.shop, at)
        rows.append(Moment(label, actor_word(event.actor_label), event_text(event), when, "done"))
    if rows:
        last = rows[-1]
        rows[-1] = Moment(last.label, last.who, last.note, last.time, "done" if order.status in FINAL else "now")
    return rows + _to_come(order, at)


def _to_come(order: Order, at: dt.datetime) -> list[Moment]:
    ahead = way_to(order, Status.COMPLETED) if order.status not in FINAL else []
    promise = wording.when(order.promised_at, order.shop, at)
    return [Moment(short_status(status), "", "", promise if status == Status.READY else "", "") for status in ahead]


def money_rows(payments: Sequence[Payment], shop: Shop, at: dt.datetime) -> list[MoneyRow]:
    """Return payments and their refunds, worded, oldest first."""
    rows = []
    for payment in payments:
        words = {"way": _way(payment), "state": payment.get_state_display()}
        rows.append(MoneyRow(gettext("%(way)s: %(state)s") % words, payment.amount, payment.currency))
        for refund in payment.refunds.all():
            when = wording.when(refund.done_at or refund.created_at, shop, at)
            text = _refund_text(refund, when)
            rows.append(MoneyRow(text, refund.amount, payment.currency, is_refund=True))
    return rows


def _way(payment: Payment) -> str:
    if payment.taken == "cash":
        return gettext("Cash at the counter")
    if payment.taken == "card":
        return gettext("Card at the counter")
    return gettext("Online")


def _refund_text(refund: Refund, when: str) -> str:
    texts: dict[str, str] = {
        Refund.State.PENDING: gettext("Refund requested %(when)s"),
        Refund.State.DONE: _done_text(refund),
        Refund.State.FAILED: gettext("Refund refused %(when)s, needs attention"),
        Refund.State.REPLACED: gettext("Refund refused %(when)s, replaced"),
        Refund.State.OUTSIDE: gettext("Refunded by hand %(when)s"),
    }
    return texts[refund.state] % {"when": when}


def _done_text(refund: Refund) -> str:
    if refund.paid_out == "cash":
        return gettext("Refunded in cash %(when)s")
    return gettext("Refunded by card %(when)s") if refund.paid_out == "card" else gettext("Refunded %(when)s")


def found_rows(orders: list[Order], at: dt.datetime) -> list[dict[str, object]]:
    """Return search results with masked names; the phone number is not repeated."""
    return [
        {
            "number": order.number,
            "code": numbers.group(order.number),
            "name": wording.masked_name(order.name),
            "status": short_status(order.status),
            "when": wording.when(order.placed_at, order.shop, at),
            "shop": order.shop,
            "total": order.total,
            "currency": order.currency,
        }
        for order in orders
    ]


@dataclass(frozen=True)
class Slip:
    """The printed slip of an order that is collected: no phone number, no address."""

    order: Order
    code: str
    stop: str
    pay: str
    name: str
    promised: str
    printed: str
    lines: list[OrderLine]
    allergens: str
    may_contain: str
    collected: str


def _why_not_to_pack(order: Order) -> str:
    if order.status == Status.CANCELLED:
        return gettext("Cancelled. Do not pack.")
    if order.status == Status.AWAITING_PAYMENT:
        return gettext("Not paid yet. Do not pack.")
    return ""


def build_slip(order: Order, *, at: dt.datetime) -> Slip:
    """Gather one order (with lines and `due` loaded) for the printer."""
    lines = lines_of(order)
    done = HandOver.objects.filter(order=order).first() if order.status == Status.COMPLETED else None
    return Slip(
        order=order,
        code=numbers.group(order.number),
        stop=_why_not_to_pack(order),
        pay=staff_words(order, stand(order, payments_of(order), at))[0],
        name=wording.short_name(order.name),
        promised=wording.dated(order.promised_at, order.shop),
        printed=wording.dated(at, order.shop),
        lines=lines,
        allergens=allergens_of(lines),
        may_contain=may_contain_of(lines),
        collected=wording.dated(done.at, order.shop) if done else "",
    )
