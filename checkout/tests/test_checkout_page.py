"""The checkout page: its contents and its posts."""

import datetime as dt
import re
from decimal import Decimal as D

import pytest
from django.test import Client

from accounts.tests.factories import PASSWORD, make_customer
from checkout.models import Cart
from checkout.tests.browsing import OURS, PERSON, add, submit, text_of
from common.actors import SETUP
from orders.models import Order
from orders.payments.start import PaymentNotStarted
from products.models import Sku
from products.tests.factories import make_product
from stock.models import ShopHours
from stock.services.count import count
from stock.services.shops import pause
from stock.tests.factories import make_shop

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]


@pytest.fixture
def market(shop):
    return make_shop("market", sort_order=2)


@pytest.fixture
def loaf(shop, market):
    return make_product(title="Loaf", price="3.90", codes=("LOAF",), stock={shop: "10", market: "10"})


def sku_id():
    return Sku.objects.get(code="LOAF").pk


def test_an_empty_cart_has_no_checkout(client, shop):
    assert client.get("/checkout/")["Location"] == "/cart/"
    assert submit(client)["Location"] == "/cart/"
    assert not Order.objects.exists()


def test_a_guest_enters_three_values(client, loaf):
    add(client)

    answer = client.get("/checkout/")

    text = text_of(answer)
    visible = re.findall(r'<input[^>]*type="(text|tel|email|number|search|password)"', text)
    assert visible == ["text", "tel", "email"]
    assert "no-store" in answer["Cache-Control"]
    assert "password" not in text.lower()
    assert text.count("<h1") == 1
    assert "Place order, pay €7.80 on collection" in text
    assert "Place order and pay €7.80" in text
    assert [(name, text.count(f'autocomplete="{name}"')) for name in ("name", "tel", "email")] == [
        ("name", 1),
        ("tel", 1),
        ("email", 1),
    ]


def test_each_shop_says_when_an_order_is_ready_and_what_it_lacks(client, loaf, shop, market, at):
    add(client)
    count(shop_id=market.pk, sku_id=sku_id(), counted=D(1), actor=SETUP, at=at)

    text = text_of(client.get("/checkout/"))

    assert "Has everything" in text
    assert "0 of 1 item" in text
    assert "Not here: Loaf (only 1 pc)." in text
    assert 'name="fix" value="LOAF=1"' in text
    assert "Ready at Canal from 9:15." in text


def test_a_closed_shop_says_so_before_the_button(client, loaf, shop, market, at):
    ShopHours.objects.filter(shop=shop).delete()
    ShopHours.objects.create(shop=shop, weekday=2, opens=dt.time(8), closes=dt.time(18))
    add(client)

    text = text_of(client.get("/checkout/"))

    assert "closed now, opens tomorrow 8:00" in text
    promise = text.index("Canal is closed now. Your order is ready from tomorrow 8:15.")
    assert promise < text.index("Place order, pay")


def test_the_page_says_when_no_shop_takes_orders(client, loaf, shop, market, at):
    add(client)
    for one in (shop, market):
        pause(shop_id=one.pk, until=at + dt.timedelta(hours=2), actor=SETUP, at=at)

    text = text_of(client.get("/checkout/"))

    assert "No shop takes orders at the moment." in text
    assert re.search(r'<button class="btn btn--wide"[^>]* disabled', text)


def test_the_remembered_shop_is_preselected(client, loaf, market):
    add(client)
    client.cookies["shop"] = "market"

    text = text_of(client.get("/checkout/"))

    assert re.search(r'value="market"[^>]* checked', text)
    assert not re.search(r'value="canal"[^>]* checked', text)
    assert "is chosen. You can change it here." not in text


def test_a_shop_other_than_the_remembered_one_is_explained(client, loaf, market, at):
    add(client)
    client.cookies["shop"] = "market"
    count(shop_id=market.pk, sku_id=sku_id(), counted=D(1), actor=SETUP, at=at)

    text = text_of(client.get("/checkout/"))

    assert "Market has 0 of 1 item, so Canal is chosen. You can change it here." in text
    assert re.search(r'value="canal"[^>]* checked', text)


def test_a_remembered_shop_that_takes_no_orders_says_so(client, loaf, market, at):
    add(client)
    client.cookies["shop"] = "market"
    pause(shop_id=market.pk, until=at + dt.timedelta(hours=2), actor=SETUP, at=at)

    assert "Market takes no orders now, so Canal is chosen." in text_of(client.get("/checkout/"))


def test_the_summary_counts_pieces_and_weighs_the_rest(client, loaf, cheese):
    add(client)
    add(client, code="CHEESE", quantity="0.3")

    text = text_of(client.get("/checkout/"))

    assert '<span class="caption num"> 2 × €3.90 </span>' in text
    assert '<span class="caption num"> 300 g </span>' in text


def test_customers_contact_details_are_filled_in(client, loaf):
    customer = make_customer(name="Mira Sato", email="mira@example.com", phone="+31205550199")
    client.login(email=customer.email, password=PASSWORD)
    add(client)

    text = text_of(client.get("/checkout/"))

    assert 'value="Mira Sato"' in text
    assert 'value="mira@example.com"' in text
    assert 'value="+31 20 555 0199"' in text
    submit(client, name="Mira Sato")
    assert Order.objects.get().user == customer


