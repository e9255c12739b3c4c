"""The cart page, the drawer and the posts that change the cart, with and without scripts."""

import re
from decimal import Decimal as D

import pytest
from django.test import Client

from accounts.tests.factories import PASSWORD, make_customer
from checkout.models import Cart, CartLine
from checkout.tests.factories import make_cart
from common.actors import SETUP
from products.models import ProductPage, Sku
from products.services.prices import set_price
from products.services.skus import archive_sku
from products.tests.factories import make_product, make_sku
from stock.services.count import count
from tests.markup import squeezed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]
OURS = {"Sec-Fetch-Site": "same-origin"}
SCRIPT = {**OURS, "X-Requested-With": "fetch"}


@pytest.fixture
def cheese(shop):
    page = make_product(title="Cheese", codes=())
    make_sku(page.product, "CHEESE", price="27.00", stock={shop: "2.5"}, unit="kg", step="0.1", min_quantity=D("0.2"))
    return page


def add(client, code="LOAF", quantity="1", headers=OURS, **extra):
    return client.post("/cart/add/", {"code": code, "quantity": quantity, **extra}, headers=headers)


def change(client, headers=OURS, **fields):
    return client.post("/cart/update/", fields, headers=headers)


def page_of(client, url="/cart/"):
    return client.get(url).content.decode()


def quantity_of(code="LOAF"):
    return CartLine.objects.filter(sku__code=code).values_list("quantity", flat=True).first()


def test_looking_creates_no_cart_and_no_cookie(client, shop):
    answers = [client.get(url) for url in ("/cart/", "/cart/drawer/")]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert not Cart.objects.exists()
    assert not client.cookies
    assert "no-store" in answers[0]["Cache-Control"]


def test_an_empty_cart_says_so_and_links_to_the_menu(client, shop):
    text = page_of(client)

    assert "Nothing in the cart yet" in text
    assert "See the menu" in text
    assert text.count("<h1") == 1


def test_adding_without_scripts_ends_on_the_cart_page(client, loaf):
    answer = add(client, quantity="2")

    assert (answer.status_code, answer["Location"]) == (303, "/cart/?added=LOAF")
    assert quantity_of() == D(2)
    assert client.cookies["cart"]["httponly"]
    assert client.cookies["cart"]["samesite"] == "Lax"
    assert client.cookies["shop_state"].value == "1"
    assert "€7.80" in page_of(client)


def test_adding_by_script_returns_the_figures(client, loaf):
    answer = add(client, quantity="2", headers=SCRIPT)

    assert answer.json() == {
        "code": "LOAF",
        "quantity": "2",
        "quantity_text": "2",
        "count": 1,
        "sum": "€7.80",
        "message": "Loaf: 2 pc in your cart.",
        "clipped": False,
        "undo": "",
    }


def test_weighed_goods_are_stated_in_grams(client, cheese):
    answer = add(client, "CHEESE", "0.3", headers=SCRIPT).json()

    assert (answer["quantity"], answer["quantity_text"], answer["sum"]) == ("0.3", "300 g", "€8.10")


def test_a_card_removes_one_and_finally_the_line(client, loaf):
    add(client, quantity="2")

    first = add(client, quantity="-1", headers=SCRIPT).json()
    second = add(client, quantity="-1", headers=SCRIPT).json()

    assert (first["quantity"], first["undo"]) == ("1", "")
    assert (second["quantity"], second["count"], second["undo"]) == ("0", 0, "removed=LOAF&quantity=1")


@pytest.mark.parametrize(
    ("code", "quantity", "status"),
    [
        ("LOAF", "0", 422),
        ("LOAF", "abc", 422),
        ("LOAF", "1e3", 422),
        ("LOAF", "-0", 404),
        ("LOAF", "--1", 422),
        ("LOAF", "0.5", 422),
        ("LOAF", "", 422),
        ("NONE", "1", 404),
        ("", "1", 404),
        ("x" * 500, "1", 404),
    ],
)
@pytest.mark.parametrize("headers", [OURS, SCRIPT], ids=["page", "script"])
def test_a_refused_add_says_why_and_changes_nothing(client, loaf, code, quantity, status, headers):
    answer = add(client, code, quantity, headers=headers)

    assert answer.status_code == status
    assert not CartLine.objects.exists()
    if headers is SCRIPT:
        assert answer.json()["message"].endswith(".")
    else:
        assert "Error:" in answer.content.decode()


