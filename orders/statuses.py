"""The life of an order as one table: the steps, the people who may take them, the texts of their buttons."""

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from accounts.roles import roles_with
from orders.models import Order
from orders.models.status import FINAL, Status

COLLECTION, DELIVERY = Order.Fulfilment.COLLECTION, Order.Fulfilment.DELIVERY

# Kinds of people and machines that act on orders. Staff are named by their role (accounts/roles.py).
CUSTOMER, GATEWAY, SYSTEM, NOBODY = "customer", "gateway", "system", ""

# Limits for undoing one's own step, and for the counter (recall) anybody's: `undo_ends` is the rule.
UNDO_WINDOW = dt.timedelta(seconds=10)
RECALL_WINDOW = dt.timedelta(minutes=60)


@dataclass(frozen=True)
class Edge:
    """One step. `right` is the staff's right to take it, empty if no staff may; `others` may take it too.

    `verb` is the text of its button, empty without a button (payment, expiry); `back` that of the button that undoes
    it, empty if it cannot be undone. `is_undo` steps are taken by `undo` only. `by_service` steps belong to a service
    of their own (cancel, hand-over, payment) and are refused by `change_status`. `only` limits the step to one
    fulfilment.
    """

    source: str
    target: str
    right: str
    others: frozenset[str]
    verb: object = ""
    back: object = ""
    is_undo: bool = False
    by_service: bool = False
    only: str = ""

    @property
    def who(self) -> frozenset[str]:
        """Return the roles and the kinds of others who may take this step."""
        return self.others | (roles_with(self.right) if self.right else frozenset())

    def is_for(self, order: Order) -> bool:
        """Return whether an order of this fulfilment takes this step."""
        return self.only in ("", order.fulfilment)


_MACHINES = frozenset({GATEWAY, SYSTEM})
_SYSTEM = frozenset({SYSTEM})
_BUYER = frozenset({SYSTEM, CUSTOMER})
STEP, HAND_OVER, CANCEL = "orders.change_status", "orders.hand_over", "orders.cancel"

# A courier's right to the steps of a delivery comes with their screen.
_FORWARD = (
    # A person places an order by accepting a payment that differs (payments.by_hand).
    Edge(Status.AWAITING_PAYMENT, Status.PLACED, "orders.refund", _MACHINES, by_service=True),
    Edge(Status.PLACED, Status.PREPARING, STEP, _SYSTEM, _("Start preparing"), back=_("Back to new")),
    Edge(Status.PREPARING, Status.READY, STEP, _SYSTEM, _("Mark as ready"), back=_("Back to preparing")),
    Edge(Status.READY, Status.IN_TRANSIT, STEP, _SYSTEM, _("Hand to courier"), back=_("Back to ready"), only=DELIVERY),
    Edge(Status.READY, Status.COMPLETED, HAND_OVER, _SYSTEM, _("Hand over"), by_service=True, only=COLLECTION),
    Edge(Status.IN_TRANSIT, Status.COMPLETED, HAND_OVER, _SYSTEM, _("Delivered"), by_service=True, only=DELIVERY),
    # The only way out of a final status: money for an order that has expired, if its goods are still there. Never for
    # an order that a person cancelled (payments.settle).
    Edge(Status.CANCELLED, Status.PLACED, "", _MACHINES, by_service=True),
)
_BACK = tuple(
    Edge(step.target, step.source, step.right, _SYSTEM, step.back, is_undo=True, only=step.only)
    for step in _FORWARD
    if step.back
)
FIRST = frozenset({Status.AWAITING_PAYMENT, Status.PLACED})
# A buyer cancels until the shop begins, staff until the order has ended.
_CANCEL = tuple(
    Edge(status, Status.CANCELLED, CANCEL, _BUYER if status in FIRST else _SYSTEM, _("Cancel order"), by_service=True)
    for status in Status
    if status not in FINAL
)
EDGES: dict[tuple[str, str], Edge] = {(edge.source, edge.target): edge for edge in (*_FORWARD, *_BACK, *_CANCEL)}


def step_to(order: Order, target: str) -> Edge | None:
    """Return the step of this order from its current status to `target`, or None if there is none."""
    step = EDGES.get((order.status, target))
    return step if step and step.is_for(order) else None


def next_steps(order: Order, kind: str) -> list[Edge]:
    """Return the steps for which `kind` gets a button on this order, without cancelling."""
    return [step for step in _forward(order, order.status) if step.verb and kind in step.who]


def road(order: Order) -> list[str]:
    """Return the statuses of an order like this one, from its first to completion."""
    statuses: list[str] = [Status.AWAITING_PAYMENT if order.is_online else Status.PLACED]
    while ahead := _forward(order, statuses[-1]):
        statuses.append(ahead[0].target)
    return statuses


def way_to(order: Order, target: str) -> list[str]:
    """Return the statuses ahead of an order on its road, up to and including `target`."""
    statuses = road(order)
    return statuses[statuses.index(order.status) + 1 : statuses.index(target) + 1]


def _forward(order: Order, status: str) -> list[Edge]:
    return [
        step
        for step in EDGES.values()
        if step.source == status and status not in FINAL and step.is_for(order) and not step.is_undo
        and step.target != Status.CANCELLED
    ]  # fmt: skip


def back_step(status: str) -> Edge | None:
    """Return the step that undoes the last one, or None. It is the same for every order in that status."""
    return next((step for step in EDGES.values() if step.source == status and step.is_undo), None)


def may_recall(kind: str) -> bool:
    """Return whether `kind` may undo steps of other people, and steps older than `UNDO_WINDOW`."""
    return kind == SYSTEM or kind in roles_with(STEP)


def undo_ends(order: Order, kind: str, *, is_own: bool) -> dt.datetime | None:
    """Return until when `kind` may undo the last step of an order, or None if they may not.

    `is_own`: they took the step themselves.
    """
    step = back_step(order.status)
    if step is None or kind not in step.who:
        return None
    if may_recall(kind):
        return order.status_changed_at + RECALL_WINDOW
    return order.status_changed_at + UNDO_WINDOW if is_own else None


def may_cancel(order: Order, kind: str) -> bool:
    """Return whether `kind` may cancel this order as it is."""
    step = step_to(order, Status.CANCELLED)
    return step is not None and kind in step.who
