"""Races of buyers, with real HTTP, several workers and a real PostgreSQL.

The last unit (CON-01), many small carts (CON-02), the same articles in opposite order (CON-03), double submits
(CON-04), a lock held by somebody else (CON-06).
"""

import random
import time

import pytest
from django.db import connection

from checkout.models import Cart, CartLine
from orders.models import Order
from products.tests.factories import make_tree
from stock.models import Reservation, StockLevel
from stock.tests.factories import make_shop
from tests.races.harness import (
    BUYERS,
    PRICE,
    ROUNDS,
    Buyer,
    article,
    bring,
    broken,
    comes_up,
    deadlocks,
    deadlocks_come_up,
    fill,
    running,
)

pytestmark = pytest.mark.django_db(transaction=True)
# Note and name of the second submits, which differ.
TYPED_ANEW = [("Sliced, please", "Mila Berg"), ("", "M. Berg")]


@pytest.fixture
def point():
    """Start the shop whose stock is contested."""
    assert connection.vendor == "postgresql", "a race on SQLite proves nothing"
    make_tree()
    return make_shop("canal")


@pytest.fixture
def site(point, tmp_path):
    with running(tmp_path) as site:
        before = deadlocks()
        yield site
        assert deadlocks() == before
        assert broken(site) == {}


def left(sku):
    level = StockLevel.objects.get(sku=sku)
    return level.on_hand - level.reserved


def statuses(answers):
    return sorted(answer.status for answer in answers)


def compete(site, point, buyers):
    """Let all buyers check out at once; those refused keep their carts for the next round."""
    answers = site.at_once([buyer.checkout(point.code) for buyer in buyers])
    for buyer, answer in zip(buyers, answers, strict=True):
        if answer.status == 303:
            buyer.cookies.clear()
    return answers


def come_back(site, point, buyers, answers):
    """Let buyers who were told to try again (503 with Retry-After) do so; return everybody's last answer."""
    for _ in range(5):
        told = [index for index, answer in enumerate(answers) if answer.status == 503]
        if not told:
            break
        assert all(int(answers[index].headers["retry-after"]) > 0 for index in told)
        time.sleep(1)
        for index, answer in zip(told, compete(site, point, [buyers[index] for index in told]), strict=True):
            answers[index] = answer
    return answers


def new(buyers):
    """Return the buyers whose carts are empty."""
    return [buyer for buyer in buyers if not buyer.cookies]


def last_unit(site, point, sku, buyers):
    """Race one round for one unit; return the answers."""
    bring(point, sku, "1", site)
    fill(new(buyers), sku.code)
    return compete(site, point, buyers)


def test_con_01_the_last_unit_is_sold_once(site, point):
    sku = article(point, "LOAF")
    buyers = [Buyer(site, str(PRICE)) for _ in range(BUYERS)]
    began = time.monotonic()
    for number in range(ROUNDS):
        answers = last_unit(site, point, sku, buyers)

        assert statuses(answers) == [303] + [409] * (BUYERS - 1), f"round {number}"
        assert Order.objects.count() == number + 1
        assert left(sku) == 0

    print(f"CON-01: {ROUNDS} rounds x {BUYERS} buyers in {time.monotonic() - began:.0f} s")  # noqa: T201
    assert Cart.objects.filter(closed_at=None, lines__quantity=1).count() == BUYERS - 1


