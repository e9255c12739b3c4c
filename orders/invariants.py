"""Invariants of orders and their money."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.db.models import Count, DecimalField, Exists, F, Max, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Length

from common.money import ZERO, round_money, tax_included
from common.outbox.models import OutboxMessage
from common.outbox.services import KEPT_FOR
from common.quantity import sql_round
from common.registry import Row, invariant
from orders import numbers
from orders.attention_list import given_away
from orders.documents.content import digest
from orders.gateways.registry import counter_codes
from orders.ledger import mail_key
from orders.models import (
    Document,
    DocumentSeries,
    HandOver,
    Order,
    OrderEvent,
    OrderLine,
    Payment,
    PaymentEvent,
    Refund,
    RefundDocument,
    RefundDocumentLine,
)
from orders.services.change_status import MAILS
from orders.statuses import EDGES, FIRST

MONEY = DecimalField(max_digits=12, decimal_places=2)
INBOX_PATIENCE = dt.timedelta(minutes=5)
SWEEP_PATIENCE = dt.timedelta(minutes=2)
ORDER_EMAILS = ("order.received", "order.paid", "order.cancelled", *MAILS.values())
PEOPLES_PATIENCE = dt.timedelta(days=3)


def _sum(rows: object, column: str = "amount") -> Coalesce:
    """Return the sum of a correlated query's column, rounded to cents, 0 for none."""
    total = rows.order_by().values(_link(rows)).annotate(sum=sql_round(Sum(column), 2))
    return Coalesce(Subquery(total.values("sum"), output_field=MONEY), Value(ZERO, output_field=MONEY))


def _link(rows: object) -> str:
    return "payment_id" if rows.model is Refund else "order_id"


def _captured_sum() -> Coalesce:
    return _sum(Payment.objects.captured().filter(order=OuterRef("pk"), currency=OuterRef("currency")))


@invariant("I07", "an order's total and tax are the sums of its lines; a line is quantity x unit price, rounded once")
def totals_add_up(at: dt.datetime) -> Iterable[Row]:
    sums: dict[int, list[Decimal]] = defaultdict(lambda: [ZERO, ZERO, ZERO])
    taxes: dict[tuple[int, Decimal, str], list[tuple[Decimal, Decimal]]] = defaultdict(list)
    lines = OrderLine.objects.values_list(
        "order_id",
        "quantity",
        "unit_price",
        "amount",
        "discount",
        "tax_amount",
        "position",
        "order__currency",
        "tax_rate",
    )
    for order_id, quantity, unit_price, amount, discount, tax, position, currency, rate in lines.iterator():
        if amount != round_money(quantity * unit_price, currency):
            yield {"order": order_id, "line": position, "amount": str(amount)}
        taxes[(order_id, rate, currency)].append((amount - discount, tax))
        for index, value in enumerate((amount, discount, tax)):
            sums[order_id][index] += value
    yield from (
        {"order": order_id, "rate": str(rate), "tax": str(sum(tax for _gross, tax in lines))}
        for (order_id, rate, currency), lines in taxes.items()
        if not _is_tax_of(lines, rate, currency)
    )
    columns = ("id", "goods_total", "discount_total", "delivery_total", "tax_total", "total")
    for row in Order.objects.values(*columns).iterator():
        goods, discount, tax = sums[row["id"]]
        is_sum = (row["goods_total"], row["discount_total"]) == (goods, discount)
        # Delivery has a tax of its own.
        is_tax = row["tax_total"] == tax if row["delivery_total"] == ZERO else row["tax_total"] >= tax
        if not is_sum or not is_tax or row["total"] != goods - discount + row["delivery_total"]:
            yield {"order": row["id"], "lines": str(goods - discount), "tax": str(tax), "total": str(row["total"])}


