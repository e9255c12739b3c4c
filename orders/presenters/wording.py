"""The words of statuses and actors: one row a status, for staff and for buyers."""

from dataclasses import dataclass, replace

from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from orders.gateways.registry import history_label
from orders.models import Order
from orders.models.status import Status
from orders.statuses import DELIVERY


@dataclass(frozen=True)
class Words:
    """The words of a status. `staff` is the panel's short word and `tone` the colour of its tag.

    `step` is the buyer's word in the timeline, `state` the one in the list of their orders (empty: the status's own
    label), `then` the sentence about what comes next.
    """

    staff: object
    step: object
    then: object = ""
    state: object = ""
    tone: str = ""


WORDS: dict[Status, Words] = {
    Status.AWAITING_PAYMENT: Words(_("Not paid yet"), _("Ordered"), tone="warn"),
    Status.PLACED: Words(
        pgettext_lazy("order status", "New"),
        _("Ordered"),
        _("We will email you when it is ready. Then show the code at the counter."),
    ),
    Status.PREPARING: Words(
        pgettext_lazy("order status", "Preparing"),
        _("Being prepared"),
        _("We are preparing your order and will email you when it is ready."),
    ),
    Status.READY: Words(
        pgettext_lazy("order status", "Ready"),
        _("Ready to collect"),
        _("Show the code at the counter, or say the number. No need to print anything."),
        tone="ok",
    ),
    Status.IN_TRANSIT: Words(_("Out for delivery"), _("On its way"), _("Your order has left the shop.")),
    Status.COMPLETED: Words(
        _("Handed over"), _("Collected"), _("Thank you. We hope to see you again."), state=_("Collected"), tone="ok"
    ),
    Status.CANCELLED: Words(
        pgettext_lazy("order status", "Cancelled"),
        _("Cancelled"),
        _("Nothing will be prepared. You can order again."),
        tone="error",
    ),
}
# Words that are different for an order that is delivered.
WORDS_OF_DELIVERY: dict[Status, Words] = {
    Status.PLACED: replace(WORDS[Status.PLACED], then=_("We will bring it to you as soon as it is ready.")),
    Status.PREPARING: replace(WORDS[Status.PREPARING], then=_("We are preparing your order and will bring it to you.")),
    Status.READY: replace(
        WORDS[Status.READY],
        step=_("Ready"),
        state=_("Ready"),
        then=_("Your order is packed and will leave the shop soon."),
    ),
    Status.COMPLETED: replace(WORDS[Status.COMPLETED], step=_("Delivered"), state=_("Delivered")),
}
# Machines and guests in a history.
ACTORS = {"guest": _("the customer"), "customer": _("the customer"), "worker": _("the system"), "setup": _("set-up")}


def short_status(status: str) -> str:
    """Return the staff's word for a status."""
    return str(WORDS[Status(status)].staff)


def tone_of(status: str) -> str:
    """Return the tone of the tag of a status: ok, warn, error or nothing."""
    return WORDS[Status(status)].tone


def step_word(order: Order, status: str) -> str:
    """Return the buyer's word for a status in the timeline of this order."""
    if status == Status.PLACED and order.is_online:
        return gettext("Paid")
    return str(_words(order, status).step)


def state_word(order: Order) -> str:
    """Return the buyer's word for the current status of an order."""
    return str(_words(order, order.status).state or order.get_status_display())


def then_text(order: Order) -> str:
    """Return the buyer's sentence about what comes next."""
    return str(_words(order, order.status).then)


def actor_word(label: str) -> str:
    """Return the name of the actor of an event: people by name, machines and guests in words."""
    return str(ACTORS[label]) if label in ACTORS else history_label(label)


def _words(order: Order, status: str) -> Words:
    row = Status(status)
    return WORDS_OF_DELIVERY.get(row, WORDS[row]) if order.fulfilment == DELIVERY else WORDS[row]