def test_con_02_many_small_carts_sell_the_stock_and_no_more(site, point):
    sku = article(point, "BUN")
    rng = random.Random(20260310)
    wanted = [rng.choice((1, 2, 3)) for _ in range(BUYERS * 15)]
    buyers = [Buyer(site, str(PRICE * quantity)) for quantity in wanted]
    quantities = {id(buyer): quantity for buyer, quantity in zip(buyers, wanted, strict=True)}
    for number in range(max(2, ROUNDS // 10)):
        bring(point, sku, str(100 - left(sku)), site)
        fill(new(buyers), "BUN", [str(quantities[id(buyer)]) for buyer in new(buyers)])

        # Three hundred buyers on one row, on a slow machine: some may be told to retry in a moment.
        answers = come_back(site, point, buyers, compete(site, point, buyers))

        assert set(statuses(answers)) <= {303, 409}, f"round {number}: {statuses(answers)}"
        sold = [quantity for quantity, answer in zip(wanted, answers, strict=True) if answer.status == 303]
        refused = [quantity for quantity, answer in zip(wanted, answers, strict=True) if answer.status == 409]
        assert left(sku) == 100 - sum(sold) >= 0, f"round {number}"
        assert left(sku) < min(refused, default=101), f"round {number}"


def crossing(site, point, skus, buyers):
    """Race one round of carts with the same two articles, half in the opposite order; return the answers."""
    for sku in skus:
        bring(point, sku, "4", site)
    for group, codes in ((new(buyers[:4]), ("LOAF", "BUN")), (new(buyers[4:]), ("BUN", "LOAF"))):
        for code in codes:
            fill(group, code)
    return compete(site, point, buyers)


def test_con_03_articles_in_opposite_order_never_deadlock(site, point):
    skus = article(point, "LOAF"), article(point, "BUN")
    buyers = [Buyer(site, str(2 * PRICE)) for _ in range(8)]
    for number in range(ROUNDS):
        answers = crossing(site, point, skus, buyers)

        assert statuses(answers) == [303] * 4 + [409] * 4, f"round {number}"
        assert [left(sku) for sku in skus] == [0, 0], f"round {number}"


def test_con_04_a_cart_becomes_one_order_however_often_it_is_submitted(site, point):
    sku = article(point, "LOAF")
    for number in range(ROUNDS):
        bring(point, sku, "20", site)
        buyer = Buyer(site, str(PRICE))
        buyer.add("LOAF")
        same = [buyer.checkout(point.code)] * 5
        typed_anew = [buyer.checkout(point.code, comment=comment, name=name) for comment, name in TYPED_ANEW]
        tampered = [buyer.checkout(point.code, confirmed_total="0.01")]

        answers = site.at_once([*same, *typed_anew, *tampered])

        order = Order.objects.order_by("id").last()
        assert Order.objects.count() == number + 1
        # The first to arrive is the order; an identical submit leads to it, a different one is told so.
        as_ordered = [(order.comment, order.name) == said for said in [("", "Mila Berg")] * 5 + TYPED_ANEW]
        expected = [303 if same else 409 for same in as_ordered] + [409]
        assert [answer.status for answer in answers] == expected, f"round {number}"
        assert {answer.location for answer in answers if answer.status == 303} == {f"/orders/{order.token}/"}
        assert site.one(tampered[0]).status == 409
    assert Reservation.objects.count() == ROUNDS


def test_adding_at_the_same_time_loses_no_click(site, point):
    article(point, "LOAF", "1000")
    for _ in range(max(5, ROUNDS // 10)):
        buyer = Buyer(site)
        buyer.add("LOAF")

        answers = site.at_once([buyer.adding("LOAF")] * 9)

        assert statuses(answers) == [303] * 9
        assert CartLine.objects.order_by("id").last().quantity == 10


def test_con_06_a_buyer_blocked_by_a_lock_is_answered_and_the_worker_freed(site, point):
    """The lock is released once everybody has an answer: a request waiting for it would never end."""
    for code in ("LOAF", "BUN"):
        article(point, code, "50")
    buyers = [Buyer(site, str(PRICE)) for _ in range(4)]
    fill(buyers, "LOAF")
    passer_by = Buyer(site, str(PRICE))
    passer_by.add("BUN")
    other = connection.copy()
    try:
        other.set_autocommit(False)
        other.cursor().execute(
            "SELECT 1 FROM stock_stocklevel WHERE sku_id = (SELECT id FROM products_sku WHERE code = 'LOAF') FOR UPDATE"
        )
        answers = site.at_once([buyer.checkout(point.code) for buyer in buyers])
        meanwhile = site.one(passer_by.checkout(point.code))
    finally:
        other.close()

    assert {answer.status for answer in answers} <= {409, 503}
    assert all(int(answer.headers["retry-after"]) > 0 for answer in answers)
    assert meanwhile.status == 303
    assert Order.objects.count() == 1
    assert statuses(site.at_once([buyer.checkout(point.code) for buyer in buyers])) == [303] * 4


def test_con_06_a_locked_cart_is_not_changed(site, point):
    article(point, "LOAF", "50")
    buyer = Buyer(site, str(PRICE))
    buyer.add("LOAF")
    other = connection.copy()
    try:
        other.set_autocommit(False)
        other.cursor().execute("SELECT 1 FROM checkout_cart FOR UPDATE")
        answers = [site.one(buyer.adding("LOAF")), site.one(buyer.checkout(point.code))]
    finally:
        other.close()

    assert [answer.status for answer in answers] == [503, 503]
    assert all(int(answer.headers["retry-after"]) > 0 for answer in answers)
    assert site.one(buyer.checkout(point.code)).status == 303


@pytest.mark.violates
def test_con_01_is_detected_with_the_guard_off(point, tmp_path):
    sku = article(point, "LOAF")
    with running(tmp_path, locks_off=True) as site:
        buyers = [Buyer(site, str(PRICE)) for _ in range(BUYERS)]
        found = []

        def oversold(number: int) -> bool:
            found.append(statuses(last_unit(site, point, sku, buyers)))
            return found[-1] != [303] + [409] * (BUYERS - 1)

        assert comes_up(oversold)
    assert Order.objects.count() > StockLevel.objects.get(sku=sku).on_hand or 500 in found[-1]


@pytest.mark.violates
def test_con_02_is_detected_with_the_guard_off(point, tmp_path):
    article(point, "BUN", "20")
    with running(tmp_path, locks_off=True) as site:
        buyers = [Buyer(site, str(PRICE)) for _ in range(60)]
        fill(buyers, "BUN")

        assert statuses(compete(site, point, buyers)).count(303) > 20


@pytest.mark.violates
def test_con_03_is_detected_when_stock_is_not_locked_in_order(point, tmp_path):
    skus = article(point, "LOAF"), article(point, "BUN")
    with running(tmp_path, locks_off=True) as site:

        def cross(number: int) -> None:
            crossing(site, point, skus, [Buyer(site, str(2 * PRICE)) for _ in range(8)])

        assert deadlocks_come_up(cross)
