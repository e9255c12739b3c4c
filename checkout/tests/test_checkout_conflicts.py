"""The checkout after a change: the message, the fix, and the values kept."""

import datetime as dt
import re
from decimal import Decimal as D

import pytest

from accounts.tests.factories import make_customer
from checkout.models import Cart, CartLine
from checkout.tests.browsing import add, submit, text_of
from common.actors import SETUP
from common.busy import Busy
from orders.models import Order
from products.models import Sku
from products.services.prices import set_price
from products.services.skus import archive_sku
from products.tests.factories import make_product
from stock.models import Reservation
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


def test_a_changed_price_shows_both_totals_and_asks_again(client, loaf, at):
    add(client)
    client.get("/checkout/")
    set_price(sku_id=sku_id(), amount=D("4.10"), starts_at=at, source="hand", actor=SETUP, at=at)

    answer = submit(client)

    text = text_of(answer)
    assert answer.status_code == 409
    assert "It was €7.80, it is €8.20 now." in text
    assert "Loaf</span>: The price changed from €3.90 to €4.10 since you added it." in text
    assert 'class="errors errors--warn"' in text
    assert 'name="confirmed_total" value="8.20"' in text
    assert 'value="Mila Berg"' in text
    assert not Order.objects.exists()
    assert submit(client, confirmed_total="8.20").status_code == 303


def quote_in(answer):
    return re.search(r'name="confirmed_quote" value="([0-9a-f]{16})"', text_of(answer))[1]


def test_prices_that_changed_with_the_same_total_are_shown_again(client, loaf, shop, at):
    make_product(title="Bun", price="3.90", codes=("BUN",), stock={shop: "9"})
    add(client, quantity="1")
    add(client, code="BUN", quantity="1")
    shown = quote_in(client.get("/checkout/"))
    for code, amount in (("LOAF", "3.40"), ("BUN", "4.40")):
        found = Sku.objects.get(code=code).pk
        set_price(sku_id=found, amount=D(amount), starts_at=at, source="hand", actor=SETUP, at=at)

    answer = submit(client, confirmed_quote=shown)

    text = text_of(answer)
    assert answer.status_code == 409
    assert "Something in your cart has changed, although the total is the same." in text
    assert "Loaf</span>: The price changed from €3.90 to €3.40 since you added it." in text
    assert "Bun</span>: The price changed from €3.90 to €4.40 since you added it." in text
    assert not Order.objects.exists()
    assert submit(client, confirmed_quote=quote_in(answer)).status_code == 303


def test_a_quote_that_was_never_shown_places_no_order(client, loaf):
    add(client)

    assert submit(client, confirmed_quote="0" * 16).status_code == 409
    assert submit(client, confirmed_quote="x" * 65).status_code == 422
    assert not Order.objects.exists()


@pytest.mark.parametrize("total", ["", "abc", "7.801", "-7.80", "NaN"])
def test_an_invalid_total_places_no_order(client, loaf, total):
    add(client)

    answer = submit(client, confirmed_total=total)

    assert answer.status_code in (409, 422)
    assert 'name="confirmed_total" value="7.80"' in text_of(answer)
    assert not Order.objects.exists()


def test_a_short_line_is_named_with_its_fix(client, loaf, shop, at):
    add(client, quantity="5")
    count(shop_id=shop.pk, sku_id=sku_id(), counted=D(3), actor=SETUP, at=at)

    answer = submit(client, confirmed_total="19.50")

    text = text_of(answer)
    assert answer.status_code == 409
    assert "Loaf</span>: Only 3 pc left at Canal." in text
    assert 'form="checkout" name="fix" value="LOAF=3"' in text
    assert not Order.objects.exists() and not Reservation.objects.exists()


def test_a_fix_at_the_checkout_keeps_the_entered_values(client, loaf, shop, at):
    add(client, quantity="5")

    answer = submit(client, fix="LOAF=3", name="Mila", phone="12", shop="market", comment="No bag")

    text = text_of(answer)
    assert answer.status_code == 200
    assert CartLine.objects.get().quantity == D(3)
    assert 'value="Mila"' in text and 'value="12"' in text and "No bag" in text
    assert 'name="confirmed_total" value="11.70"' in text
    assert "There is a problem" not in text
    assert re.search(r'value="market"[^>]* checked', text)
    assert not Order.objects.exists()


