"""Unit prices on every page multiply to the amount charged: product, card, cart, checkout, order, data."""

import json
import re
from decimal import Decimal as D

import pytest

from checkout.models import CartLine
from checkout.tests.browsing import add, submit, text_of
from common.actors import SETUP
from orders.models import Order
from products.models import Product, Sku
from products.services.prices import set_price
from products.tests.factories import make_category, make_product, make_sku

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]


@pytest.fixture
def tea(shop):
    """Return tea sold by the gram, at 1.25 cents a gram."""
    page = make_product(title="Tea", codes=(), categories=[make_category("Drinks")])
    make_sku(page.product, "TEA", price="0.0125", stock={shop: "900"}, unit="g", step="10", min_quantity=D(50))
    return page


@pytest.fixture
def bolt(shop):
    """Return bolts at €2.505 each."""
    return make_product(title="Bolt", price="2.505", codes=("BOLT",), stock={shop: "50"}, categories=[make_category()])


def plain(answer):
    """Return the text of a page without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", text_of(answer)))


def data_of(answer):
    return json.loads(re.search(r'ld\+json">(.*?)</script>', text_of(answer))[1])[0]


def test_goods_sold_by_the_gram_are_priced_per_hundred_grams(client, tea):
    add(client, "TEA", "350")

    assert "€1.25 per 100 g, VAT included" in plain(client.get(tea.url))
    assert "per 100 g" in plain(client.get("/catalogue/drinks/"))
    assert "€1.25 per 100 g" in plain(client.get("/search/suggest/?q=tea"))
    assert "€1.25 per 100 g" in plain(client.get("/cart/"))
    assert "€1.25 per 100 g" in plain(client.get("/cart/drawer/"))
    assert "€4.38" in plain(client.get("/cart/"))


def test_pieces_priced_in_fractions_of_a_cent_show_them(client, bolt):
    add(client, "BOLT", "3")

    assert "€2.505" in plain(client.get(bolt.url))
    assert "€2.505" in plain(client.get("/catalogue/bread/"))
    assert "€2.505 each" in plain(client.get("/cart/"))
    assert "3 × €2.505" in plain(client.get("/checkout/"))
    assert "€7.52" in plain(client.get("/cart/"))


def test_the_order_page_prints_the_price_at_the_time_of_purchase(client, bolt, tea):
    add(client, "BOLT", "3")
    add(client, "TEA", "350")

    text = plain(client.get(submit(client, confirmed_total="11.90")["Location"]))

    assert "€2.505 each" in text
    assert "€1.25 per 100 g" in text


def test_search_engines_get_the_printed_price(client, bolt, tea):
    piece, weighed = data_of(client.get(bolt.url))["offers"], data_of(client.get(tea.url))["offers"]

    assert piece["price"] == "2.505"
    assert weighed["price"] == "1.25"
    assert weighed["priceSpecification"]["referenceQuantity"] == {
        "@type": "QuantitativeValue",
        "value": "100",
        "unitCode": "GRM",
    }


def test_the_price_of_a_pack_follows_from_its_comparison_price(client, shop):
    page = make_product(title="Flour", codes=(), categories=[make_category()])
    make_sku(page.product, "FLOUR", price="19.99", stock={shop: "9"}, net_amount=D(25), net_unit="kg")

    assert "25 kg · €0.7996 / kg" in plain(client.get(page.url))
    assert "25 kg · €0.7996 / kg" in plain(client.get("/catalogue/bread/"))


def test_lists_sort_and_filter_by_the_printed_price(client, tea, bolt):
    below = {to: "/products/tea/" in text_of(client.get(f"/catalogue/?to={to}")) for to in ("1", "1.25")}

    assert Product.objects.get(pk=tea.product_id).from_price == D("1.25")
    assert below == {"1": False, "1.25": True}


@pytest.mark.parametrize(
    ("quantity", "before", "after", "text"),
    [
        ("1", "1.951", "1.949", ""),
        ("5", "1.951", "1.949", "The price changed from €1.951 to €1.949 since you added it"),
        ("1", "1.954", "1.955", "The price changed from €1.954 to €1.955 since you added it"),
        ("1", "3.90", "4.20", "The price changed from €3.90 to €4.20 since you added it"),
    ],
)
def test_a_price_change_that_leaves_the_amount_unchanged_is_not_stated(client, shop, at, quantity, before, after, text):
    page = make_product(title="Bun", price=before, codes=("BUN",), stock={shop: "50"})
    add(client, "BUN", quantity)

    set_price(sku_id=page.product.skus.get().pk, amount=D(after), starts_at=None, source="panel", actor=SETUP, at=at)

    shown = plain(client.get("/cart/"))
    assert ("The price changed" in shown) is bool(text)
    assert text in shown


def test_a_changed_price_by_weight_names_its_amount(client, tea, at):
    add(client, "TEA", "350")

    set_price(sku_id=Sku.objects.get(code="TEA").pk, amount=D("0.0135"), starts_at=None, source="", actor=SETUP, at=at)

    assert "The price changed from €1.25 per 100 g to €1.35 per 100 g since you added it" in plain(client.get("/cart/"))


@pytest.fixture
def sand(shop):
    """Return sand at 0.4 cents a gram, of which one gram would be free."""
    page = make_product(title="Sand", codes=())
    make_sku(page.product, "SAND", price="0.004", stock={shop: "900"}, unit="g", step="1", min_quantity=D(1))
    return page


def test_the_minimum_quantity_costs_something(client, sand):
    refused = client.post("/cart/add/", {"code": "SAND", "quantity": "1"}, headers={"Sec-Fetch-Site": "same-origin"})

    assert refused.status_code == 422
    assert "The minimum for “Sand” is 2 g." in plain(refused)
    assert not CartLine.objects.exists()
    assert '<option value="2">2 g</option>' in text_of(client.get(sand.url))


def test_a_cart_that_has_become_free_is_not_ordered(client, sand, at):
    add(client, "SAND", "2")
    set_price(sku_id=Sku.objects.get(code="SAND").pk, amount=D("0.001"), starts_at=None, source="", actor=SETUP, at=at)

    answer = submit(client, confirmed_total="0.00")

    assert answer.status_code == 409
    assert "no longer sold in that quantity" in plain(answer)
    assert not Order.objects.exists()


def test_an_article_that_is_free_even_at_its_maximum_is_not_on_sale(client, shop):
    page = make_product(title="Dust", codes=())
    make_sku(page.product, "DUST", price="0.001", stock={shop: "9"}, unit="g", step="1", max_quantity=D(4))

    assert "This costs too little to be sold." in plain(client.get(page.url))
