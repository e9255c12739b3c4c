"""Showing a buyer's phone number in full: recorded, with a reason, and only while there is one."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.services import audit
from common.actors import Actor
from common.errors import DomainError
from orders.ledger import lock_order


class NothingToShow(DomainError):
    """The order names nobody: it has no number, or its buyer was erased."""

    code = "nothing_to_show"


@transaction.atomic
def reveal_phone(*, order_id: int, reason: str, actor: Actor, at: dt.datetime) -> None:
    """Record that somebody sees the number of an order, and why.

    Who erases the buyer locks the order, too, so no words about them are written after that. Raises OrderGone,
    NothingToShow, ReasonMissing.
    """
    order = lock_order(order_id)
    if not order.phone:
        raise NothingToShow(_("This order has no phone number."))
    audit.reveal(target=f"order:{order.number}", field="phone", reason=reason, actor=actor, at=at)