def test_removing_the_last_line_leads_to_the_empty_cart(client, loaf):
    add(client)

    assert submit(client, fix="LOAF=0")["Location"] == "/cart/"
    assert not CartLine.objects.exists()


@pytest.mark.parametrize("fix", ["", "LOAF", "LOAF=x", "LOAF=0.5", "OTHER=1", "=1"])
def test_a_broken_fix_changes_nothing(client, loaf, fix):
    add(client)

    answer = submit(client, fix=fix)

    assert answer.status_code == 409
    assert 'value="Mila Berg"' in text_of(answer)
    assert CartLine.objects.get().quantity == D(2)


def test_a_paused_shop_names_the_others(client, loaf, shop, at):
    add(client)
    pause(shop_id=shop.pk, until=at + dt.timedelta(hours=2), actor=SETUP, at=at)

    answer = submit(client)

    text = text_of(answer)
    assert answer.status_code == 409
    assert re.search(r"These shops take orders:.*Market", text)
    assert submit(client, shop="market").status_code == 303


def test_an_article_no_longer_sold_is_named(client, loaf, shop, at):
    make_product(title="Bun", price="1.00", codes=("BUN",), stock={shop: "10"})
    add(client)
    add(client, "BUN", "1")
    archive_sku(sku_id=Sku.objects.get(code="BUN").pk, actor=SETUP, at=at)

    answer = submit(client, confirmed_total="8.80")

    text = text_of(answer)
    assert answer.status_code == 409
    assert 'name="fix" value="BUN=0"' in text
    assert not Order.objects.exists()


def test_a_busy_shop_asks_to_try_again(client, loaf, monkeypatch):
    def busy(**wanted):
        raise Busy("The shop is very busy right now.", extra={"retry_after": 2})

    monkeypatch.setattr("checkout.views.checkout.submit_checkout", busy)
    add(client)

    answer = submit(client)

    assert (answer.status_code, answer["Retry-After"]) == (503, "2")
    assert 'value="Mila Berg"' in text_of(answer)


def key_in(answer):
    return re.search(r'name="cart_key" value="([^"]+)"', text_of(answer))[1]


def test_a_stale_page_leads_to_its_own_order_and_not_to_the_current_cart(client, loaf):
    client.force_login(make_customer())
    add(client)
    shown = key_in(client.get("/checkout/"))
    first = submit(client, cart_key=shown)
    add(client)

    again = submit(client, cart_key=shown)

    assert again["Location"] == first["Location"]
    assert Order.objects.count() == 1
    assert CartLine.objects.filter(cart__closed_at=None).get().quantity == D(2)


def test_a_page_of_another_cart_shows_the_current_one_and_asks_again(client, loaf):
    add(client)
    shown = key_in(client.get("/checkout/"))
    submit(client, cart_key=shown)
    add(client)

    answer = submit(client, cart_key=shown)

    assert answer.status_code == 409
    assert "This page showed another cart." in text_of(answer)
    assert 'value="Mila Berg"' in text_of(answer)
    assert Order.objects.count() == 1
    assert submit(client, cart_key=key_in(answer)).status_code == 303
    assert Order.objects.count() == 2


def test_an_invalid_cart_key_is_asked_for_again(client, loaf):
    add(client)

    answer = submit(client, cart_key="rubbish")

    assert answer.status_code == 422
    assert key_in(answer) == str(Cart.objects.get().public_id)
    assert not Order.objects.exists()


def test_a_post_of_three_megabytes_gets_a_page_of_ours(client, loaf):
    add(client)

    answer = submit(client, comment="x" * 3_000_000)

    assert answer.status_code == 400
    assert "Nothing was changed." in text_of(answer)
    assert CartLine.objects.get().quantity == D(2)


def test_a_value_that_is_too_long_is_named(client, loaf):
    add(client)

    text = text_of(submit(client, name="x" * 151, comment="y" * 501))

    assert "Keep the name under 150 characters." in text
    assert "Keep the note under 500 characters; it has 501." in text
