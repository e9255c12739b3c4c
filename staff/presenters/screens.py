"""The full-screen answer to a scan: one word, one colour, one icon, one action."""

import datetime as dt
from dataclasses import dataclass, field, replace
from decimal import Decimal

from django.utils.translation import gettext

from common.money import ZERO, format_money
from orders import numbers
from orders.models import Order, OrderLine
from orders.presenters.wording import actor_word, short_status
from orders.services.hand_over import HandOverResult
from orders.statuses import next_steps
from staff.access import Desk
from staff.presenters import wording
from staff.templatetags.staff_tags import kitchen

CLEAR_AFTER = 20  # seconds


@dataclass(frozen=True)
class Screen:
    """One screen. `tone` is ask, ok, wait, seen or stop (a CSS class, an icon, a sound); `status` is the HTTP status.

    `step` is the "<status>:<version>" of an offered step; `ways` are the ways to take a payment of `asked` now.
    """

    tone: str
    word: str
    sub: str
    code: str = ""
    status: int = 200
    order: Order | None = None
    items: list[str] = field(default_factory=list)
    comment: str = ""
    ways: list[tuple[str, str]] = field(default_factory=list)
    asked: Decimal = ZERO
    step: str = ""
    step_label: str = ""
    switch_to: str = ""
    switch_label: str = ""
    clears: bool = True


def build_screen(result: HandOverResult, *, desk: Desk, at: dt.datetime, refused: bool = False) -> Screen:
    """Word the answer of `hand_over` or `preview`; `refused` (409) is for a post that changed nothing."""
    if result.order is None:
        return _unknown_code()
    return _SCREENS[result.code](result, result.order, desk, at, 409 if refused else 200)


def _offered(result: HandOverResult, order: Order, desk: Desk, at: dt.datetime, status: int) -> Screen:
    return Screen(
        "ask",
        gettext("Ready"),
        _who_and_paid(order),
        code=result.code,
        status=status,
        order=order,
        items=items_of(order),
        comment=order.comment or "",
        ways=[("", gettext("Hand over"))],
        clears=False,
    )


def _unpaid(result: HandOverResult, order: Order, desk: Desk, at: dt.datetime, status: int) -> Screen:
    return Screen(
        "ask",
        gettext("Take %(amount)s") % {"amount": format_money(result.amount, order.currency)},
        gettext("%(name)s · take the money, then choose how it was paid.") % {"name": wording.short_name(order.name)},
        code=result.code,
        status=status,
        order=order,
        items=items_of(order),
        comment=order.comment or "",
        ways=[("cash", gettext("Cash, hand over")), ("card", gettext("Card, hand over"))],
        asked=result.amount,
        clears=False,
    )


def _amount_changed(result: HandOverResult, order: Order, desk: Desk, at: dt.datetime, status: int) -> Screen:
    if result.amount > ZERO:
        screen = _unpaid(result, order, desk, at, status)
        sub = gettext("The amount has changed since this order was scanned. Take this one, then say how it was paid.")
    else:
        screen = _offered(result, order, desk, at, status)
        sub = gettext("Nothing is left to pay since this order was scanned. Return any money taken, then hand over.")
    return replace(screen, sub=sub)


def _handed_over(result: HandOverResult, order: Order, desk: Desk, at: dt.datetime, status: int) -> Screen:
    return Screen(
        "ok",
        gettext("Handed over"),
        _who_and_paid(order),
        code=result.code,
        order=order,
        items=items_of(order),
    )


def _not_ready(result: HandOverResult, order: Order, desk: Desk, at: dt.datetime, status: int) -> Screen:
    if order.status == Order.Status.AWAITING_PAYMENT:
        return _not_paid(order, at, status)
    steps = next_steps(order, desk.role)
    left = order.promised_at - at
    if abs(left) < dt.timedelta(minutes=1):
        distance = gettext("that is now")
    elif left > dt.timedelta():
        distance = gettext("%(span)s from now") % {"span": wording.span(left)}
    else:
        distance = gettext("%(span)s ago") % {"span": wording.span(-left)}
    sentences = [
        gettext("Now in “%(status)s”. Promised for %(time)s, %(distance)s.")
        % {
            "status": short_status(order.status),
            "time": wording.when(order.promised_at, order.shop, at),
            "distance": distance,
        }
    ]
    if order.due:
        amount = format_money(order.due, order.currency)
        sentences.append(gettext("%(amount)s is still to be paid.") % {"amount": amount})
    return Screen(
        "wait",
        gettext("Not ready yet"),
        " ".join(sentences),
        code=result.code,
        status=status,
        order=order,
        items=items_of(order),
        step=f"{steps[0].target}:{order.version}" if steps else "",
        step_label=str(steps[0].verb) if steps else "",
    )


def _not_paid(order: Order, at: dt.datetime, status: int) -> Screen:
    """Answer a scan of an order that is not paid yet: nothing is prepared before that, whatever was promised."""
    amount = {"amount": format_money(order.due, order.currency)}
    sentences = [gettext("%(amount)s is still to be paid online.") % amount]
    if order.expires_at:
        time = {"time": wording.when(order.expires_at, order.shop, at)}
        sentences.append(gettext("The order is held until %(time)s.") % time)
    sub = " ".join(sentences)
    return Screen("wait", gettext("Not paid"), sub, "not_ready", status, order, items_of(order))


