"""The frozen content of a document: plain JSON, with amounts as text and codes in place of words. Pure, no query.

It holds everything printed but the buyer. Codes become words when it is printed, in `language`.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from common.money import ZERO, round_money
from orders.models import Document, Order, OrderLine, Payment, SellerSettings
from orders.models.payment import PROMISED
from orders.standing import Money, back, kept_payments
from stock.models import Shop
from stock.moments import local

VERSION = 1
Content = dict[str, Any]


@dataclass(frozen=True)
class DocumentLine:
    """One printed line. `amount` is gross and rounded, before `discount`; `tax_rate` is 0.20 for 20 %."""

    code: str
    name: str
    options: str
    unit: str
    quantity: Decimal
    unit_price: Decimal
    amount: Decimal
    discount: Decimal
    tax_rate: Decimal


@dataclass(frozen=True)
class TaxShare:
    """The gross amount of one rate with the tax in it. `rate` is None for delivery, which has a tax of its own."""

    rate: Decimal | None
    gross: Decimal
    tax: Decimal


@dataclass(frozen=True)
class CreditNoteContent:
    """What a credit note credits, all of it positive; `lines` may be empty for an amount without goods.

    `reason` is a code of orders.payments.reasons.REFUNDED: words could name a person, and are never erased.
    """

    amount: Decimal
    taxes: Sequence[TaxShare]
    lines: Sequence[DocumentLine]
    reason: str

    def adds_up(self, currency: str) -> bool:
        """Return whether the amount is positive money, and the sum of its tax shares and of its lines, if any."""
        shares = sum((share.gross for share in self.taxes), ZERO)
        goods = sum((line.amount - line.discount for line in self.lines), ZERO) if self.lines else self.amount
        return ZERO < self.amount == round_money(self.amount, currency) == shares == goods


@dataclass(frozen=True)
class Heading:
    """What stands above the lines: the document's name, the day of its issue in the shop, and the seller."""

    kind: str
    name: str
    number: int
    on: dt.date
    at: dt.datetime
    seller: SellerSettings
    site_name: str


def day_in_shop(at: dt.datetime, shop: Shop) -> dt.date:
    """Return the day of a moment on the shop's calendar; its year is the one of the series."""
    return local(at, shop).date()


def document_name(prefix: str, year: int, number: int) -> str:
    """Return the name under which a document is known: R-2026-000123."""
    return f"{prefix}-{year}-{number:06d}"


def sale_content(
    heading: Heading, order: Order, *, lines: Sequence[OrderLine], payments: Sequence[Payment], money: Money
) -> Content:
    """Return the content of a receipt or an invoice of a whole order; `money` is its settled standing.

    `payments` have their refunds loaded; those of which the shop keeps nothing are left out.
    """
    kept = kept_payments(order, payments)
    totals = {
        "goods": order.goods_total,
        "discount": order.discount_total,
        "delivery": order.delivery_total,
        "total": order.total,
        "tax": order.tax_total,
        "waived": order.total - money.paid,
        "paid": sum((payment.amount for payment in kept), ZERO),
        "refunded": sum((back(payment, PROMISED) for payment in kept), ZERO),
    }
    return {
        **_head(heading, order),
        "lines": [_texts(asdict(_frozen(line))) for line in lines],
        "taxes": [_share(share) for share in shares_of(order, lines)],
        "totals": _texts(totals),
        "payments": [_payment(payment, order.shop) for payment in kept],
    }


def credit_content(heading: Heading, order: Order, credit: CreditNoteContent, *, original: Document | None) -> Content:
    """Return the content of a credit note, in positive amounts; `original` is what it corrects."""
    totals = {
        "goods": sum((line.amount for line in credit.lines), ZERO),
        "discount": sum((line.discount for line in credit.lines), ZERO),
        "total": credit.amount,
        "tax": sum((share.tax for share in credit.taxes), ZERO),
    }
    return {
        **_head(heading, order),
        "lines": [_texts(asdict(line)) for line in credit.lines],
        "taxes": [_share(share) for share in credit.taxes],
        "totals": _texts(totals),
        "reason": credit.reason,
        "original": original.name if original else "",
    }


def shares_of(order: Order, lines: Iterable[OrderLine]) -> list[TaxShare]:
    """Return the tax of an order for each rate, the highest first, then that of delivery."""
    gross: dict[Decimal, Decimal] = {}
    tax: dict[Decimal, Decimal] = {}
    for line in lines:
        gross[line.tax_rate] = gross.get(line.tax_rate, ZERO) + line.amount - line.discount
        tax[line.tax_rate] = tax.get(line.tax_rate, ZERO) + line.tax_amount
    shares = [TaxShare(rate, gross[rate], tax[rate]) for rate in sorted(gross, reverse=True)]
    if order.delivery_total:
        shares.append(TaxShare(None, order.delivery_total, order.tax_total - sum(tax.values(), ZERO)))
    return shares


def digest(content: Content) -> str:
    """Return the SHA-256 of a content, the same however the database orders its keys."""
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _head(heading: Heading, order: Order) -> Content:
    seller = heading.seller
    return {
        "version": VERSION,
        "kind": heading.kind,
        "name": heading.name,
        "number": heading.number,
        "issued_on": heading.on.isoformat(),
        "issued_at": heading.at.isoformat(),
        "language": order.language,
        "currency": order.currency,
        "order": {"number": order.number, "placed_on": day_in_shop(order.placed_at, order.shop).isoformat()},
        "seller": {
            "name": seller.legal_name or heading.site_name,
            "address": _lines_of(seller.address),
            "registration_number": seller.registration_number,
            "vat_number": seller.vat_number,
            "footer": _lines_of(seller.footer),
            "shop": order.shop.name_text,
            "shop_address": order.shop.address_text,
        },
    }


def _lines_of(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _frozen(line: OrderLine) -> DocumentLine:
    return DocumentLine(
        code=line.code,
        name=line.name,
        options=line.options,
        unit=line.unit,
        quantity=line.quantity,
        unit_price=line.unit_price,
        amount=line.amount,
        discount=line.discount,
        tax_rate=line.tax_rate,
    )


def _share(share: TaxShare) -> Content:
    return _texts({**asdict(share), "net": share.gross - share.tax})


def _payment(payment: Payment, shop: Shop) -> Content:
    on = day_in_shop(payment.captured_at or payment.created_at, shop)
    return {
        "gateway": payment.gateway,
        "taken": payment.taken,
        "amount": _text(payment.amount),
        "on": on.isoformat(),
    }


def _texts(values: dict[str, Any]) -> Content:
    return {name: _text(value) if isinstance(value, Decimal) else value for name, value in values.items()}


def _text(amount: Decimal) -> str:
    """Return a number as it was, without the zeros that a column adds: 2, 0.5, 12.50 as 12.5."""
    return f"{amount.normalize():f}"
