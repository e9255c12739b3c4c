"""Invariants of carts, and of orders and stock together: only this app sees both."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from django.db.models import Count, Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce

from checkout.models import Cart, CartLine
from checkout.services.merge import MERGED_LINES
from common.money import ZERO
from common.quantity import MAX_QUANTITY
from common.registry import Row, invariant
from orders.models import Order, OrderLine
from stock.models import Reservation, StockMovement

# By order number, shop and SKU.
Key = tuple[str, int, int]
Totals = dict[Key, Decimal]


def _sums(rows: Iterable[tuple[str, int, int, Decimal]]) -> Totals:
    """Sum the quantities exactly, outside SQL."""
    found: Totals = defaultdict(Decimal)
    for reference, shop_id, sku_id, quantity in rows:
        found[(reference, shop_id, sku_id)] += quantity
    return found


def _differences(ordered: Totals, stock: Totals, name: str) -> Iterable[Row]:
    for key in sorted({*ordered, *stock}):
        if ordered.get(key, ZERO) != stock.get(key, ZERO):
            number, shop_id, sku_id = key
            figures = {"ordered": str(ordered.get(key, ZERO)), name: str(stock.get(key, ZERO))}
            yield {"order": number, "shop_id": shop_id, "sku_id": sku_id, **figures}


@invariant("I05", "each line of a live order has its reservation, of the same quantity, at the order's shop; no other")
def live_orders_hold_their_goods(at: dt.datetime) -> Iterable[Row]:
    lines = OrderLine.objects.filter(order__in=Order.objects.unfinished()).exclude(sku=None)
    held = Reservation.objects.filter(state=Reservation.State.HELD)
    ordered = _sums(lines.values_list("order__number", "order__shop_id", "sku_id", "quantity").iterator())
    reserved = _sums(held.values_list("reference", "shop_id", "sku_id", "quantity").iterator())
    return _differences(ordered, reserved, "held")


@invariant("I06", "what was handed over left the shelf of the order's shop: issue movements sum to the lines")
def handed_over_is_issued(at: dt.datetime) -> Iterable[Row]:
    given = Coalesce("supplied_quantity", "quantity")
    lines = OrderLine.objects.filter(order__status=Order.Status.COMPLETED).exclude(sku=None).annotate(given=given)
    orders = Order.objects.filter(number=OuterRef("reference"))
    issued = StockMovement.objects.filter(Exists(orders), kind=StockMovement.Kind.ISSUE).annotate(given=-F("quantity"))
    ordered = _sums(lines.values_list("order__number", "order__shop_id", "sku_id", "given").iterator())
    moved = _sums(issued.values_list("reference", "shop_id", "sku_id", "given").iterator())
    return _differences(ordered, moved, "issued")


@invariant("I13", "no order without lines, no line for nothing; a cart holds what the site can sell")
def orders_and_carts_are_possible(at: dt.datetime) -> Iterable[Row]:
    yield from Order.objects.filter(lines=None).values("id", "number")
    free = OrderLine.objects.filter(Q(unit_price__lte=0) | Q(quantity__lte=0))
    yield from free.values("order_id", "position", "unit_price", "quantity")
    odd = CartLine.objects.filter(Q(quantity__lte=0) | Q(quantity__gt=MAX_QUANTITY))
    yield from odd.values("cart_id", "sku_id", "quantity")
    # A merge may bring one full cart to another.
    crowded = Cart.objects.open().annotate(count=Count("lines")).filter(count__gt=MERGED_LINES)
    yield from crowded.values("id", "count")


@invariant("I21", "a cart is closed exactly when it became an order, and becomes one only")
def closed_carts_are_orders(at: dt.datetime) -> Iterable[Row]:
    carts = Cart.objects.annotate(ordered=Exists(Order.objects.filter(cart_key=OuterRef("public_id"))))
    yield from carts.open().filter(ordered=True).values("id", "public_id")
    yield from carts.ordered().filter(ordered=False).values("id", "closed_at")
    twice = Order.objects.values("cart_key").annotate(count=Count("id")).filter(count__gt=1)
    yield from twice.order_by().values("cart_key", "count")


@invariant("I27b", "no order names somebody whose account was deleted, and they have no cart")
def deleted_people_buy_nothing(at: dt.datetime) -> Iterable[Row]:
    deleted = Q(user__erased_at__isnull=False)
    yield from Order.objects.filter(deleted).named().values("number")
    yield from Cart.objects.filter(deleted).values("id")
