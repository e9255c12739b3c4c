"""A bank that accepts connections and stays silent, and more buyers than threads: few threads wait for it.

One process with eight threads, as in `make run`; the bank counts the requests waiting for it.
"""

import pytest

from common import clock
from orders.gateways.circuit import CALLS_AT_ONCE
from orders.models import GatewayOutage, Payment, PaymentEvent
from orders.tests.factories import make_order
from orders.tests.odd_server import odd_server
from stock.models import Shop as Place
from stock.tests.factories import make_shop
from tests.races.harness import broken, running

pytestmark = pytest.mark.django_db(transaction=True)
THREADS, BUYERS = 8, 40
TOKEN = "a" * 32


@pytest.fixture
def bank():
    with odd_server() as server:
        yield server


@pytest.fixture
def shop(tmp_path, bank, settings):
    make_shop("canal")
    with running(tmp_path, workers=1, threads=THREADS, bank_url=bank.url) as site:
        settings.TEST_CLOCK_OFFSET = site.offset
        yield site
        assert broken(site) == {}


def buyers_at_the_bank(shop, bank, number):
    """Return a number of orders with an open payment, as if the bank had answered until now."""
    at, point = clock.now(), Place.objects.get()
    orders = [make_order(at, online=True, shop=point, stock="2") for _ in range(number)]
    Payment.objects.bulk_create(
        Payment(
            order=order, gateway="demo_bank", amount=order.total, currency="EUR", created_at=at,
            provider_ref=f"pay_{order.number}", redirect_url=f"{bank.url}/pay/{order.number}",
        )
        for order in orders
    )  # fmt: skip
    return orders


def test_returning_buyers_keep_nobody_from_browsing(shop, bank):
    orders = buyers_at_the_bank(shop, bank, BUYERS)
    returns = [shop.request("GET", f"/orders/{order.token}/return/") for order in orders]
    healthz = [shop.request("GET", "/healthz") for _ in range(5)]

    answers = shop.at_once([*returns, *healthz])
    reloads = shop.at_once([*returns, *healthz])

    for wave in (answers, reloads):
        assert [answer.status for answer in wave] == [303] * BUYERS + [200] * 5
    assert bank.most_at_once <= CALLS_AT_ONCE
    # A few first, then one after each pause: nearly everybody is left to the worker at once.
    assert bank.asked < BUYERS / 4
    waiting = PaymentEvent.objects.filter(kind="return", processed_at=None)
    assert waiting.count() == BUYERS
    assert GatewayOutage.objects.filter(gateway="demo_bank").exists()


def test_the_bank_is_asked_once_about_a_buyer_who_reloads(shop, bank):
    [order] = buyers_at_the_bank(shop, bank, 1)
    reloading = [shop.request("GET", f"/orders/{order.token}/return/")] * BUYERS

    answers = shop.at_once(reloading)

    assert {answer.status for answer in answers} == {303}
    assert (bank.asked, PaymentEvent.objects.count()) == (1, 1)


def test_paying_buyers_keep_nobody_from_browsing(shop, bank):
    at, point = clock.now(), Place.objects.get()
    orders = [make_order(at, online=True, shop=point, stock="2") for _ in range(BUYERS)]
    pays = [
        shop.post(f"/orders/{order.token}/pay/", {"csrfmiddlewaretoken": TOKEN}, {"csrftoken": TOKEN})
        for order in orders
    ]
    healthz = [shop.request("GET", "/healthz") for _ in range(5)]

    answers = shop.at_once([*pays, *healthz])

    assert [answer.status for answer in answers[BUYERS:]] == [200] * 5
    assert {answer.status for answer in answers[:BUYERS]} == {503}
    assert bank.most_at_once <= CALLS_AT_ONCE
    assert bank.asked < BUYERS / 4
    assert {*Payment.objects.values_list("state", flat=True)} == {"pending"}
