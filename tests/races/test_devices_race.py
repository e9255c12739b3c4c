"""Races of one customer's devices, whose guest carts are merged in the account, and of workers on one outbox."""

import datetime as dt
import time

import pytest
from django.core import signing
from django.db import connection

from accounts.tests.factories import make_customer
from checkout.carts import COOKIE, SALT
from checkout.models import Cart, CartLine
from common.models import OutboxMessage
from common.outbox.services import deliver_due, enqueue
from products.models import Sku
from products.tests.factories import make_product, make_tree
from staff.tests.factories import sign_in
from stock.tests.factories import make_shop
from tests.races.hands import Hands, hired, outcomes
from tests.races.harness import PRICE, ROUNDS, Shop, broken, comes_up, deadlocks, running

pytestmark = pytest.mark.django_db(transaction=True)
DEVICES, GOODS, MESSAGES = 3, 6, 60
VISITS = max(10, ROUNDS // 5)


@pytest.fixture
def skus():
    assert connection.vendor == "postgresql", "a race on SQLite proves nothing"
    make_tree()
    codes = [f"TEA-{n}" for n in range(GOODS)]
    make_product(title="Tea", price=str(PRICE), codes=codes, stock={make_shop("canal"): 1000})
    return list(Sku.objects.order_by("pk"))


def guest_cart(site: Shop, wanted: dict[Sku, int]) -> Cart:
    at = site.now()
    cart = Cart.objects.create(created_at=at, updated_at=at)
    CartLine.objects.bulk_create(
        CartLine(cart=cart, sku=sku, quantity=quantity, price_seen=PRICE, added_at=at)
        for sku, quantity in wanted.items()
    )
    return cart


def meet(site: Shop, sessions: list[str], skus: list[Sku], number: int) -> list[str]:
    """Merge each device's guest cart into the account at once, from two tabs each; return the faults."""
    Cart.objects.all().delete()
    carts = [
        guest_cart(site, {sku: 1 + (number + device + place) % 4 for place, sku in enumerate(skus) if place != device})
        for device in range(DEVICES)
    ]
    largest = {sku.pk: max(line.quantity for line in CartLine.objects.filter(sku=sku)) for sku in skus}
    requests = []
    for cart, session in zip(carts, sessions, strict=True):
        signed = signing.get_cookie_signer(salt=COOKIE + SALT).sign(cart.token)
        look = site.request("GET", "/cart/", {"Cookie": f"sessionid={session}; {COOKIE}={signed}"})
        requests += [look, look]

    answers = site.at_once(requests)

    found = {
        "answers": {answer.status for answer in answers},
        "carts": Cart.objects.count(),
        "lines": dict(CartLine.objects.values_list("sku_id", "quantity")),
    }
    return [] if found == {"answers": {200}, "carts": 1, "lines": largest} else [str(found)]


def test_carts_of_several_devices_are_merged_and_lose_nothing(skus, tmp_path):
    customer, began = make_customer(), time.monotonic()
    sessions = [sign_in(customer).cookies["sessionid"].value for _ in range(DEVICES)]
    with running(tmp_path) as site:
        before = deadlocks()
        for number in range(VISITS):
            assert meet(site, sessions, skus, number) == [], f"round {number}"
        assert deadlocks() == before
        assert broken(site) == {}

    print(f"Devices: {VISITS} rounds in {time.monotonic() - began:.0f} s")  # noqa: T201


@pytest.mark.violates
def test_the_race_is_detected_when_carts_are_not_locked_for_merging(skus, tmp_path):
    customer = make_customer()
    sessions = [sign_in(customer).cookies["sessionid"].value for _ in range(DEVICES)]
    with running(tmp_path, locks_off=True) as site:
        assert comes_up(lambda number: meet(site, sessions, skus, number))


def deliver_together(site: Shop, hands: Hands, skus: list[Sku]) -> list[str]:
    """Run three workers on a queue; return the faults."""
    OutboxMessage.objects.all().delete()
    at, shop_id = site.now(), skus[0].levels.get().shop_id
    for number in range(MESSAGES):
        payload = {"sku_id": skus[0].pk, "shop_id": shop_id, "band": 2}
        enqueue(event="stock.band_changed", key=f"race:{number}", payload=payload, at=at - dt.timedelta(seconds=1))

    work = [hands.submit(deliver_due, at=at, limit=MESSAGES) for _ in range(3)]

    delivered, faults = outcomes(work)
    done = list(OutboxMessage.objects.exclude(done_at=None).values_list("attempts", flat=True))
    if (sum(delivered), done) != (MESSAGES, [1] * MESSAGES):
        faults.append(f"delivered {delivered}, attempts {done}")
    return faults


def test_three_workers_deliver_each_message_once(skus, tmp_path):
    with running(tmp_path, workers=1) as site, hired(3, site.environment) as hands:
        before = deadlocks()
        for number in range(VISITS):
            assert deliver_together(site, hands, skus) == [], f"round {number}"
        assert deadlocks() == before


@pytest.mark.violates
def test_the_race_is_detected_when_messages_are_not_locked(skus, tmp_path):
    with running(tmp_path, workers=1, locks_off=True) as site, hired(3, site.environment) as hands:
        assert comes_up(lambda _: deliver_together(site, hands, skus))