def _is_tax_of(lines: Sequence[tuple[Decimal, Decimal]], rate: Decimal, currency: str) -> bool:
    """Return whether lines (gross, tax) of one rate carry the tax of their sum, or each its own in older orders."""
    whole = tax_included(sum((gross for gross, _tax in lines), ZERO), rate, currency)
    if sum((tax for _gross, tax in lines), ZERO) == whole:
        return True
    return all(tax == tax_included(gross, rate, currency) for gross, tax in lines)


@invariant("I09", "a completed order is paid in full, in its currency, except for an amount that a person waived")
def completed_is_paid(at: dt.datetime) -> Iterable[Row]:
    return _short(Order.objects.filter(status=Order.Status.COMPLETED))


@invariant(
    "I09b", "an order to be paid online is open only when paid in full, except for an amount that a person waived"
)
def going_on_is_paid(at: dt.datetime) -> Iterable[Row]:
    return _short(Order.objects.open().exclude(payment_method__in=counter_codes()))


def _short(orders: QuerySet) -> Iterable[Row]:
    short = orders.annotate(captured=_captured_sum(), wanted=sql_round(F("total") - F("waived"), 2))
    return short.filter(captured__lt=F("wanted")).values("id", "number", "total", "waived", "captured")


@invariant("I10", "refunds never exceed the captured amount, per payment and so per order")
def refunds_within_captured(at: dt.datetime) -> Iterable[Row]:
    given = _sum(Refund.objects.covering().filter(payment=OuterRef("pk")))
    payments = Payment.objects.annotate(given=given).filter(given__gt=ZERO)
    return payments.filter(~Q(state="captured") | Q(given__gt=F("amount"))).values("id", "state", "amount", "given")


@invariant("I10b", "a refund of lines is the sum of its lines, and no refund of lines is more than its document")
def documents_are_their_lines(at: dt.datetime) -> Iterable[Row]:
    sums: dict[int, Decimal] = defaultdict(Decimal)
    for document_id, amount in RefundDocumentLine.objects.values_list("document_id", "amount").iterator():
        sums[document_id] += amount
    for row in RefundDocument.objects.values("id", "order_id", "kind", "amount").iterator():
        of_lines = sums[row["id"]]
        if of_lines > row["amount"] or (row["kind"] == RefundDocument.Kind.LINES and of_lines != row["amount"]):
            yield {**row, "lines": str(of_lines)}


@invariant("I10c", "the refunds of a document are its amount; less only where a gateway's own refund replaced them")
def documents_are_their_refunds(at: dt.datetime) -> Iterable[Row]:
    given: dict[int, Decimal] = defaultdict(Decimal)
    refunds = Refund.objects.promised().exclude(document=None)
    for document_id, amount in refunds.values_list("document_id", "amount").iterator():
        given[document_id] += amount
    made_there = Refund.objects.filter(payment__order=OuterRef("order"), reason="made_at_gateway")
    documents = RefundDocument.objects.annotate(is_replaced=Exists(made_there))
    for row in documents.values("id", "order_id", "amount", "is_replaced").iterator():
        refunded = given[row["id"]]
        if refunded > row["amount"] or (refunded < row["amount"] and not row["is_replaced"]):
            yield {**row, "refunded": str(refunded)}
    elsewhere = Refund.objects.exclude(document=None).exclude(payment__order=F("document__order"))
    yield from elsewhere.values("id", "document_id", "payment_id")


@invariant("I10d", "no more of a line is refunded than was ordered, and only of its own order")
def lines_are_refunded_once(at: dt.datetime) -> Iterable[Row]:
    back: dict[int, Decimal] = defaultdict(Decimal)
    rows = RefundDocumentLine.objects.values_list("line_id", "quantity", "line__quantity")
    for line_id, quantity, ordered in rows.iterator():
        back[line_id] += quantity
        if back[line_id] > ordered:
            yield {"line": line_id, "ordered": str(ordered), "refunded": str(back[line_id])}
    foreign = RefundDocumentLine.objects.exclude(document__order=F("line__order"))
    yield from foreign.values("id", "document_id", "line_id")