def test_an_order_to_pay_at_the_counter_leads_to_its_page(client, loaf, shop):
    add(client)

    answer = submit(client, comment="No bag, please")

    order = Order.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, f"/orders/{order.token}/")
    assert (order.shop, order.name, str(order.phone), order.email) == (
        shop,
        "Mila Berg",
        "+31205550142",
        "mila@example.com",
    )
    assert (order.comment, order.total, order.language) == ("No bag, please", D("7.80"), "en")
    assert client.cookies["shop"].value == "canal"
    assert client.get("/checkout/")["Location"] == "/cart/"


def test_an_order_to_pay_now_leads_to_the_bank(client, loaf, monkeypatch):
    class Paid:
        redirect_url = "http://bank.test/pay/1"

    called = []
    monkeypatch.setattr(
        "checkout.services.submit.start_payment", lambda **wanted: called.append(wanted["return_url"]) or Paid
    )
    add(client)

    answer = submit(client, payment_method="demo_bank")

    assert (answer.status_code, answer["Location"]) == (303, "http://bank.test/pay/1")
    assert called[0].endswith(f"/orders/{Order.objects.get().token}/return/")


def test_a_silent_bank_leaves_an_order_that_can_be_paid_again(client, loaf, monkeypatch):
    def silent(**wanted):
        raise PaymentNotStarted("The bank does not answer.")

    monkeypatch.setattr("checkout.services.submit.start_payment", silent)
    add(client)

    answer = submit(client, payment_method="demo_bank")

    assert answer["Location"] == f"/orders/{Order.objects.get().token}/"
    assert Order.objects.get().status == "awaiting_payment"


def test_a_second_press_leads_to_the_same_order(client, loaf):
    add(client)

    first, second = submit(client), submit(client)

    assert first["Location"] == second["Location"]
    assert Order.objects.count() == 1


def test_a_second_press_with_a_different_total_is_told_of_the_order(client, loaf):
    add(client)
    submit(client)

    answer = submit(client, confirmed_total="9.99")

    text = text_of(answer)
    assert answer.status_code == 409
    assert "You have already ordered this" in text
    assert "something else: Total." in text
    assert Order.objects.count() == 1


def test_going_back_to_change_shop_and_payment_shows_the_order(client, loaf):
    add(client)
    submit(client, payment_method="demo_bank")

    answer = submit(client, shop="market", name="Bo Berg")

    text = text_of(answer)
    assert answer.status_code == 409
    assert "something else: Shop, Full name, Payment." in text
    assert "<dd>Canal</dd>" in text and "<dd>Card, now</dd>" in text
    assert f'href="/orders/{Order.objects.get().token}/"' in text
    assert "Mila Berg" not in text
    assert (Order.objects.get().shop.code, Order.objects.get().payment_method) == ("canal", "demo_bank")


def test_errors_are_listed_with_links_and_no_input_is_lost(client, loaf):
    add(client)

    answer = submit(client, name="", phone="12", email="mila@", comment="No bag", shop="market")

    text = text_of(answer)
    assert answer.status_code == 422
    assert "<title>Error: Checkout" in text
    assert text.index("There is a problem") < text.index("<h1")
    for name in ("name", "phone", "email"):
        message = re.search(rf'<a href="#id_{name}">([^<]+)</a>', text)[1]
        assert re.search(rf'id="id_{name}-error".*?{re.escape(message)}', text)
        assert re.search(rf'<input[^>]*id="id_{name}"', text)
        assert text.count(message) == 2
    assert 'value="12"' in text and 'value="mila@"' in text and "No bag" in text
    assert re.search(r'value="market"[^>]* checked', text)
    assert 'aria-invalid="true"' in text
    assert "novalidate" in text
    assert not Order.objects.exists()


def test_an_article_no_longer_on_sale_can_only_be_removed(client, loaf):
    add(client)
    Sku.objects.update(is_active=False)

    text = text_of(client.get("/checkout/"))
    Sku.objects.update(is_active=True)

    assert 'name="fix" value="LOAF=0"' in text
    assert 'name="fix" value="LOAF=1"' not in text


@pytest.mark.parametrize("fields", [{"shop": ""}, {"shop": "elsewhere"}, {"payment_method": "barter"}])
def test_a_missing_choice_links_to_its_first_radio(client, loaf, fields):
    add(client)

    text = text_of(submit(client, **fields))

    name = next(iter(fields))
    assert f'href="#id_{name}"' in text
    assert re.search(rf'<input type="radio" name="{name}"[^>]*id="id_{name}"', text)


def test_the_form_contains_the_token_that_ordering_needs(loaf):
    client = Client(enforce_csrf_checks=True)
    add(client)
    token = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', text_of(client.get("/checkout/")))[1]

    without = submit(client)
    answer = submit(client, csrfmiddlewaretoken=token)

    assert without.status_code == 403
    assert answer["Location"] == f"/orders/{Order.objects.get().token}/"


def test_a_forged_cookie_opens_no_cart(client, loaf):
    add(client)
    stranger = Client()
    stranger.cookies["cart"] = Cart.objects.get().token

    assert submit(stranger)["Location"] == "/cart/"
    assert not Order.objects.exists()


def test_the_order_has_the_language_of_its_page(client, loaf):
    add(client)
    typed = {"shop": "canal", "payment_method": "on_collection", "confirmed_total": "7.80", **PERSON}

    answer = client.post("/ru/checkout/", typed, headers=OURS)

    order = Order.objects.get()
    assert answer["Location"] == f"/ru/orders/{order.token}/"
    assert order.language == "ru"


def test_methods_other_than_get_and_post_are_refused(client, loaf):
    assert client.put("/checkout/").status_code in (403, 405)
    assert client.head("/checkout/").status_code == 303
