"""Showing a buyer's phone number, or a document with its buyer: recorded with a reason, only while there is one."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.services import audit
from common.actors import Actor
from common.errors import DomainError
from orders.ledger import lock_order
from orders.models import Document
from orders.selectors import document_of


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


@transaction.atomic
def reveal_document(*, order_id: int, name: str, reason: str, actor: Actor, at: dt.datetime) -> Document:
    """Record that somebody sees a document of an order with its buyer, and why; return it.

    Raises OrderGone, NothingToShow, ReasonMissing.
    """
    order = lock_order(order_id)
    document = document_of(order, name)
    if document is None or not document.has_buyer:
        raise NothingToShow(_("This document names no buyer."))
    audit.reveal(target=f"order:{order.number}", field=f"buyer on {document.name}", reason=reason, actor=actor, at=at)
    return document