def test_an_article_sold_out_everywhere_is_refused_as_changed(client, shop):
    make_product(title="Bun", codes=("BUN",), stock={shop: "0"})

    answer = add(client, "BUN", headers=SCRIPT)

    assert answer.status_code == 409
    assert "sold out" in answer.json()["message"]


def test_a_browser_that_hides_the_origin_of_a_post_is_asked_to_confirm(client, loaf):
    answer = add(client, headers={}, note="<b>")

    assert answer.status_code == 403
    assert not Cart.objects.exists()
    text = answer.content.decode()
    assert 'name="code" value="LOAF"' in text
    assert "csrfmiddlewaretoken" in text
    assert "<b>" not in text.split("<main")[1]


def test_the_confirmation_carries_out_the_request(loaf):
    client = Client(enforce_csrf_checks=True)
    text = add(client, headers={}).content.decode()
    token = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', text)[1]

    answer = add(client, headers={"Sec-Fetch-Site": "none"}, csrfmiddlewaretoken=token)

    assert answer.status_code == 303
    assert quantity_of() == D(1)


@pytest.mark.parametrize("url", ["/cart/add/", "/cart/update/"])
def test_changing_the_cart_needs_a_post(client, shop, url):
    assert client.get(url).status_code == 405


@pytest.mark.parametrize(
    ("fields", "left"),
    [
        ({"quantity": "4"}, D(4)),
        ({"set": "3", "quantity": "9"}, D(3)),
        ({"quantity": "0"}, None),
        ({"set": "0"}, None),
        ({"remove": "1"}, None),
    ],
    ids=["typed", "button", "typed zero", "button to zero", "remove"],
)
@pytest.mark.parametrize("headers", [OURS, SCRIPT], ids=["page", "script"])
def test_a_line_can_be_changed(client, loaf, fields, left, headers):
    add(client, quantity="2")

    answer = change(client, headers, code="LOAF", **fields)

    assert answer.status_code == (200 if headers is SCRIPT else 303)
    assert quantity_of() == left


def test_removing_offers_undo_without_scripts(client, loaf):
    add(client, quantity="2")

    address = change(client, code="LOAF", remove="1")["Location"]
    text = page_of(client, address)
    undone = change(client, code="LOAF", restore="2")

    assert address == "/cart/?removed=LOAF&quantity=2"
    assert re.search(r'name="restore" value="2"', text)
    assert undone.status_code == 303
    assert quantity_of() == D(2)


def test_undo_pressed_twice_restores_once(client, loaf):
    add(client, quantity="2")
    change(client, code="LOAF", remove="1")

    answers = [change(client, SCRIPT, code="LOAF", restore="2").status_code for _ in range(2)]

    assert answers == [200, 200]
    assert quantity_of() == D(2)


@pytest.mark.parametrize("query", ["removed=LOAF", "removed=LOAF&quantity=x", "quantity=2", "removed=&quantity=1"])
def test_a_broken_undo_address_is_the_plain_cart(client, loaf, query):
    add(client)

    answer = client.get(f"/cart/?{query}")

    assert answer.status_code == 200
    assert "data-undo" not in answer.content.decode()


def test_a_typed_quantity_is_kept_on_its_line(client, loaf, cheese):
    add(client)
    add(client, "CHEESE", "0.3")

    answer = change(client, code="CHEESE", quantity="0.25")

    text = answer.content.decode()
    assert answer.status_code == 422
    assert "<title>Error: Cart" in text
    assert 'value="0.25"' in text
    assert "is sold in steps of 100 g" in text
    assert quantity_of("CHEESE") == D("0.3")


def test_a_change_is_clipped_to_the_stock_with_a_notice(client, loaf):
    add(client)

    answer = change(client, SCRIPT, code="LOAF", quantity="99").json()

    assert answer["message"] == "Only 10 pc left."
    assert (answer["quantity"], answer["clipped"]) == ("10", True)


def test_a_clipped_change_is_stated_without_scripts(client, loaf):
    add(client)

    address = change(client, code="LOAF", quantity="99")["Location"]

    assert address == "/cart/?clipped=LOAF"
    assert "You can have 10 pc at most</span>" in squeezed(page_of(client, address))
    assert quantity_of() == D(10)


@pytest.mark.parametrize("headers", [OURS, SCRIPT], ids=["page", "script"])
def test_an_unknown_line_is_not_found(client, loaf, headers):
    assert change(client, headers, code="LOAF", quantity="1").status_code == 404
    add(client)
    assert change(client, headers, code="OTHER", quantity="1").status_code == 404


