"""HEAD changes nothing at any address: link checkers and previews send it with a visitor's cookies."""

import pytest
from django.db import connection
from django.test import Client

from accounts.tests.factories import make_customer
from checkout.models import Cart
from checkout.notes import full
from checkout.tests.factories import make_cart
from common import clock
from products.tests.factories import make_product
from staff.tests.factories import make_employee
from stock.tests.factories import make_shop
from tests.access_matrix import OURS
from tests.test_access import address, exists
from tests.touched import text_of

pytestmark = pytest.mark.django_db
WRITES = ("INSERT", "UPDATE", "DELETE")
# Attempts to guess a secret count, whatever the method.
LIMITS = 'INSERT INTO "common_throttlecount"'


@pytest.fixture
def shop():
    shop = make_shop()
    make_product(title="Loaf", codes=("LOAF",), stock={shop: "9"})
    make_product(title="Bun", codes=("BUN",), stock={shop: "9"})
    return shop


def paths() -> list[str]:
    pages = ["/", "/products/loaf/", "/products/loaf/?sku=LOAF", "/cart/?removed=LOAF&quantity=2"]
    return [*pages, *(address(row) for row in OURS if exists(row))]


def head(client: Client, path: str) -> list[str]:
    """Return the writes that a HEAD request makes, and whether it sets a cookie."""
    found = []

    def note(execute, sql, params, many, context):
        text = text_of(sql)
        if text.startswith(WRITES) and not text.startswith(LIMITS):
            found.append(f"{path}: {text[:120]}")
        return execute(sql, params, many, context)

    before = dict(client.cookies.items())
    with connection.execute_wrapper(note):
        client.head(path)
    # The token of a form identifies nobody.
    kept = {name for name in client.cookies if name not in before} - {"csrftoken"}
    return [*found, *(f"{path}: cookie {name}" for name in kept)]


@pytest.mark.parametrize("who", ["guest", "customer with a guest's cart", "employee"])
def test_nothing_is_written_and_no_cookie_set(shop, who):
    client, guest = Client(), make_cart(clock.now(), LOAF="2")
    client.post("/cart/add/", {"code": "LOAF", "quantity": "1"}, headers={"Sec-Fetch-Site": "same-origin"})
    if who != "guest":
        client.force_login(make_customer() if who.startswith("customer") else make_employee(shop))
    client.get("/")
    Cart.objects.update(notes=[full()], updated_at=clock.now().replace(year=2020))
    cart = client.cookies["cart"].value

    writes = [line for path in paths() for line in head(client, path)]

    assert writes == []
    assert client.cookies["cart"].value == cart
    assert Cart.objects.filter(notes=[full()]).count() == Cart.objects.count() == 2
    assert guest.lines.count() == 1
