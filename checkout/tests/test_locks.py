"""Carts changed by two devices, and orders placed from them, at the same moment."""

import threading
from decimal import Decimal as D

import pytest

from accounts.tests.factories import make_customer
from checkout.models import Cart, CartLine
from checkout.refusals import TotalChanged
from checkout.services import place_order as placing
from checkout.services.merge import merge_carts
from checkout.tests.factories import lines, make_cart, place
from orders.models import Order
from products.models import Sku
from products.tests.factories import make_product
from stock.models import Reservation
from tests.sessions import PATIENCE, Beside, holding

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def customer():
    return make_customer()


@pytest.fixture
def rolls(shop):
    """Return another article at the price of a loaf."""
    return make_product(title="Rolls", price="3.90", codes=("ROLLS",), stock={shop: "10"})


def test_merging_sees_lines_added_by_another_device_while_it_waited(loaf, rolls, customer, at):
    mine = make_cart(at, user=customer, LOAF="2")
    guest = make_cart(at, LOAF="3", ROLLS="1")

    with holding(mine) as phone:
        laptop = Beside(lambda: merge_carts(token=guest.token, user=customer, at=at))
        laptop.wait_until_blocked()
        phone.execute("UPDATE checkout_cartline SET quantity = 5 WHERE cart_id = %s", [mine.pk])
        phone.execute(
            "INSERT INTO checkout_cartline (cart_id, sku_id, quantity, added_at) VALUES (%s, %s, 4, %s)",
            [mine.pk, Sku.objects.get(code="ROLLS").pk, at],
        )
        phone.execute("""UPDATE checkout_cart SET notes = '["Said on the phone"]' WHERE id = %s""", [mine.pk])
        phone.connection.commit()

    merged = laptop.join()
    assert lines(merged) == {"LOAF": D(5), "ROLLS": D(4)}
    assert Cart.objects.get().notes == ["Said on the phone"]


def test_merging_sees_lines_added_to_the_guests_cart_while_it_waited(loaf, rolls, customer, at):
    make_cart(at, user=customer, LOAF="2")
    guest = make_cart(at, LOAF="3")

    with holding(guest) as tab:
        merging = Beside(lambda: merge_carts(token=guest.token, user=customer, at=at))
        merging.wait_until_blocked()
        tab.execute(
            "INSERT INTO checkout_cartline (cart_id, sku_id, quantity, added_at) VALUES (%s, %s, 4, %s)",
            [guest.pk, Sku.objects.get(code="ROLLS").pk, at],
        )
        tab.connection.commit()

    assert lines(merging.join()) == {"LOAF": D(3), "ROLLS": D(4)}
    assert Cart.objects.count() == 1


CHANGES = {
    "more of it": lambda cart, other: CartLine.objects.filter(cart=cart).update(quantity=3),
    "another article at the same price": lambda cart, other: CartLine.objects.filter(cart=cart).update(sku=other),
    "one thing more": lambda cart, other: CartLine.objects.create(
        cart=cart, sku=other, quantity=1, added_at=cart.created_at
    ),
    "nothing left": lambda cart, other: CartLine.objects.filter(cart=cart).delete(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_cart_changed_while_being_priced_is_not_ordered(loaf, rolls, shop, at, monkeypatch, change):
    cart, other = make_cart(at, LOAF="2"), Sku.objects.get(code="ROLLS")
    price = placing.price_lines

    def price_and_change(rows, offers):
        quote = price(rows, offers)
        change(cart, other)
        return quote

    monkeypatch.setattr(placing, "price_lines", price_and_change)
    with pytest.raises(TotalChanged):
        place(cart, shop, at, total=D("7.80"))

    assert Order.objects.count() == Reservation.objects.count() == 0
    assert Cart.objects.get().closed_at is None


def test_a_second_submit_waits_for_the_first_and_leads_to_its_order(loaf, shop, at, monkeypatch):
    cart, inside, go_on = make_cart(at, LOAF="2"), threading.Event(), threading.Event()
    compare = placing._compare

    def hesitate(*basket):
        inside.set()
        assert go_on.wait(PATIENCE)
        return compare(*basket)

    monkeypatch.setattr(placing, "_compare", hesitate)

    first = Beside(lambda: place(cart, shop, at, total=D("7.80")))
    assert inside.wait(PATIENCE)
    second = Beside(lambda: place(cart, shop, at, total=D("7.80")))
    second.wait_until_blocked()
    go_on.set()

    assert first.join() == second.join() == Order.objects.get()
    assert Reservation.objects.get().quantity == D(2)
