"""Reading orders: for scans, for the buyer's page, for refunds."""

import hmac
from decimal import Decimal
from typing import Any

from allauth.account.models import EmailAddress
from django.db.models import BigIntegerField, CharField, F, OuterRef, Prefetch, Q, QuerySet, prefetch_related_objects

from accounts import emails, phones
from accounts.models import User
from common.composed import Composed, Hole
from common.money import ZERO
from common.nested_rows import NestedRows, keep_related, rows_of
from orders import numbers
from orders.models import (
    Document,
    Order,
    OrderEvent,
    OrderLine,
    OrderSettings,
    Payment,
    Refund,
    RefundDocument,
    RefundDocumentLine,
)
from orders.payments.balance import still_due
from orders.refund_shares import Refundable, RefundableLine
from orders.scan_reading import Wanted, is_garbled, read_by_layouts, read_code
from orders.standing import kept_of
from stock.models import Shop
from stock.selectors import keep_hours, nested_hours

MINE_AT_MOST = 100
BESIDE = ("event_rows", "payment_rows", "refund_rows", "document_rows")


def set_due(orders: list[Order]) -> list[Order]:
    """Set `due` (the amount still to pay, zero once cancelled) on each order; two queries for all."""
    captured = Payment.objects.captured().filter(order__in=orders, currency=F("order__currency"))
    paid = _sums(captured, "order_id")
    promised = Refund.objects.promised().filter(payment__in=captured)
    back = _sums(promised, "payment__order_id")
    for order in orders:
        kept = paid.get(order.pk, ZERO) - back.get(order.pk, ZERO)
        order.due = ZERO if order.status == Order.Status.CANCELLED else still_due(order, kept)
    return orders


def _sums(rows: QuerySet, column: str) -> dict[int, Decimal]:
    # Summed here: SQLite adds decimals as floats.
    sums: dict[int, Decimal] = {}
    for key, amount in rows.values_list(column, "amount"):
        sums[key] = sums.get(key, ZERO) + amount
    return sums


def read_scan(text: str) -> Wanted:
    """Read typed or scanned text, also of a scanner that is set to another keyboard.

    A garbled address is read through every layout; the result is the one reading that names an order. If two do, either
    would be a guess: the result is empty.
    """
    plain = read_code(text)
    if not is_garbled(text):
        return plain
    readings = list(dict.fromkeys([plain, *read_by_layouts(text)]))
    named = Q(collect_secret__in={one.secret for one in readings} - {""})
    named |= Q(number__in={one.number for one in readings} - {""})
    known = set(Order.objects.filter(named).values_list("collect_secret", "number"))
    secrets, codes = {secret for secret, _ in known}, {number for _, number in known}
    found = [one for one in readings if one.secret in secrets or one.number in codes]
    return found[0] if len(found) == 1 else Wanted()


def order_by_token(token: str) -> Order | None:
    """Return the order whose status page has this token, with its shop's hours, documents and `beside`: one query."""
    order = _order_by_token.first(token=token)
    if order is not None:
        keep_hours(order.shop, vars(order).pop("hour_rows"), vars(order).pop("day_rows"))
        nested = [rows_of(vars(order).pop(name)) for name in BESIDE]
        order.beside = [sorted(rows, key=lambda row: row["id"]) for rows in nested]
        keep_related(order, "documents", [Document(order=order, **row) for row in order.beside[-1]])
    return order


def _nested_beside() -> dict[str, NestedRows]:
    """Return the history, the money and the documents of an order, as far as its page tells them."""
    mine = OuterRef("pk")
    events, payments = OrderEvent.objects.filter(order=mine), Payment.objects.filter(order=mine)
    refunds, documents = Refund.objects.filter(payment__order=mine), Document.objects.filter(order=mine)
    return {
        "event_rows": NestedRows(events, "id", "from_status", "to_status", "at", "note"),
        "payment_rows": NestedRows(payments, "id", "state", "amount", "currency", "note"),
        "refund_rows": NestedRows(refunds, "id", "state", "amount", "reason"),
        "document_rows": NestedRows(documents, "id", "name", "kind", "buyer_name"),
    }


_order_by_token = Composed(
    lambda: (
        Order.objects.select_related("shop")
        .annotate(**nested_hours(OuterRef("shop")), **_nested_beside())
        .filter(token=Hole("token", CharField()))
    )
)


def history(order: Order) -> list:
    """Return the events of an order, oldest first."""
    return _of(order, _events(order=order.pk))


_events = Composed(lambda: OrderEvent.objects.filter(order=Hole("order", BigIntegerField())).order_by("id"))


