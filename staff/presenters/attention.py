"""The matters that need a person, in words: the facts and the possible decisions."""

import datetime as dt
from dataclasses import dataclass, field, replace
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.money import ZERO, format_money
from orders import numbers
from orders.attention import (
    chargeable,
    has_money,
    may_accept,
    may_refund,
    seen_of,
    seen_of_refund,
    seen_of_request,
)
from orders.attention_list import Attention, CancelAsked, GivenAway, GivenUp
from orders.gateways.registry import history_label
from orders.models import GatewayOutage, Order, Payment, Refund
from orders.models.payment import COVERING
from orders.payments.balance import kept
from orders.payments.reasons import alert_text, refund_text
from orders.presenters.wording import actor_word, short_status
from orders.standing import back
from staff.presenters import wording

MESSAGES = {
    "order.received": _("The email that confirms the order"),
    "order.paid": _("The email that confirms the payment"),
    "order.ready": _("The email that says the order is ready"),
    "order.cancelled": _("The email about the cancellation"),
    "order.payment_failed": _("The email about a failed payment"),
    "order.payment_checked": _("The email about a payment being checked"),
    "order.refunded": _("The email about a refund"),
    "payment.void": _("The release of authorised money: the bank could not be reached"),
    "payment.refund": _("A refund: the bank could not be reached"),
}


@dataclass(frozen=True)
class Posted:
    """A refused decision: the address it was posted to, its note and the errors."""

    url: str
    note: str
    errors: list[str]


@dataclass(frozen=True)
class Action:
    """A button with its address, text and hint; `needs_note` asks for a note first, under `note_label`.

    `seen` goes back with the decision, so that nothing is decided unseen.
    """

    url: str
    label: str
    hint: str = ""
    needs_note: bool = False
    is_main: bool = False
    seen: str = ""
    note_label: object = _("How it was settled (kept in the history)")
    posted: Posted | None = None


@dataclass(frozen=True)
class Item:
    """One matter that waits for a person."""

    anchor: str
    title: str
    text: str
    since: str
    order: Order | None = None
    code: str = ""
    facts: list[tuple[str, str]] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)


def build_items(attention: Attention, at: dt.datetime, posted: Posted | None = None) -> list[Item]:
    """Return all matters in words, money first. The form of a refused decision (`posted`) stays open."""
    items = [
        *(_payment(payment, at) for payment in attention.payments),
        *(_refund(refund, at) for refund in attention.refunds),
        *(_stranded(payment, at) for payment in attention.stranded),
        *(_given_away(given, at) for given in attention.given_away),
        *(_cancel(asked, at) for asked in attention.cancels),
        *(_outage(outage, at) for outage in attention.outages),
        *(_message(given_up, at) for given_up in attention.messages),
    ]
    return [replace(item, actions=[_again(action, posted) for action in item.actions]) for item in items]


def _again(action: Action, posted: Posted | None) -> Action:
    return replace(action, posted=posted) if posted and posted.url == action.url else action


def _payment(payment: Payment, at: dt.datetime) -> Item:
    order = payment.order
    facts = [(gettext("Requested"), format_money(payment.amount, payment.currency))]
    if payment.reported_amount is not None:
        reported = {"amount": _reported(payment), "state": Payment.State(payment.reported_state).label}
        facts.append((gettext("The bank reports"), gettext("%(amount)s, %(state)s") % reported))
    facts.append((gettext("The order"), short_status(order.status)))
    is_parked = payment.state == Payment.State.PARKED
    return Item(
        anchor=f"payment-{payment.public_id}",
        title=gettext("A payment differs") if is_parked else gettext("A doubtful report about a payment"),
        text=alert_text(payment.note),
        since=_since(payment.created_at, order, at),
        order=order,
        code=numbers.group(order.number),
        facts=facts,
        actions=_payment_actions(payment),
    )


def _payment_actions(payment: Payment) -> list[Action]:
    order, seen = payment.order, seen_of(payment)
    actions: list[Action] = []
    if may_accept(order, payment):
        label = gettext("Accept %(amount)s as paid") % {"amount": _reported(payment)}
        actions.append(Action(_url(payment, "accept"), label, _when_accepted(payment), is_main=True, seen=seen))
    if payment.state == Payment.State.PARKED and may_refund(order, payment):
        label = gettext("Refund %(amount)s") if has_money(payment) else gettext("Release %(amount)s")
        label %= {"amount": _reported(payment)}
        hint = gettext("The customer can pay again.") if order.status == Order.Status.AWAITING_PAYMENT else ""
        actions.append(Action(_url(payment, "refund"), label, hint, is_main=not actions, seen=seen))
    if payment.state == Payment.State.PARKED:
        actions.append(Action(_url(payment, "ask"), gettext("Ask the bank again")))
    label = gettext("Settled outside the bank") if has_money(payment) else gettext("Nothing was paid")
    if payment.state == Payment.State.CAPTURED:
        label = gettext("Checked, all is well")
    return [*actions, Action(_url(payment, "close"), label, needs_note=True, seen=seen)]


def _when_accepted(payment: Payment) -> str:
    difference = payment.amount - (payment.reported_amount or ZERO)
    amount = {"amount": format_money(abs(difference), payment.currency)}
    if difference > ZERO:
        return gettext("The order goes ahead; %(amount)s less is due.") % amount
    if difference < ZERO:
        return gettext("The order goes ahead; %(amount)s is refunded.") % amount
    return gettext("The order goes ahead.")


