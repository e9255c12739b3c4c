"""What signing in does to carts."""

from decimal import Decimal as D

import pytest

from accounts.tests.factories import make_customer
from checkout.models import Cart, CartLine
from checkout.services import cart as carts
from checkout.tests.factories import add, lines, make_cart
from products.tests.factories import make_product

pytestmark = pytest.mark.django_db


def test_a_guests_cart_becomes_the_customers(loaf, at):
    customer, guest = make_customer(), add("LOAF", "2", at).cart

    cart = carts.merge_carts(token=guest.token, user=customer, at=at)

    assert (cart.pk, cart.user, cart.notes) == (guest.pk, customer, [])
    assert carts.find_cart(token=guest.token, user=None) is None


def test_signing_in_merges_by_the_larger_quantity_clipped_and_says_so_once(loaf, cheese, shop, at):
    make_product(title="Bun", price="1", codes=("BUN",), stock={shop: "9"})
    customer = make_customer()
    mine = make_cart(at, customer, LOAF="1", CHEESE="0.4")
    guest = make_cart(at, LOAF="3", CHEESE="0.3", BUN="1")
    CartLine.objects.filter(cart=guest, sku__code="CHEESE").update(quantity=D("1.4"))

    cart = carts.open_cart(token=guest.token, user=customer, at=at)
    again = carts.open_cart(token=guest.token, user=customer, at=at)

    assert cart == again == mine
    assert lines(mine) == {"LOAF": D("3"), "CHEESE": D("1"), "BUN": D("1")}
    assert again.notes == [
        "We added 3 things from your cart on this device.",
        "“Cheese”: at most 1 kg in one order.",
    ]
    assert not Cart.objects.filter(pk=guest.pk).exists()
    carts.clear_notes(cart_id=mine.pk)
    assert carts.open_cart(token=guest.token, user=customer, at=at).notes == []


def test_what_a_full_cart_cannot_take_is_said(loaf, cheese, shop, at, monkeypatch):
    monkeypatch.setattr("checkout.services.merge.MERGED_LINES", 2)
    make_product(title="Bun", price="1", codes=("BUN",), stock={shop: "9"})
    customer = make_customer()
    mine = make_cart(at, customer, LOAF="1")

    notes = carts.merge_carts(token=make_cart(at, LOAF="3", CHEESE="0.3", BUN="1").token, user=customer, at=at).notes

    assert lines(mine) == {"LOAF": D("3"), "CHEESE": D("0.3")}
    assert notes == [
        "We added 2 things from your cart on this device.",
        "Your cart is full. Please order these things first.",
    ]


def test_merging_nothing_says_nothing_and_makes_nothing(loaf, at):
    customer = make_customer()

    assert carts.merge_carts(token=None, user=customer, at=at) is None
    assert carts.merge_carts(token="0" * 32, user=customer, at=at) is None
    assert not Cart.objects.exists()

    mine = make_cart(at, customer, LOAF="3")
    guest = make_cart(at, LOAF="2")
    assert carts.merge_carts(token=guest.token, user=customer, at=at).notes == []
    assert lines(mine) == {"LOAF": D("3")}


def test_the_cart_of_a_customer_is_not_found_by_its_token(loaf, at):
    mine = make_cart(at, make_customer(), LOAF="1")

    assert carts.find_cart(token=mine.token, user=None) is None
    assert add("LOAF", "1", at, token=mine.token).cart != mine