def find_guest_order(*, number: str, contact: str) -> Order | None:
    """Return the order with this number whose phone or email is `contact`, else None.

    One query in every case; the contact is compared in constant time.
    """
    order = Order.objects.filter(number=numbers.normalise(number)[: numbers.NUMBER_LENGTH + 1]).first()
    email = (order.email if order else None) or ""
    phone = (order.phone if order else None) or ""
    typed_email, typed_phone = emails.normalise(contact), phones.look_up_form(contact) or ""
    same_email = hmac.compare_digest(emails.normalise(email).encode(), typed_email.encode())
    same_phone = hmac.compare_digest((phones.look_up_form(phone) or phone).encode(), typed_phone.encode())
    is_theirs = ("@" in typed_email and same_email) or ("@" not in typed_email and bool(typed_phone) and same_phone)
    return order if order is not None and is_theirs else None


def orders_of(user: User) -> list[Order]:
    """Return a customer's newest orders, newest first."""
    return list(all_orders_of(user).select_related("shop").order_by("-placed_at", "-id")[:MINE_AT_MOST])


def all_orders_of(user: User) -> QuerySet[Order]:
    """Find all of a customer's orders, with guest orders under their verified addresses."""
    mine = Q(user=user)
    for address in verified_addresses(user):
        mine |= Q(user=None, email__iexact=address)
    return Order.objects.filter(mine)


def knows_buyer(user_id: int) -> bool:
    """Return whether an order of this account has a contact."""
    return Order.objects.filter(user=user_id).named().exists()


def is_owner(order: Order, user: User) -> bool:
    """Return whether the signed-in user may see the order's personal data."""
    if not user.is_authenticated:
        return False
    if order.user_id is not None:
        return order.user_id == user.pk
    verified = {emails.normalise(address) for address in verified_addresses(user)}
    return bool(order.email) and emails.normalise(order.email) in verified


def verified_addresses(user: User) -> list[str]:
    """Return the verified email addresses of a user."""
    return list(EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True))


def shop_with_hours(order: Order) -> Shop:
    """Return the order's shop with its hours, also an archived one; they are not loaded again."""
    prefetch_related_objects([order.shop], "hours", "days")
    return order.shop


def payments_of(order: Order) -> list[Payment]:
    """Return the payments of an order, oldest first, each with its refunds loaded."""
    payments = _of(order, _payments(order=order.pk))
    prefetch_related_objects(payments, Prefetch("refunds", Refund.objects.order_by("id")))
    return payments


_payments = Composed(lambda: Payment.objects.filter(order=Hole("order", BigIntegerField())).order_by("id"))


def documents_of(order: Order) -> list[Document]:
    """Return the documents of an order in the order of their issue, of `order_by_token` without their content."""
    return sorted(order.documents.all(), key=lambda document: document.pk)


def document_of(order: Order, name: str) -> Document | None:
    """Return the document of an order with this name, or None."""
    # Not through order.documents: a filter on rows that were kept forgets whose they are.
    return Document.objects.filter(order=order, name=name).first()


def lines_of(order: Order) -> list[OrderLine]:
    """Return the lines of an order in their order, each with its SKU."""
    return _of(order, _lines(order=order.pk))


_lines = Composed(
    lambda: OrderLine.objects.filter(order=Hole("order", BigIntegerField())).select_related("sku").order_by("position")
)


def _of(order: Order, rows: list[Any]) -> list[Any]:
    """Give rows of an order that order, as a related manager does."""
    for row in rows:
        row.order = order
    return rows


def refundable_of(order: Order) -> Refundable:
    """Return what of an order can be refunded: its money and its lines, less what documents have refunded of them."""
    made = RefundDocument.objects.filter(order=order)
    sums = list(made.values_list("amount", "tax_amount"))
    back: dict[int, Decimal] = {}
    for key, quantity in RefundDocumentLine.objects.filter(document__in=made).values_list("line_id", "quantity"):
        back[key] = back.get(key, ZERO) + quantity
    return Refundable(
        currency=order.currency,
        kept=kept_of(order, payments_of(order)),
        gross_left=max(order.total - sum((amount for amount, _ in sums), ZERO), ZERO),
        tax_left=max(order.tax_total - sum((tax for _, tax in sums), ZERO), ZERO),
        lines={line.pk: _refundable_line(line, back.get(line.pk, ZERO)) for line in lines_of(order)},
        is_handed_over=order.status == Order.Status.COMPLETED,
    )


def _refundable_line(line: OrderLine, refunded: Decimal) -> RefundableLine:
    return RefundableLine(
        key=line.pk,
        name=f"{line.name}, {line.options}" if line.options else line.name,
        unit=line.unit,
        quantity=line.quantity,
        gross=line.amount - line.discount,
        tax=line.tax_amount,
        refunded=refunded,
        has_sku=line.sku_id is not None,
    )


def refund_allowance(order: Order, *, role: str, user_id: int | None) -> Decimal | None:
    """Return how much more a person with this role may refund of an order by themselves; None without a limit."""
    limit = OrderSettings.current().refund_limit(role)
    if not limit:
        return limit
    made = RefundDocument.objects.filter(order=order, actor=user_id).values_list("amount", flat=True)
    return max(limit - sum(made, ZERO), ZERO)