def _refund(refund: Refund, at: dt.datetime) -> Item:
    payment, order = refund.payment, refund.payment.order
    owed = format_money(min(refund.amount, payment.amount - back(payment, COVERING)), payment.currency)
    base = ("staff:attention-refund", refund.key)
    return Item(
        anchor=f"refund-{refund.key}",
        title=gettext("The bank refused a refund"),
        text=refund_text(refund.reason),
        since=_since(refund.created_at, order, at),
        order=order,
        code=numbers.group(order.number),
        facts=[(gettext("Still owed"), owed), (gettext("The order"), short_status(order.status))],
        actions=[
            Action(_to(*base, "repeat"), gettext("Request %(amount)s again") % {"amount": owed}, is_main=True),
            Action(_to(*base, "close"), gettext("Refunded outside the bank"), needs_note=True),
        ],
    )


def _stranded(payment: Payment, at: dt.datetime) -> Item:
    order = payment.order
    return Item(
        anchor=f"payment-{payment.public_id}",
        title=gettext("Money of a cancelled order"),
        text=gettext("The order was cancelled and its payment has not been refunded."),
        since=_since(payment.created_at, order, at),
        order=order,
        code=numbers.group(order.number),
        facts=[(gettext("Paid"), format_money(payment.amount, payment.currency))],
        actions=[Action(_url(payment, "refund"), gettext("Refund it"), is_main=True, seen=seen_of(payment))],
    )


def _given_away(given: GivenAway, at: dt.datetime) -> Item:
    order = given.order
    events = sorted(order.events.all(), key=lambda event: event.pk)
    amount, seen = chargeable(order, events), seen_of_refund(order, events)
    return Item(
        anchor=f"order-{order.number}",
        title=gettext("The bank refunded an open order"),
        text=gettext("The bank, not we, refunded everything the customer paid. Was that agreed?"),
        since=_since(given.refunded_at, order, at),
        order=order,
        code=numbers.group(order.number),
        facts=[
            (gettext("Refunded by the bank"), format_money(amount, order.currency)),
            (gettext("The order"), short_status(order.status)),
        ],
        actions=[
            charge_action(order, amount, seen, is_main=True),
            Action(_of_order(order, "agree"), gettext("It was agreed"), needs_note=True, seen=seen),
        ],
    )


def charge_action(order: Order, amount: Decimal, seen: str, *, is_main: bool = False) -> Action:
    """Return the button that charges the bank's refund again at the counter."""
    label = gettext("Take %(amount)s at the counter") % {"amount": format_money(amount, order.currency)}
    hint = gettext("The bank's refund was not agreed.")
    return Action(_of_order(order, "charge"), label, hint, is_main=is_main, seen=seen)


def _cancel(asked: CancelAsked, at: dt.datetime) -> Item:
    order, seen = asked.order, seen_of_request(asked.order, asked.request)
    amount = {"amount": format_money(kept(order), order.currency)}
    return Item(
        anchor=f"cancel-{order.number}",
        title=gettext("A colleague asked to cancel a paid order"),
        text=asked.request.note,
        since=_since(asked.request.at, order, at),
        order=order,
        code=numbers.group(order.number),
        facts=[
            (gettext("Asked by"), actor_word(asked.request.actor_label)),
            (gettext("To be refunded"), amount["amount"]),
            (gettext("The order"), short_status(order.status)),
        ],
        actions=[
            Action(
                _of_order(order, "cancel"),
                gettext("Cancel and refund %(amount)s") % amount,
                gettext("The customer reads the reason above."),
                is_main=True,
                seen=seen,
            ),
            Action(
                _of_order(order, "keep"),
                gettext("Do not cancel"),
                needs_note=True,
                seen=seen,
                note_label=gettext("Why it is not cancelled (kept in the history)"),
            ),
        ],
    )


def _outage(outage: GatewayOutage, at: dt.datetime) -> Item:
    bank = history_label(outage.gateway)
    silent = gettext("Payments wait, and orders cannot be paid online until it answers. We keep asking.")
    stranger = gettext(
        "It refuses our signature: a secret, its address or a clock is wrong. Payments and refunds wait."
    )
    title = gettext("This shop is unknown to %(bank)s") if outage.is_stranger else gettext("No answer from %(bank)s")
    return Item(
        anchor=f"outage-{outage.gateway}",
        title=title % {"bank": bank},
        text=stranger if outage.is_stranger else silent,
        since=wording.span_ago(at - outage.since),
        facts=[(gettext("Last attempt"), wording.span_ago(at - outage.last_at))],
    )


def _message(given_up: GivenUp, at: dt.datetime) -> Item:
    message, order = given_up.message, given_up.order
    parked_at = message.parked_at or at
    base = ("staff:attention-message", message.pk)
    return Item(
        anchor=f"message-{message.pk}",
        title=gettext("Given up after many attempts"),
        text=str(MESSAGES.get(message.event, message.event)),
        since=_since(parked_at, order, at) if order else wording.span_ago(at - parked_at),
        order=order,
        code=numbers.group(order.number) if order else "",
        facts=[(gettext("Last error"), message.last_error or "–")],
        actions=[
            Action(_to(*base, "retry"), gettext("Try again"), is_main=True),
            Action(_to(*base, "close"), gettext("Settled, close it"), needs_note=True),
        ],
    )


def _reported(payment: Payment) -> str:
    return format_money(payment.reported_amount or ZERO, payment.reported_currency or payment.currency)


def _since(moment: dt.datetime, order: Order, at: dt.datetime) -> str:
    values = {"time": wording.when(moment, order.shop, at), "span": wording.span(at - moment)}
    return gettext("%(time)s, %(span)s ago") % values


def _url(payment: Payment, verb: str) -> str:
    return _to("staff:attention-payment", payment.public_id, verb)


def _of_order(order: Order, verb: str) -> str:
    return reverse("staff:attention-order", args=[order.number, verb])


def _to(name: str, key: object, verb: str) -> str:
    return reverse(name, args=[key, verb])