def test_another_visitor_cannot_change_the_cart(client, loaf):
    add(client)
    stranger = Client()
    stranger.cookies["cart"] = f"{Cart.objects.get().token}:forged"

    answer = change(stranger, SCRIPT, code="LOAF", remove="1")

    assert answer.status_code == 404
    assert quantity_of() == D(1)


def test_a_changed_price_is_stated_with_its_one_action(client, loaf, at):
    add(client)
    set_price(sku_id=Sku.objects.get().pk, amount=D("4.10"), starts_at=at, source="hand", actor=SETUP, at=at)

    before = page_of(client)
    change(client, code="LOAF", set="1")

    assert "The price changed from €3.90 to €4.10" in before
    assert "Keep it" in before
    assert "The price changed" not in page_of(client)


def test_an_article_no_longer_sold_blocks_the_checkout(client, loaf, at):
    add(client)
    archive_sku(sku_id=Sku.objects.get().pk, actor=SETUP, at=at)

    text = page_of(client)

    assert "Fix the items marked above, then check out." in text
    assert "Check out" not in text
    assert 'name="remove" value="1"' in text


def test_a_short_line_can_be_reduced_to_the_stock_of_the_chosen_shop(client, loaf, shop, at):
    add(client, quantity="5")
    client.cookies["shop"] = shop.code
    count(shop_id=shop.pk, sku_id=Sku.objects.get().pk, counted=D(3), actor=SETUP, at=at)

    text = squeezed(page_of(client))

    assert '<span class="tag tag--warn">Only 3 pc left at Canal</span>' in text
    assert re.search(r'name="set" value="3">Take 3 pc', text)
    assert "0 of 1 item" in text


def test_the_cart_says_from_when_each_shop_has_it(client, loaf, shop):
    add(client)

    text = squeezed(page_of(client))

    assert "has everything, from 9:15" in text


def test_signing_in_merges_both_carts_and_says_so_once(client, loaf, cheese, at):
    customer = make_customer()
    make_cart(at, user=customer, LOAF="1")
    add(client, "CHEESE", "0.3")
    client.login(email=customer.email, password=PASSWORD)

    first, second = page_of(client), page_of(client)

    assert Cart.objects.filter(closed_at=None).count() == 1
    assert "from your cart on this device" in first
    assert "from your cart on this device" not in second
    assert client.cookies["cart"].value == ""


def test_the_drawer_shows_the_same_lines(client, loaf):
    add(client, quantity="2")

    text = page_of(client, "/cart/drawer/")

    assert "<html" not in text
    assert 'id="line-drawer-LOAF"' in text
    assert "/checkout/" in text


def test_names_are_escaped(client, shop):
    make_product(title="<script>alert(1)</script>", codes=("EVIL",), stock={shop: "3"})
    add(client, "EVIL")

    assert "<script>alert" not in page_of(client)


def test_the_cart_is_translated_into_russian(client, loaf):
    add(client)

    assert '<html lang="ru"' in page_of(client, "/ru/cart/")


def test_the_drawer_names_the_added_product_and_marks_its_line(client, loaf, cheese):
    add(client)
    add(client, "CHEESE", "0.3")

    told = page_of(client, "/cart/drawer/?added=LOAF")

    assert "<span>Added: <b>Loaf</b></span>" in told
    assert re.findall(r'data-added>.*?href="[^"]*">([^<]*)<', told, re.DOTALL) == ["Loaf"]
    for query in ("", "?added=NOPE"):
        assert "Added:" not in page_of(client, f"/cart/drawer/{query}")


def test_a_line_sold_out_everywhere_can_only_be_removed(client, loaf, shop, at):
    add(client, quantity="2")
    count(shop_id=shop.pk, sku_id=Sku.objects.get().pk, counted=D(0), actor=SETUP, at=at)

    text = page_of(client)

    assert '<span class="tag tag--warn">Sold out</span>' in text
    assert 'name="remove" value="1"' in text
    assert "data-stepper" not in text and 'name="set"' not in text


@pytest.mark.parametrize("url", ["/cart/", "/cart/drawer/", "/checkout/"])
def test_a_line_whose_page_was_unpublished_has_no_picture_and_stays(client, loaf, url):
    add(client)
    ProductPage.objects.get(title=loaf.title).unpublish()

    answer = client.get(url)

    assert answer.status_code in (200, 302)
    assert "LOAF" in page_of(client)
