"""Races of orders with many lines: placed, cancelled, expired and handed over while stock arrives and is counted."""

import datetime as dt
import random
import time
from collections import Counter
from decimal import Decimal

import pytest
from django.core import signing
from django.db import connection

from checkout.carts import COOKIE, SALT
from checkout.models import Cart, CartLine
from common.actors import SETUP, WORKER
from orders.models import Order
from orders.services.cancel import cancel_order
from orders.services.expire import expire_orders
from orders.services.hand_over import hand_over
from orders.tests.factories import take_to_ready
from products.models import Sku
from products.tests.factories import make_product, make_tree
from stock.models import Shop as Place
from stock.models import StockLevel
from stock.services.count import count
from stock.services.receive import receive
from stock.tests.factories import make_shop
from tests.races.hands import Hands, hired, outcomes
from tests.races.harness import PRICE, ROUNDS, Buyer, Shop, broken, deadlocks, deadlocks_come_up, running

pytestmark = pytest.mark.django_db(transaction=True)
GOODS, LINES, BUYERS = 30, 10, 9
CROWDS = max(5, ROUNDS // 10)


@pytest.fixture
def point():
    """Start a shop with plenty of each of thirty articles."""
    assert connection.vendor == "postgresql", "a race on SQLite proves nothing"
    make_tree()
    point = make_shop("canal")
    make_product(title="Tea", price=str(PRICE), codes=[f"TEA-{n}" for n in range(GOODS)], stock={point: 10_000})
    return point


def with_cart(site: Shop, skus: list[Sku], rng: random.Random) -> Buyer:
    """Return a guest with ten of the articles in the cart, in random order."""
    at = site.now()
    cart = Cart.objects.create(created_at=at, updated_at=at)
    chosen = rng.sample(skus, LINES)
    CartLine.objects.bulk_create(
        CartLine(cart=cart, sku=sku, quantity=1, price_seen=PRICE, added_at=at + dt.timedelta(seconds=number))
        for number, sku in enumerate(chosen)
    )
    signed = signing.get_cookie_signer(salt=COOKIE + SALT).sign(cart.token)
    return Buyer(site, str(LINES * PRICE), {COOKIE: signed})


def endings(site: Shop, point: Place, orders: list[Order]) -> list[tuple]:
    """Return one call for each open order: a third of them each way."""
    at, calls, late = site.now(), [], []
    for number, order in enumerate(orders):
        if number % 3 == 0:
            calls.append((cancel_order, {"order_id": order.pk, "reason": "race", "actor": WORKER, "at": at}))
        elif number % 3 == 1:
            take_to_ready(order, at)
            given = {"nonce": f"nonce-{order.pk}", "taken": "cash", "shop_ids": [point.pk]}
            calls.append((hand_over, {"order_id": order.pk, "actor": WORKER, "at": at, **given}))
        else:
            take_to_ready(order, at)
            late.append(order.pk)
    Order.objects.filter(pk__in=late).update(expires_at=at)
    return [*calls, (expire_orders, {"at": at})]


def shelving(site: Shop, point: Place, skus: list[Sku], rng: random.Random) -> list[tuple]:
    """Return calls that receive and count some of the stock."""
    common = {"shop_id": point.pk, "actor": SETUP, "at": site.now()}
    brought = [(receive, {"sku_id": sku.pk, "quantity": Decimal(1), **common}) for sku in rng.sample(skus, 6)]
    counted = [(count, {"sku_id": sku.pk, "counted": Decimal(9_000), **common}) for sku in rng.sample(skus, 6)]
    return [*brought, *counted]


def crowd(site: Shop, hands: Hands, point: Place, rng: random.Random) -> list[str]:
    """Race one round; return the faults."""
    skus = list(Sku.objects.order_by("pk"))
    buyers = [with_cart(site, skus, rng) for _ in range(BUYERS)]
    open_orders = list(Order.objects.filter(status="placed").order_by("?"))
    calls = endings(site, point, open_orders) + shelving(site, point, skus, rng)
    rng.shuffle(calls)
    work = []

    answers = site.at_once(
        [buyer.checkout(point.code) for buyer in buyers],
        beside=lambda: work.extend(hands.submit(function, **given) for function, given in calls),
    )

    faults = outcomes(work)[1]
    if [answer.status for answer in answers] != [303] * BUYERS:
        faults.append(f"buyers: {sorted(answer.status for answer in answers)}")
    still = Order.objects.filter(pk__in=[order.pk for order in open_orders], status__in=["placed", "ready"]).count()
    return [*faults, *([f"{still} orders did not end"] if still else [])]


def test_orders_of_many_lines_begin_and_end_at_the_same_time(point, tmp_path):
    rng, began = random.Random(20260310), time.monotonic()
    with running(tmp_path) as site, hired(4, site.environment) as hands:
        before = deadlocks()
        for number in range(CROWDS):
            assert crowd(site, hands, point, rng) == [], f"round {number}"
        assert deadlocks() == before
        assert broken(site) == {}

    ends = Counter(Order.objects.values_list("status", flat=True))
    print(f"Endings: {CROWDS} rounds in {time.monotonic() - began:.0f} s: {dict(ends)}")  # noqa: T201
    assert ends["completed"] > 0 < ends["cancelled"]


@pytest.mark.violates
def test_the_race_is_detected_when_levels_are_not_locked_in_order(point, tmp_path):
    rng = random.Random(20260310)
    turn_levels_round()
    with running(tmp_path, locks_off=True) as site, hired(4, site.environment) as hands:
        assert deadlocks_come_up(lambda _: crowd(site, hands, point, rng))


def turn_levels_round() -> None:
    """Store the levels in the opposite order of the SKUs, as may happen after many updates."""
    for level in StockLevel.objects.order_by("-sku"):
        level.save(update_fields=["low_at"])
