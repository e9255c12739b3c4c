"""The shop's main path on whichever database is configured: `make test` runs it on PostgreSQL and on SQLite."""

import json
import re
from decimal import Decimal

import pytest
from django.core.management import call_command

from orders.models import Order
from products.tests.factories import make_product, make_tree
from stock.models import Reservation, StockLevel
from stock.services.reserve import OutOfStock, release, reserve
from stock.tests.factories import make_shop

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db]
OURS = {"HTTP_SEC_FETCH_SITE": "same-origin"}
BUYER = {"name": "Mila Berg", "phone": "020 555 0142", "email": "mila@example.com", "shop": "canal"}


@pytest.fixture
def shop():
    make_tree()
    shop = make_shop(code="canal", letter="A")
    make_product(title="Loaf", price="3.90", codes=("LOAF",), stock={shop: "10"})
    make_product(title="Cheese", price="27.00", codes=("CHEESE",), stock={shop: "0.3"}, unit="kg", step="0.1")
    return shop


def level(code: str) -> StockLevel:
    return StockLevel.objects.get(sku__code=code)


def test_a_guest_buys_two_loaves_and_a_piece_of_cheese_for_collection(client, shop):
    client.post("/cart/add/", {"code": "LOAF", "quantity": "2"}, **OURS)
    client.post("/cart/add/", {"code": "CHEESE", "quantity": "0.3"}, **OURS)
    page = client.get("/checkout/").content.decode()
    total = re.search(r'name="confirmed_total"[^>]*value="([\d.]+)"|value="([\d.]+)"[^>]*name="confirmed_total"', page)

    answer = client.post(
        "/checkout/", {**BUYER, "payment_method": "on_collection", "confirmed_total": total[1] or total[2]}, **OURS
    )

    order = Order.objects.get()
    assert answer.status_code in (302, 303)
    assert answer.headers["Location"].endswith(f"/orders/{order.token}/")
    assert order.total == Decimal("15.90")
    assert order.status == Order.Status.PLACED
    assert level("LOAF").reserved == 2
    assert level("CHEESE").reserved == Decimal("0.3")
    assert client.get(f"/orders/{order.token}/").status_code == 200


@pytest.mark.parametrize(("word", "found"), [("loaf", True), ("LOAF", True), ("motorcycle", False)])
def test_search_finds_a_product(client, shop, word, found):
    call_command("rebuild_references_index", verbosity=0)
    call_command("update_index", verbosity=0)

    page = client.get("/search/", {"q": word})

    assert page.status_code == 200
    assert ('href="/products/loaf/"' in page.content.decode()) is found


def test_three_tenths_can_be_sold_as_one_tenth_and_two_tenths(shop, at):
    """SQLite computes decimals as floats: without rounding the second buyer is refused."""
    sku = level("CHEESE").sku_id

    reserve(shop_id=shop.pk, wanted={sku: Decimal("0.1")}, reference="AAAAAAAA", expires_at=None, at=at)
    reserve(shop_id=shop.pk, wanted={sku: Decimal("0.2")}, reference="BBBBBBBB", expires_at=None, at=at)
    with pytest.raises(OutOfStock):
        reserve(shop_id=shop.pk, wanted={sku: Decimal("0.1")}, reference="CCCCCCCC", expires_at=None, at=at)

    assert level("CHEESE").reserved == Decimal("0.3")
    assert Reservation.objects.count() == 2
    # They may not remain without their orders.
    assert release(reference="AAAAAAAA", at=at) + release(reference="BBBBBBBB", at=at) == 2


def test_the_invariants_are_checked_on_this_database(shop, capsys):
    call_command("check_invariants", "--json")

    report = json.loads(capsys.readouterr().out)
    assert report["ok"], report
    assert len(report["checks"]) > 10
