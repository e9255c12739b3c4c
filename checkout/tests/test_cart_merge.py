"""Merging carts at sign-in."""

import datetime as dt
from decimal import Decimal as D

import pytest
from django.utils import translation

from accounts.tests.factories import make_customer
from checkout.models import Cart, CartLine
from checkout.presenters.cart import view_cart
from checkout.selectors import find_cart
from checkout.services import cart as carts
from checkout.tests.factories import add, lines, make_cart
from products.tests.factories import make_product

pytestmark = pytest.mark.django_db


def test_a_guests_cart_becomes_the_customers(loaf, at):
    customer, guest = make_customer(), add("LOAF", "2", at).cart

    cart = carts.merge_carts(token=guest.token, user=customer, at=at)

    assert (cart.pk, cart.user, cart.notes) == (guest.pk, customer, [])
    assert find_cart(token=guest.token, user=None) is None


def test_signing_in_keeps_the_larger_quantity_clipped_and_says_so_once(loaf, cheese, shop, at):
    make_product(title="Bun", price="1", codes=("BUN",), stock={shop: "9"})
    customer = make_customer()
    mine = make_cart(at, customer, LOAF="1", CHEESE="0.4")
    guest = make_cart(at, LOAF="3", CHEESE="0.3", BUN="1")
    CartLine.objects.filter(cart=guest, sku__code="CHEESE").update(quantity=D("1.4"))

    cart = carts.open_cart(token=guest.token, user=customer, at=at)
    again = carts.open_cart(token=guest.token, user=customer, at=at)

    assert cart == again == mine
    assert lines(mine) == {"LOAF": D("3"), "CHEESE": D("1"), "BUN": D("1")}
    assert [note["code"] for note in again.notes] == ["merged", "at_most"]
    assert view_cart(again, [], at).notes == (
        "We added 3 items from your cart on this device.",
        "“Cheese”: at most 1 kg in one order.",
    )
    assert not Cart.objects.filter(pk=guest.pk).exists()
    assert len(carts.look_at_cart(token=None, user=customer, takes_notes=True, at=at).notes) == 2
    assert carts.open_cart(token=guest.token, user=customer, at=at).notes == []


def test_lines_that_do_not_fit_in_a_full_cart_are_named(loaf, cheese, shop, at, monkeypatch):
    monkeypatch.setattr("checkout.services.merge.MERGED_LINES", 2)
    make_product(title="Bun", price="1", codes=("BUN",), stock={shop: "9"})
    customer = make_customer()
    mine = make_cart(at, customer, LOAF="1")

    cart = carts.merge_carts(token=make_cart(at, LOAF="3", CHEESE="0.3", BUN="1").token, user=customer, at=at)

    assert lines(mine) == {"LOAF": D("3"), "CHEESE": D("0.3")}
    assert view_cart(cart, [], at).notes == (
        "We added 2 items from your cart on this device.",
        "Your cart is full. Please order these items first.",
    )


def test_the_notice_is_in_the_language_of_the_page_that_shows_it(loaf, shop, at):
    customer = make_customer()
    make_cart(at, customer, LOAF="1")
    guest = make_cart(at, LOAF="3")
    with translation.override("ru"):
        cart = carts.merge_carts(token=guest.token, user=customer, at=at)

    assert cart.notes == [{"code": "merged", "count": 1}]
    assert view_cart(cart, [], at).notes == ("We added 1 item from your cart on this device.",)


def test_an_older_notice_is_shown_unchanged_and_one_about_a_deleted_article_not_at_all(loaf, at):
    cart = make_cart(at, LOAF="1")
    cart.notes = ["We added 3 things.", {"code": "at_most", "sku": 0, "most": "2"}]

    assert view_cart(cart, [], at).notes == ("We added 3 things.",)


def test_a_cart_in_use_is_kept(loaf, at):
    cart = make_cart(at, LOAF="1")
    later = at + dt.timedelta(days=29)

    carts.look_at_cart(token=cart.token, user=None, at=later)

    assert carts.purge_carts(at=at + dt.timedelta(days=31), limit=10) == 0
    assert carts.purge_carts(at=later + dt.timedelta(days=30, seconds=1), limit=10) == 1


def test_merging_nothing_says_nothing_and_creates_nothing(loaf, at):
    customer = make_customer()

    assert carts.merge_carts(token=None, user=customer, at=at) is None
    assert carts.merge_carts(token="0" * 32, user=customer, at=at) is None
    assert not Cart.objects.exists()

    mine = make_cart(at, customer, LOAF="3")
    guest = make_cart(at, LOAF="2")
    assert carts.merge_carts(token=guest.token, user=customer, at=at).notes == []
    assert lines(mine) == {"LOAF": D("3")}


def test_a_customers_cart_is_not_found_by_its_token(loaf, at):
    mine = make_cart(at, make_customer(), LOAF="1")

    assert find_cart(token=mine.token, user=None) is None
    assert add("LOAF", "1", at, token=mine.token).cart != mine


def test_a_press_whose_answer_was_lost_before_signing_in_adds_once(loaf, cheese, at):
    customer, press = make_customer(), "7" * 32
    make_cart(at, customer, CHEESE="0.4")
    guest = add("CHEESE", "0.4", at).cart
    carts.add(token=guest.token, user=None, code="LOAF", quantity=D("2"), press=press, at=at)
    mine = carts.merge_carts(token=guest.token, user=customer, at=at)

    carts.add(token=None, user=customer, code="LOAF", quantity=D("2"), press=press, at=at)

    assert lines(mine)["LOAF"] == D("2")
