"""Levels are locked in the order of the SKU before writing, whatever the query plan and the order of the rows."""

from decimal import Decimal as D

import pytest
from django.db import connection

from common.actors import SETUP
from common.models import OutboxMessage
from products.models import Product, Sku
from stock.models import Band, Reservation, StockLevel, StockMovement
from stock.services.count import count
from stock.services.issue import issue
from stock.services.receive import receive
from stock.services.reserve import OutOfStock, release, reserve
from stock.tests.factories import make_shop
from tests.sessions import Beside, free_rows, holding

# Stock is reserved here for orders that do not exist.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.violates("I05")]
LINES, GOODS = 10, 30
# Each leaves the planner one join method, so that the order must come from the statement.
PLANS = {
    "as it likes": (),
    "hash join": ("enable_nestloop", "enable_mergejoin"),
    "merge join": ("enable_nestloop", "enable_hashjoin"),
    "nested loop": ("enable_hashjoin", "enable_mergejoin"),
    "no index": ("enable_indexscan", "enable_bitmapscan", "enable_indexonlyscan"),
}


@pytest.fixture
def shop():
    return make_shop()


@pytest.fixture
def skus(shop, at):
    """Return thirty SKUs with a hundred of each in stock."""
    product = Product.objects.create()
    found = Sku.objects.bulk_create(
        Sku(product=product, code=f"SKU-{number}", is_active=False) for number in range(GOODS)
    )
    StockLevel.objects.bulk_create(StockLevel(shop=shop, sku=sku, on_hand=100, band=Band.IN_STOCK) for sku in found)
    StockMovement.objects.bulk_create(
        StockMovement(shop=shop, sku=sku, kind="opening", quantity=100, actor_label="test", at=at) for sku in found
    )
    return found


@pytest.fixture
def wanted(skus):
    """Return every third of them, in random order, as buyers click them."""
    chosen = skus[::3]
    return {sku.pk: D(2) for sku in [*chosen[5:], *reversed(chosen[:5])]}


def take(shop, wanted, at, reference):
    reserve(shop_id=shop.pk, wanted=wanted, reference=reference, expires_at=None, at=at)


