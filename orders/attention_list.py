"""The list of matters that need a person: payments, refunds and messages of the shops somebody works in."""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import DecimalField, Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from common.money import ZERO
from common.outbox.models import OutboxMessage
from common.quantity import sql_round
from orders.attention import cancel_request
from orders.models import GatewayOutage, Order, OrderEvent, Payment, Refund
from orders.models.payment import PaymentQuerySet
from orders.payments.asking import outages
from orders.payments.reasons import PARKED

State, Code = Payment.State, OrderEvent.Code
MONEY = DecimalField(max_digits=12, decimal_places=2)
AT_MOST = 200
# A message names its order in its payload, so the messages of a shop are picked out of all that were given up.
PARKED_AT_MOST = 5000


@dataclass(frozen=True)
class GivenUp:
    """A message the worker has given up, with its order if it is about one."""

    message: OutboxMessage
    order: Order | None = None


@dataclass(frozen=True)
class GivenAway:
    """An open order whose money the gateway has refunded in full, and when we heard of it."""

    order: Order
    refunded_at: dt.datetime


@dataclass(frozen=True)
class CancelAsked:
    """A paid order with a request to cancel it, by somebody who may not refund."""

    order: Order
    request: OrderEvent


@dataclass(frozen=True)
class Attention:
    """Matters that wait for a person, oldest first."""

    payments: list[Payment] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    stranded: list[Payment] = field(default_factory=list)
    given_away: list[GivenAway] = field(default_factory=list)
    cancels: list[CancelAsked] = field(default_factory=list)
    outages: list[GatewayOutage] = field(default_factory=list)
    messages: list[GivenUp] = field(default_factory=list)

    def __len__(self) -> int:
        money = (self.payments, self.refunds, self.stranded, self.given_away, self.cancels)
        return sum(len(one) for one in (*money, self.outages, self.messages))


def attention_in(shop_ids: Collection[int], *, is_owner: bool, at: dt.datetime) -> Attention:
    """Return the matters that wait for a person in these shops; matters without an order are for owners only."""
    orders = Q(order__shop__in=shop_ids)
    return Attention(
        payments=list(_open_payments().filter(orders)[:AT_MOST]),
        refunds=list(_failed_refunds().filter(payment__order__shop__in=shop_ids)[:AT_MOST]),
        stranded=list(_stranded().filter(orders)[:AT_MOST]),
        given_away=_dated(given_away().filter(shop__in=shop_ids)[:AT_MOST]),
        cancels=_requests(_to_cancel().filter(shop__in=shop_ids)[:AT_MOST]),
        outages=list(outages(at=at)) if is_owner else [],
        messages=_messages(shop_ids, is_owner),
    )


def attention_of(order: Order, events: Sequence[OrderEvent]) -> Attention:
    """Return the matters of one order that wait for a person, without messages; `events` are its own, oldest first."""
    request = cancel_request(order, events)
    return Attention(
        payments=list(_open_payments().filter(order=order)),
        refunds=list(_failed_refunds().filter(payment__order=order)),
        given_away=_dated(given_away().filter(pk=order.pk)),
        cancels=[CancelAsked(order, request)] if request else [],
    )


def count_attention(shop_ids: Collection[int], *, is_owner: bool, at: dt.datetime) -> int:
    """Count the matters that wait for a person in these shops, for the board: two queries while nothing waits."""
    kinds: list[QuerySet] = [
        _open_payments().filter(order__shop__in=shop_ids),
        _failed_refunds().filter(payment__order__shop__in=shop_ids),
        given_away().filter(shop__in=shop_ids),
        _to_cancel().filter(shop__in=shop_ids),
    ]
    if is_owner:
        kinds.append(outages(at=at))
    first, *others = (rows.order_by().values_list("pk") for rows in kinds)
    return first.union(*others, all=True).count() + len(_messages(shop_ids, is_owner))


def _payments() -> PaymentQuerySet:
    refunds = Prefetch("refunds", Refund.objects.order_by("id"))
    return Payment.objects.select_related("order__shop").prefetch_related(refunds).order_by("created_at", "id")