@invariant("I11", "a second payment of an order is refunded")
def paid_once(at: dt.datetime) -> Iterable[Row]:
    given = _sum(Refund.objects.covering().filter(payment=OuterRef("pk")))
    kept: dict[int, Decimal] = defaultdict(Decimal)
    for payment in Payment.objects.captured().annotate(given=given).values("order_id", "amount", "given"):
        kept[payment["order_id"]] += payment["amount"] - payment["given"]
    twice = Order.objects.annotate(successes=Count("payments", filter=Q(payments__state="captured")))
    for order in twice.filter(successes__gt=1).values("id", "number", "total"):
        if kept[order["id"]] > order["total"]:
            yield {**order, "kept": str(kept[order["id"]])}


@invariant("I12", "every payment event has an effect or a reason; none waits longer than 5 minutes")
def inbox_moves_on(at: dt.datetime) -> Iterable[Row]:
    waiting = Q(processed_at=None, received_at__lt=at - INBOX_PATIENCE)
    silent = Q(processed_at__isnull=False, outcome="")
    return PaymentEvent.objects.filter(waiting | silent).values("id", "gateway", "kind", "received_at")


@invariant("I14", "order numbers and secrets are well formed; completed means exactly one hand-over")
def names_and_hand_overs(at: dt.datetime) -> Iterable[Row]:
    for row in Order.objects.values("id", "number", "collect_secret").iterator():
        if not numbers.is_number(row["number"]) or not numbers.is_secret(row["collect_secret"]):
            yield {"order": row["id"], "number": row["number"]}
    yield from Order.objects.annotate(letters=Length("token")).filter(letters__lt=22).values("id", "number")
    handed = Exists(HandOver.objects.filter(order=OuterRef("pk")))
    wrong = Order.objects.annotate(handed=handed).filter(
        Q(status=Order.Status.COMPLETED, handed=False) | (~Q(status=Order.Status.COMPLETED) & Q(handed=True))
    )
    yield from wrong.values("id", "number", "status")


@invariant("I15", "a history consists of steps of the table, ends in the current status, and never goes back in time")
def history_is_possible(at: dt.datetime) -> Iterable[Row]:
    rows = Order.objects.values_list("id", "status", "fulfilment")
    present = {order_id: (status, fulfilment) for order_id, status, fulfilment in rows}
    last: dict[int, tuple[str, dt.datetime]] = {}
    events = OrderEvent.objects.order_by("order_id", "id").values_list("order_id", "from_status", "to_status", "at")
    for order_id, source, target, moment in events.iterator():
        before, previous = last.get(order_id, ("", moment))
        is_first = order_id not in last and source == "" and target in FIRST
        is_step = source == before and (source == target or _is_step(source, target, present[order_id][1]))
        if not (is_first or (order_id in last and is_step)) or moment < previous:
            yield {"order": order_id, "from": source, "to": target}
        last[order_id] = (target, moment)
    for order_id, (status, _) in present.items():
        if last.get(order_id, ("", at))[0] != status:
            yield {"order": order_id, "status": status, "history": last.get(order_id, ("",))[0]}


def _is_step(source: str, target: str, fulfilment: str) -> bool:
    step = EDGES.get((source, target))
    return step is not None and step.only in ("", fulfilment)


@invariant("I34", "the money of a cancelled order is refunded or on its way")
def cancelled_is_refunded(at: dt.datetime) -> Iterable[Row]:
    given = _sum(Refund.objects.covering().filter(payment=OuterRef("pk")))
    captured = Payment.objects.captured().filter(order__status=Order.Status.CANCELLED).annotate(given=given)
    return captured.filter(given__lt=F("amount")).values("id", "order_id", "amount", "given")


