"""The board for its page: columns of tickets, with all words and decisions made."""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from common.models import columns_of
from orders import numbers
from orders.models import Order, OrderLine
from orders.models.status import OPEN
from orders.presenters.allergens import allergens_of, may_contain_of
from orders.presenters.wording import short_status
from orders.statuses import DELIVERY, EDGES, FIRST, next_steps
from staff.presenters import wording
from stock.models import Shop

Status = Order.Status
NEW_FOR = dt.timedelta(minutes=2)


@dataclass(frozen=True)
class TicketStep:
    """A button: `value` is what it posts, "<status>:<version seen>"; a hand-over opens its page instead."""

    label: str
    value: str
    is_hand_over: bool


@dataclass(frozen=True)
class Ticket:
    """One order on the board. `tone` is soon, late, done or empty, and is always said in words too."""

    order: Order
    code: str
    name: str
    how: str
    promised: str
    due_text: str
    tone: str
    is_new: bool
    lines: list[OrderLine]
    allergens: str
    may_contain: str
    to_pay: Decimal
    step: TicketStep | None
    is_first: bool


@dataclass(frozen=True)
class Column:
    """A status with its tickets, by promised time."""

    status: str
    title: str
    tickets: list[Ticket] = field(default_factory=list)


@dataclass(frozen=True)
class Facts:
    """What the live part of the board is drawn from at a moment; the lines of orders never change.

    `recalls` are rows for the template, `col` the column that was asked for.
    """

    at: dt.datetime
    shop: Shop | None
    role: str
    orders: list[Order]
    recalls: list[dict[str, object]]
    attention: int
    paused_until: str
    col: str
    add_shop_url: str

    @property
    def toast(self) -> dict[str, object] | None:
        """Return the person's own step that they may undo by one tap."""
        return next((row for row in self.recalls if row["is_fresh"]), None)


def version(facts: Facts) -> str:
    """Return a short text that changes with anything drawn from the facts, words that tell the time included.

    The rows themselves go in, not what is picked of them: what is drawn next year cannot be forgotten here.
    """
    words = [
        (lateness(order, facts.shop, facts.at), _is_new(order, facts.at), order.due) if facts.shop else ()
        for order in facts.orders
    ]
    # Seconds count for the toast only; the other rows look the same while they may be undone.
    recalls = [{**row, "left": 0} for row in facts.recalls]
    rows = [columns_of(facts.shop) if facts.shop else (), *map(columns_of, facts.orders)]
    rest = (facts.role, facts.attention, facts.paused_until, facts.col, facts.add_shop_url, get_language())
    return sha256(repr((rows, words, recalls, facts.toast, rest)).encode()).hexdigest()[:32]


def column_statuses(orders: list[Order]) -> list[str]:
    """Return the statuses shown as columns: those that orders can reach here, and those of the given orders."""
    reachable = FIRST | {edge.target for edge in EDGES.values() if edge.only != DELIVERY and not edge.is_undo}
    present = {order.status for order in orders}
    return [status for status in Status if status in OPEN and (status in reachable or status in present)]


def build_columns(orders: list[Order], *, shop: Shop, role: str, at: dt.datetime) -> list[Column]:
    """Sort orders (by promised time) into columns."""
    columns = []
    for status in column_statuses(orders):
        mine = [order for order in orders if order.status == status]
        tickets = [build_ticket(order, shop, role, at, is_first=not n) for n, order in enumerate(mine)]
        columns.append(Column(status, short_status(status), tickets))
    return columns


def build_ticket(order: Order, shop: Shop, role: str, at: dt.datetime, *, is_first: bool) -> Ticket:
    """Word one order for the board."""
    tone, due_text = lateness(order, shop, at)
    lines = sorted(order.lines.all(), key=lambda line: line.position)
    return Ticket(
        order=order,
        code=numbers.group(order.number),
        name=wording.short_name(order.name),
        how=_how(order),
        promised=wording.clock(order.promised_at, shop),
        due_text=due_text,
        tone=tone,
        is_new=_is_new(order, at),
        lines=lines,
        allergens=allergens_of(lines),
        may_contain=may_contain_of(lines),
        to_pay=order.due,
        step=primary_step(order, role),
        is_first=is_first,
    )


def _is_new(order: Order, at: dt.datetime) -> bool:
    return order.status == Status.PLACED and at - order.status_changed_at < NEW_FOR


def _how(order: Order) -> str:
    if order.fulfilment == DELIVERY:
        return gettext("Deliver") if order.due else gettext("Deliver, paid")
    return gettext("Collect") if order.due else gettext("Collect, paid")


def primary_step(order: Order, role: str) -> TicketStep | None:
    """Return the next step of an order that this role may take, or None."""
    steps = next_steps(order, role)
    if not steps:
        return None
    is_hand_over = steps[0].target == Status.COMPLETED
    return TicketStep(str(steps[0].verb), f"{steps[0].target}:{order.version}", is_hand_over)


def names_the_day(order: Order, shop: Shop, at: dt.datetime) -> bool:
    """Return whether `lateness` says the promise itself, with its day, for it is too far away to be counted down to."""
    is_being_made = order.status not in (Status.READY, Status.IN_TRANSIT)
    is_far = order.promised_at - at > dt.timedelta(minutes=shop.due_soon_minutes)
    return is_being_made and is_far and wording.local(order.promised_at, shop).date() != wording.local(at, shop).date()


def lateness(order: Order, shop: Shop, at: dt.datetime) -> tuple[str, str]:
    """Return (tone, words) by the promised time and the shop's threshold, or how long a ready order has waited."""
    if order.status == Status.READY:
        return "done", gettext("waits %(span)s") % {"span": wording.span(at - order.status_changed_at)}
    if order.status == Status.IN_TRANSIT:
        return "", gettext("left %(time)s") % {"time": wording.when(order.status_changed_at, shop, at)}
    left = order.promised_at - at
    if left < dt.timedelta():
        return "late", gettext("late %(span)s") % {"span": wording.span(max(-left, dt.timedelta(minutes=1)))}
    if left < dt.timedelta(minutes=1):
        return "soon", gettext("due now")
    if left <= dt.timedelta(minutes=shop.due_soon_minutes):
        return "soon", gettext("due soon, %(span)s") % {"span": wording.span(left)}
    if names_the_day(order, shop, at):
        return "", gettext("due %(time)s") % {"time": wording.when(order.promised_at, shop, at)}
    return "", gettext("due in %(span)s") % {"span": wording.span(left)}


def total_open(columns: list[Column]) -> int:
    """Return how many tickets are on the board."""
    return sum(len(column.tickets) for column in columns)


PAUSES = (("15", _("15 minutes")), ("30", _("30 minutes")), ("60", _("1 hour")), ("tomorrow", _("Until tomorrow")))


def pause_until(choice: str, shop: Shop, at: dt.datetime) -> dt.datetime | None:
    """Return the end of a chosen pause: minutes from now, or the shop's next midnight; None for "resume"."""
    if choice == "resume":
        return None
    if choice != "tomorrow":
        return at + dt.timedelta(minutes=int(choice))
    tomorrow = wording.local(at, shop).date() + dt.timedelta(days=1)
    return dt.datetime.combine(tomorrow, dt.time(), tzinfo=wording.local(at, shop).tzinfo).astimezone(dt.UTC)