def _already_collected(result: HandOverResult, order: Order, desk: Desk, at: dt.datetime, status: int) -> Screen:
    done_at = result.when or at
    sub = gettext("Handed over by %(who)s at %(time)s, %(span)s ago, at %(shop)s.") % {
        "who": actor_word(result.by),
        "time": wording.when(done_at, order.shop, at),
        "span": wording.span(at - done_at),
        "shop": order.shop.name_text,
    }
    return Screen("seen", gettext("Already collected"), sub, code=result.code, status=status, order=order)


def _cancelled(result: HandOverResult, order: Order, desk: Desk, at: dt.datetime, status: int) -> Screen:
    reason = order.get_cancel_reason_display() or gettext("No reason is on record")
    sub = gettext("%(reason)s, %(time)s. Do not hand it over.") % {
        "reason": reason,
        "time": wording.when(order.status_changed_at, order.shop, at),
    }
    return Screen("stop", gettext("Cancelled"), sub, code=result.code, status=status, order=order)


def _wrong_shop(result: HandOverResult, order: Order, desk: Desk, at: dt.datetime, status: int) -> Screen:
    address = f", {order.shop.address_text}" if order.shop.address_text else ""
    sub = gettext("This order waits at %(shop)s%(address)s.") % {"shop": order.shop.name_text, "address": address}
    is_theirs = order.shop_id in desk.shop_ids
    return Screen(
        "stop",
        gettext("Other shop"),
        sub,
        code=result.code,
        status=status,
        # Nothing else about an order of a shop where they do not work.
        order=order if is_theirs else None,
        switch_to=order.shop.code if is_theirs else "",
        switch_label=gettext("I am at %(shop)s") % {"shop": order.shop.name_text} if is_theirs else "",
    )


def _unknown_code() -> Screen:
    sub = gettext("No order has this code. Ask for the order number, or look it up by phone number.")
    return Screen("stop", gettext("Unknown code"), sub, code="unknown", status=404)


def _not_allowed(result: HandOverResult, order: Order, desk: Desk, at: dt.datetime, status: int) -> Screen:
    sub = gettext("Your role may not hand over orders. Ask a colleague at the counter.")
    return Screen("stop", gettext("Not allowed"), sub, code=result.code, status=status, order=order)


def unknown_screen(*, number: str = "") -> Screen:
    """Return the answer to an unknown code, or to a number of no order they may see."""
    if number:
        sub = gettext("None of your shops has an open order %(number)s. Scan its code to see where it waits.")
        return Screen("stop", gettext("Not here"), sub % {"number": numbers.group(number)}, code="unknown", status=404)
    return _unknown_code()


def other_keyboard_screen() -> Screen:
    """Return the answer to a garbled code: scanner and computer are set to different keyboards."""
    sub = gettext(
        "Set the scanner to the keyboard language of this computer. Until then, type the number printed with the code."
    )
    return Screen("stop", gettext("This scanner is set to another keyboard"), sub, code="other_keyboard", status=404)


def too_many_screen() -> Screen:
    """Return the answer after too many unknown codes."""
    sub = gettext("Too many unknown codes. Wait a minute, then scan again.")
    return Screen("stop", gettext("Slow down"), sub, code="too_many", status=429)


def tampered_screen() -> Screen:
    """Return the answer to a post that our button did not send."""
    sub = gettext("Something went wrong. Nothing was changed; scan the code again.")
    return Screen("stop", gettext("Scan again"), sub, code="tampered", status=400)


def items_of(order: Order) -> list[str]:
    """Return the contents of the bag, one line each: 2 Butter croissant, warm."""
    lines: list[OrderLine] = sorted(order.lines.all(), key=lambda line: line.position)
    return [
        f"{kitchen(line.quantity, line.unit)} {line.name}" + (f", {line.options}" if line.options else "")
        for line in lines
    ]


def code_of(screen: Screen) -> str:
    """Return the order's number in its two groups, empty without an order."""
    return numbers.group(screen.order.number) if screen.order else ""


def _who_and_paid(order: Order) -> str:
    """Return the buyer's name and the paid amount, for an order with nothing due; the waived part was not paid."""
    name, paid = wording.short_name(order.name), order.total - order.waived
    if paid <= ZERO:
        return gettext("%(name)s · nothing to pay") % {"name": name}
    return gettext("%(name)s · paid %(amount)s") % {"name": name, "amount": format_money(paid, order.currency)}


_SCREENS = {
    "offered": _offered,
    "unpaid": _unpaid,
    "amount_changed": _amount_changed,
    "handed_over": _handed_over,
    "not_ready": _not_ready,
    "already_collected": _already_collected,
    "cancelled": _cancelled,
    "wrong_shop": _wrong_shop,
    "not_allowed": _not_allowed,
}
