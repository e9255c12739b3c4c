"""Each invariant of carts, and of orders together with stock, finds its planted violation."""

from decimal import Decimal as D

import pytest

from accounts.models import User
from accounts.tests.factories import make_customer
from checkout.models import Cart, CartLine
from checkout.tests.factories import make_cart, place
from common.actors import SETUP, WORKER
from common.registry import invariants
from orders.models import Order, OrderLine
from orders.services.cancel import cancel_order
from orders.services.hand_over import hand_over
from orders.tests.factories import take_to_ready
from products.tests.factories import make_product, make_tree
from stock.models import Reservation, StockLevel, StockMovement
from stock.services.receive import receive
from stock.tests.factories import make_shop

pytestmark = [pytest.mark.django_db, pytest.mark.violates]
OURS = {"I05", "I06", "I13", "I21"}


@pytest.fixture
def shop():
    make_tree()
    shop = make_shop()
    make_product(title="Loaf", price="3.90", codes=("LOAF",), stock={shop: "10"})
    return shop


@pytest.fixture
def order(shop, at):
    return place(make_cart(at, LOAF="2"), shop, at)


def found(at):
    return {check.id for check in invariants() if check.id in OURS and [*check.find(at)]}


def collect(order, shop, at):
    take_to_ready(order, at)
    hand_over(order_id=order.pk, nonce="n", taken="cash", actor=WORKER, at=at, shop_ids=[shop.pk])


def test_consistent_orders_violate_nothing(order, shop, at):
    collect(order, shop, at)
    cancel_order(order_id=place(make_cart(at, LOAF="1"), shop, at).pk, reason="", actor=WORKER, at=at)
    place(make_cart(at, LOAF="1"), shop, at)
    make_cart(at, LOAF="1")

    assert found(at) == set()


def test_i05_finds_a_live_order_holding_less_than_its_lines(order, at):
    Reservation.objects.update(quantity=D("1"))

    assert found(at) == {"I05"}


def test_i05_finds_a_live_order_holding_nothing(order, at):
    Reservation.objects.update(state="released")

    assert found(at) == {"I05"}


def test_i05_finds_an_ended_order_still_holding_stock(order, at):
    Order.objects.update(status="cancelled")

    assert found(at) == {"I05"}


def test_i05_finds_stock_held_for_no_order(order, at):
    Reservation.objects.update(reference="NOBODY01")

    assert found(at) == {"I05"}


def elsewhere(sku_id, at):
    """Return a second shop that stocks the article."""
    market = make_shop("market")
    receive(shop_id=market.pk, sku_id=sku_id, quantity=D(5), actor=SETUP, at=at)
    return market


def test_i05_finds_a_live_order_holding_stock_of_another_shop(order, at):
    Reservation.objects.update(shop=elsewhere(order.lines.get().sku_id, at))

    assert found(at) == {"I05"}


def test_i06_finds_stock_issued_by_another_shop(order, shop, at):
    sku = order.lines.get().sku_id
    Reservation.objects.update(shop=elsewhere(sku, at))
    StockLevel.objects.filter(shop__code="market").update(reserved=2)

    collect(order, shop, at)

    assert found(at) == {"I06"}


def test_i06_finds_handed_over_goods_still_in_stock(order, shop, at):
    Order.objects.update(status="completed")
    Reservation.objects.update(state="issued")

    assert found(at) == {"I06"}


def test_i06_finds_stock_issued_for_an_incomplete_order(order, at):
    StockMovement.objects.create(
        shop_id=order.shop_id, sku_id=order.lines.get().sku_id, kind="issue", quantity=D("-1"),
        reference=order.number, actor_label="test", at=at,
    )  # fmt: skip

    assert found(at) == {"I06"}


def test_i13_finds_an_order_without_lines(order, at):
    OrderLine.objects.all().delete()
    Reservation.objects.all().delete()

    assert found(at) == {"I13"}


def test_i13_finds_a_line_that_costs_nothing(order, at):
    OrderLine.objects.update(unit_price=0)

    assert found(at) == {"I13"}


def test_i13_finds_an_impossible_cart(shop, at):
    make_cart(at, LOAF="1")
    CartLine.objects.update(quantity=D("100000"))

    assert found(at) == {"I13"}


def test_i21_finds_a_closed_cart_without_an_order(shop, at):
    make_cart(at, LOAF="1")
    Cart.objects.update(closed_at=at)

    assert found(at) == {"I21"}


def test_i21_finds_an_open_cart_with_an_order(order, at):
    Cart.objects.update(closed_at=None)

    assert found(at) == {"I21"}


def test_an_order_and_a_cart_of_a_deleted_account_are_found(shop, at):
    user = make_customer()
    order = place(make_cart(at, LOAF="1"), shop, at)
    Order.objects.filter(pk=order.pk).update(user=user)
    Cart.objects.create(user=user, created_at=at, updated_at=at)
    check = next(check for check in invariants() if check.id == "I27b")
    assert list(check.find(at)) == []

    User.objects.filter(pk=user.pk).update(erased_at=at)

    assert [set(row) for row in check.find(at)] == [{"number"}, {"id"}]