def turn_round():
    """Store the levels in the opposite order of the SKUs, as may happen after many updates."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE kept AS TABLE stock_stocklevel; TRUNCATE stock_stocklevel;"
            "INSERT INTO stock_stocklevel SELECT * FROM kept ORDER BY sku_id DESC; DROP TABLE kept"
        )


def with_plan(plan, work):
    """Return the work, to be done in a session whose planner has only these join methods."""

    def run():
        with connection.cursor() as cursor:
            for switch in PLANS[plan]:
                cursor.execute(f"SET {switch} = off")
        work()

    return run


def held_below(shop, work, wanted):
    """Lock the level of one SKU; return the others that `work` has locked when it waits for it."""
    turn_round()
    levels = dict(StockLevel.objects.filter(shop=shop, sku__in=wanted).values_list("sku_id", "pk"))
    middle = sorted(wanted)[LINES // 2]
    with holding(StockLevel.objects.get(pk=levels[middle])):
        rival = Beside(work)
        rival.wait_until_blocked()
        free = free_rows(StockLevel, levels.values())
    rival.join()
    return sorted(sku for sku, pk in levels.items() if pk not in free), sorted(wanted)[: LINES // 2 + 1]


@pytest.mark.parametrize("plan", PLANS)
def test_reserving_locks_the_lines_in_the_order_of_the_sku(shop, wanted, at, plan):
    work = with_plan(plan, lambda: take(shop, wanted, at, "AAAA0001"))

    locked, expected = held_below(shop, work, wanted)

    assert locked == expected
    assert Reservation.objects.filter(reference="AAAA0001").count() == LINES


def test_a_line_that_is_taken_while_waiting_for_another_is_short(shop, skus, at):
    """The statement began before: what it has seen of the second line is no longer so when it locks it."""
    first, second = skus[:2]
    with holding(StockLevel.objects.get(sku=first)):
        late = Beside(lambda: take(shop, {first.pk: D(1), second.pk: D(100)}, at, "AAAA0001"))
        late.wait_until_blocked()
        take(shop, {second.pk: D(1)}, at, "AAAA0002")

    with pytest.raises(OutOfStock) as refused:
        late.join()

    assert refused.value.extra["short"] == {second.pk: D(99)}


def test_a_line_that_is_given_back_while_waiting_for_another_is_taken(shop, skus, at):
    first, second = skus[:2]
    take(shop, {second.pk: D(100)}, at, "AAAA0002")
    with holding(StockLevel.objects.get(sku=first)):
        late = Beside(lambda: take(shop, {first.pk: D(1), second.pk: D(100)}, at, "AAAA0001"))
        late.wait_until_blocked()
        release(reference="AAAA0002", at=at)
    late.join()

    level = StockLevel.objects.get(sku=second)
    assert (level.reserved, level.band) == (100, Band.SOLD_OUT)


ENDINGS = {
    "cancelled": lambda at: release(reference="AAAA0001", at=at),
    "expired": lambda at: release(reference="AAAA0001", at=at, state=Reservation.State.EXPIRED),
    "handed over": lambda at: issue(reference="AAAA0001", actor=SETUP, at=at),
}


@pytest.mark.parametrize("plan", ["as it likes", "no index"])
@pytest.mark.parametrize("ending", ENDINGS)
def test_an_order_that_ends_locks_its_lines_in_the_order_of_the_sku(shop, wanted, at, ending, plan):
    take(shop, wanted, at, "AAAA0001")

    locked, expected = held_below(shop, with_plan(plan, lambda: ENDINGS[ending](at)), wanted)

    assert locked == expected
    assert not Reservation.objects.filter(state=Reservation.State.HELD).exists()


def test_a_flip_follows_the_figures_committed_while_it_waited(shop, skus, at):
    """Somebody sells out while a delivery waits for the level: after the delivery it is in stock."""
    sku = skus[0]
    with holding(StockLevel.objects.get(sku=sku)) as sale:
        delivery = Beside(lambda: receive(shop_id=shop.pk, sku_id=sku.pk, quantity=D(5), actor=SETUP, at=at))
        delivery.wait_until_blocked()
        sale.execute("UPDATE stock_stocklevel SET on_hand = 0, band = 0 WHERE sku_id = %s", [sku.pk])
        sale.execute(
            "INSERT INTO stock_stockmovement (shop_id, sku_id, kind, quantity, reference, reason, actor_label, at)"
            " VALUES (%s, %s, 'waste', -100, '', '', 'test', %s)",
            [shop.pk, sku.pk, at],
        )
        sale.connection.commit()

    assert delivery.join().band == Band.IN_STOCK
    told = OutboxMessage.objects.filter(event="stock.band_changed", payload__sku_id=sku.pk).order_by("-pk")[0]
    movement = StockMovement.objects.get(kind=StockMovement.Kind.RECEIPT)
    assert told.key == f"stock.band:{sku.pk}:{shop.pk}:{Band.IN_STOCK}:m{movement.pk}"


def test_a_count_is_compared_with_the_figure_committed_while_it_waited(shop, skus, at):
    sku = skus[0]
    with holding(StockLevel.objects.get(sku=sku)) as sale:
        counting = Beside(lambda: count(shop_id=shop.pk, sku_id=sku.pk, counted=D(90), actor=SETUP, at=at))
        counting.wait_until_blocked()
        sale.execute("UPDATE stock_stocklevel SET on_hand = 95 WHERE sku_id = %s", [sku.pk])
        sale.execute(
            "INSERT INTO stock_stockmovement (shop_id, sku_id, kind, quantity, reference, reason, actor_label, at)"
            " VALUES (%s, %s, 'waste', -5, '', '', 'test', %s)",
            [shop.pk, sku.pk, at],
        )
        sale.connection.commit()

    assert counting.join().on_hand == D(90)
    assert StockMovement.objects.latest("pk").quantity == D(-5)
