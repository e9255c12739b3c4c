"""Ordering again: what an earlier order had is put into the cart, and what has changed is said."""

from dataclasses import replace
from decimal import Decimal as D

import pytest

from accounts.tests.factories import PASSWORD, make_customer
from accounts.tests.helpers import sign_in
from checkout.models import Cart
from checkout.services.again import NothingLeft, order_again
from checkout.tests.factories import BUYER, add, lines, make_cart, place
from common.actors import SETUP
from orders.models import OrderLine
from orders.services.cancel import cancel_order
from products.models import ProductPage, Sku
from products.services.prices import set_price
from products.services.skus import archive_sku
from products.tests.factories import make_product
from stock.services.count import count

pytestmark = pytest.mark.django_db
OWN = {"HTTP_SEC_FETCH_SITE": "same-origin"}


@pytest.fixture
def order(loaf, cheese, shop, at):
    return place(make_cart(at, LOAF="2", CHEESE="0.5"), shop, at)


def again(order, at, token=None, user=None) -> Cart:
    return order_again(order=order, token=token, user=user, at=at)


def shown(client) -> str:
    return client.get("/cart/").content.decode()


def press(client, order, **more):
    return client.post("/cart/again/", {"order": order.token}, **OWN, **more)


def test_a_cart_gets_what_the_order_had(order, at):
    assert lines(again(order, at)) == {"LOAF": D("2"), "CHEESE": D("0.5")}


def test_doing_it_twice_changes_nothing(order, at):
    cart = again(order, at)

    again(order, at, token=cart.token)

    assert lines(cart) == {"LOAF": D("2"), "CHEESE": D("0.5")}


def test_more_in_the_cart_than_in_the_order_stays(order, at):
    cart = add("LOAF", "5", at).cart

    again(order, at, token=cart.token)

    assert lines(cart) == {"LOAF": D("5"), "CHEESE": D("0.5")}


def test_a_price_that_changed_is_said_beside_its_line(client, order, at):
    set_price(
        sku_id=Sku.objects.get(code="LOAF").pk, amount=D("4.50"), starts_at=at, source="owner", actor=SETUP, at=at
    )

    press(client, order)

    assert "€3.90" in shown(client)
    assert "€4.50" in shown(client)


def test_what_is_gone_is_named_and_the_rest_is_added(client, order, at):
    archive_sku(sku_id=Sku.objects.get(code="CHEESE").pk, actor=SETUP, at=at)

    answer = press(client, order)

    assert (answer.status_code, answer["Location"]) == (303, "/cart/")
    assert "Cannot be bought at the moment: Cheese." in shown(client)
    assert lines(Cart.objects.open().get()) == {"LOAF": D("2")}


def test_what_is_sold_out_is_named_and_what_is_short_is_reduced(client, order, shop, at):
    for code, left in (("CHEESE", "0.5"), ("LOAF", "3")):
        sku_id = Sku.objects.get(code=code).pk
        count(shop_id=shop.pk, sku_id=sku_id, counted=D(left), actor=SETUP, at=at)

    press(client, order)
    page = shown(client)

    assert "Cannot be bought at the moment: Cheese." in page
    assert "“Loaf”: only 1 pc can be bought now." in page
    assert lines(Cart.objects.open().get()) == {"LOAF": D("1")}


@pytest.mark.violates("I05")
@pytest.mark.parametrize("way", ["archived", "taken down", "gone"])
def test_nothing_is_written_when_nothing_can_be_bought(client, order, at, way):
    if way == "archived":
        for sku in Sku.objects.all():
            archive_sku(sku_id=sku.pk, actor=SETUP, at=at)
    elif way == "taken down":
        ProductPage.objects.update(live=False)
    else:
        OrderLine.objects.update(sku=None)

    answer = press(client, order)

    assert answer.status_code == 409
    assert "Nothing of this order is on sale at the moment." in answer.content.decode()
    assert not Cart.objects.open().exists()
    with pytest.raises(NothingLeft):
        again(order, at)


def test_the_same_is_noted_once(order, at):
    archive_sku(sku_id=Sku.objects.get(code="CHEESE").pk, actor=SETUP, at=at)
    cart = again(order, at)

    again(order, at, token=cart.token)

    assert Cart.objects.get(pk=cart.pk).notes == [{"code": "gone", "names": ["Cheese"]}]


def test_a_minimum_that_has_grown_since_is_met(order, at):
    Sku.objects.filter(code="CHEESE").update(min_quantity=D("0.8"))

    assert lines(again(order, at))["CHEESE"] == D("0.8")


def test_a_cart_that_is_full_is_said_to_be(order, at, monkeypatch):
    monkeypatch.setattr("checkout.services.again.MAX_LINES", 1)

    cart = again(order, at)

    assert len(lines(cart)) == 1
    assert {"code": "full"} in cart.notes


def test_the_order_of_nobody_is_not_found(client, order):
    unknown = client.post("/cart/again/", {"order": "A" * 43}, **OWN)
    none = client.post("/cart/again/", {}, **OWN)
    odd = client.post("/cart/again/", {"order": "\x00" * 9}, **OWN)

    assert (unknown.status_code, none.status_code) == (404, 404)
    assert odd.status_code in (400, 404)
    assert not Cart.objects.open().exists()


def test_another_site_cannot_fill_a_cart(client, order):
    answer = client.post("/cart/again/", {"order": order.token}, HTTP_SEC_FETCH_SITE="cross-site")

    assert answer.status_code == 403
    assert not Cart.objects.open().exists()


def test_a_customer_orders_again_from_their_pages(client, loaf, shop, at):
    mira = make_customer()
    buyer = replace(BUYER, user_id=mira.pk)
    order = place(make_cart(at, user=mira, LOAF="2"), shop, at, buyer=buyer)
    cancel_order(order_id=order.pk, reason="", actor=SETUP, at=at)
    sign_in(client, mira.email, PASSWORD)

    pages = [client.get(path).content.decode() for path in ("/account/", "/account/orders/")]
    press(client, order)

    assert all(f'name="order" value="{order.token}"' in page for page in pages)
    assert lines(Cart.objects.open().get(user=mira)) == {"LOAF": D("2")}


def test_twenty_lines_take_no_more_queries_than_one(shop, at, django_assert_max_num_queries):
    codes = [f"BUN-{number}" for number in range(20)]
    for code in codes:
        make_product(title=code.title(), price="1", codes=(code,), stock={shop: "9"})
    order = place(make_cart(at, **dict.fromkeys(codes, "1")), shop, at)

    with django_assert_max_num_queries(11):
        cart = again(order, at)

    assert len(lines(cart)) == 20
