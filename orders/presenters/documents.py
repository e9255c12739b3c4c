"""The documents of an order as links, and those that can be asked for."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from orders.models import Document, Order, SellerSettings
from orders.standing import Money

Kind = Document.Kind


@dataclass(frozen=True)
class DocumentLink:
    """A document that was issued: its name is part of its address."""

    name: str
    label: str
    has_buyer: bool


@dataclass(frozen=True)
class Documents:
    """What a page offers. A receipt and an invoice are each issued once, when somebody asks for them."""

    links: list[DocumentLink]
    can_get_receipt: bool
    can_get_invoice: bool


def documents_on_page(order: Order, documents: Sequence[Document], money: Money) -> Documents:
    """Return the documents of an order whose money stands like this; asks for the seller's settings if it is paid."""
    kinds = {document.kind for document in documents}
    may_ask = money.is_settled and Kind.INVOICE not in kinds and order.name is not None
    return Documents(
        links=links_to(documents),
        can_get_receipt=money.is_settled and Kind.RECEIPT not in kinds,
        can_get_invoice=may_ask and SellerSettings.current().is_complete,
    )


def links_to(documents: Sequence[Document]) -> list[DocumentLink]:
    """Return the documents as links, in the order of their issue."""
    return [DocumentLink(one.name, _label(one), bool(one.buyer_name)) for one in documents]


def _label(document: Document) -> str:
    if document.kind == Kind.RECEIPT:
        return gettext("Receipt (PDF)")
    if document.kind == Kind.INVOICE:
        return gettext("Invoice (PDF)")
    return gettext("Credit note %(name)s (PDF)") % {"name": document.name}