@invariant("I35", "all money at a gateway is kept by an order, waits for a person, or is covered by a refund")
def no_money_is_forgotten(at: dt.datetime) -> Iterable[Row]:
    """Look at parked payments: captured money belongs to an order that waits for a person."""
    parked = Payment.objects.parked().filter(reported_state=Payment.State.CAPTURED)
    ended = parked.exclude(order__status=Order.Status.AWAITING_PAYMENT)
    yield from ended.values("id", "order_id", "order__status", "reported_amount", "note")
    in_a_hurry = Payment.objects.parked().filter(
        order__status=Order.Status.AWAITING_PAYMENT, order__expires_at__lt=at - SWEEP_PATIENCE
    )
    yield from in_a_hurry.values("id", "order_id", "order__expires_at")


@invariant("I36", "nobody waits longer than three days for a decision about money")
def people_decide(at: dt.datetime) -> Iterable[Row]:
    parked = Payment.objects.parked().filter(created_at__lt=at - PEOPLES_PATIENCE)
    yield from parked.values("id", "order_id", "note", "created_at")
    refused = Refund.objects.failed().filter(created_at__lt=at - PEOPLES_PATIENCE)
    yield from refused.values("id", "payment_id", "amount", "created_at")
    refunded = given_away().filter(refunded_at__lt=at - PEOPLES_PATIENCE)
    yield from refunded.prefetch_related(None).values("id", "number", "refunded_at")


@invariant("I22b", "every order has its emails, sent or on their way")
def orders_are_told(at: dt.datetime) -> Iterable[Row]:
    """Look at orders whose messages are certainly still there: delivered ones are deleted in the end."""
    since = at - KEPT_FOR + dt.timedelta(days=1)
    messages = OutboxMessage.objects.filter(event__in=ORDER_EMAILS, created_at__gte=since)
    keys = set(messages.values_list("key", flat=True).iterator())
    at_the_counter = set(counter_codes())
    paid = {key.split(":")[1] for key in keys if key.startswith("order.paid:")}
    for order in Order.objects.filter(placed_at__gte=since).order_by("pk").iterator():
        wanted = {f"order.received:{order.number}"}
        if order.status == Order.Status.CANCELLED or (order.status, order.fulfilment) in MAILS:
            wanted.add(mail_key(f"order.{order.status}", order))
        missing = sorted(wanted - keys)
        is_untold = order.status == Order.Status.PLACED and order.payment_method not in at_the_counter
        if is_untold and order.number not in paid:
            missing.append(f"order.paid:{order.number}")
        yield from ({"order": order.number, "email": key} for key in missing)


@invariant("I48", "documents of one kind and year are numbered from 1 to the last number of their series, without gaps")
def series_have_no_gaps(at: dt.datetime) -> Iterable[Row]:
    last = {(row.kind, row.year): row.last_number for row in DocumentSeries.objects.all()}
    written = Document.objects.values("kind", "year").annotate(count=Count("pk"), most=Max("number")).order_by()
    # Numbers are unique and not below 1, so as many as the highest leave no gap.
    for row in written:
        if not row["count"] == row["most"] == last.pop((row["kind"], row["year"]), 0):
            yield row
    yield from ({"kind": kind, "year": year, "last": most} for (kind, year), most in last.items() if most)


@invariant("I49", "a document's content is what was issued, and says the same as its columns")
def documents_are_unchanged(at: dt.datetime) -> Iterable[Row]:
    columns = ("name", "kind", "number", "year", "currency", "content", "content_hash", "amount")
    for row in Document.objects.values(*columns).iterator():
        content = row["content"]
        is_whole = row["content_hash"] == digest(content)
        is_named = all(row[key] == content.get(key) for key in ("name", "kind", "number", "currency"))
        is_summed = row["amount"] == Decimal(content.get("totals", {}).get("total", "0"))
        if not (is_whole and is_named and is_summed and content["issued_on"].startswith(f"{row['year']}-")):
            yield {"document": row["name"]}