def _open_payments() -> QuerySet[Payment]:
    return _payments().filter(Q(state=State.PARKED) | Q(state=State.CAPTURED, note__in=PARKED))


def _failed_refunds() -> QuerySet[Refund]:
    loaded = Refund.objects.failed().select_related("payment__order__shop").prefetch_related("payment__refunds")
    return loaded.order_by("created_at", "id")


def _stranded() -> QuerySet[Payment]:
    """Return payments of cancelled orders without a refund: none, unless something is broken."""
    promised = Refund.objects.promised().filter(payment=OuterRef("pk")).order_by().values("payment")
    total = Subquery(promised.annotate(sum=sql_round(Sum("amount"), 2)).values("sum"), output_field=MONEY)
    captured = _payments().captured().filter(order__status=Order.Status.CANCELLED)
    return captured.annotate(promised=Coalesce(total, Value(ZERO, output_field=MONEY))).filter(promised__lt=F("amount"))


def given_away() -> QuerySet[Order]:
    """Return open orders whose money the gateway has refunded in full, until a person has decided about them.

    `refunded_at` is when we heard of it.
    """
    decisions = (Code.CHARGED_AGAIN, Code.REFUND_AGREED)
    decided = OrderEvent.objects.filter(order=OuterRef("order"), pk__gt=OuterRef("pk"), code__in=decisions)
    refunds = OrderEvent.objects.filter(~Exists(decided), order=OuterRef("pk"), code=Code.REFUNDED_AT_GATEWAY)
    orders = Order.objects.open().filter(total__gt=ZERO, waived__gte=F("total")).select_related("shop")
    told = orders.prefetch_related("events").annotate(refunded_at=Subquery(refunds.order_by("id").values("at")[:1]))
    return told.filter(refunded_at__isnull=False).order_by("refunded_at", "id")


def _dated(orders: QuerySet[Order]) -> list[GivenAway]:
    # `vars`: type checkers do not know annotated names.
    return [GivenAway(order, vars(order)["refunded_at"]) for order in orders]


def _to_cancel() -> QuerySet[Order]:
    """Return unfinished orders with an unanswered request to cancel."""
    declined = OrderEvent.objects.filter(order=OuterRef("order"), pk__gt=OuterRef("pk"), code=Code.CANCEL_DECLINED)
    asked = OrderEvent.objects.filter(~Exists(declined), order=OuterRef("pk"), code=Code.CANCEL_REQUESTED)
    orders = Order.objects.unfinished().filter(Exists(asked)).select_related("shop")
    return orders.prefetch_related(Prefetch("events", OrderEvent.objects.order_by("id"))).order_by("placed_at", "id")


def _requests(orders: QuerySet[Order]) -> list[CancelAsked]:
    pairs = [(order, cancel_request(order, order.events.all())) for order in orders]
    found = [CancelAsked(order, request) for order, request in pairs if request is not None]
    return sorted(found, key=lambda one: one.request.pk)


def _messages(shop_ids: Collection[int], is_owner: bool) -> list[GivenUp]:
    parked = OutboxMessage.objects.filter(parked_at__isnull=False).order_by("parked_at", "id")
    found = _given_up(parked[:PARKED_AT_MOST])
    return [one for one in found if (one.order.shop_id in shop_ids if one.order else is_owner)][:AT_MOST]


def _given_up(messages: Iterable[OutboxMessage]) -> list[GivenUp]:
    """Return messages with their orders, found by the ids in their payload: three queries for any number."""
    found = list(messages)
    ids = {name: [one.payload[name] for one in found if name in one.payload] for name in ("payment_id", "refund_id")}
    payments = Payment.objects.in_bulk(ids["payment_id"])
    refunds = Refund.objects.select_related("payment").in_bulk(ids["refund_id"])
    of_message = {}
    for one in found:
        payment, refund = payments.get(one.payload.get("payment_id")), refunds.get(one.payload.get("refund_id"))
        of_message[one.pk] = (
            one.payload.get("order_id") or (payment and payment.order_id) or (refund and refund.payment.order_id)
        )
    orders = Order.objects.select_related("shop").in_bulk({key for key in of_message.values() if key})
    return [GivenUp(one, orders.get(of_message[one.pk])) for one in found]
