"""Many documents issued at the same moment: consecutive numbers, none twice, none lost by a rollback."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections, transaction

from common.actors import GUEST
from orders.models import Document, DocumentSeries, Order
from orders.services.documents import issue_receipt
from orders.tests.factories import make_order, make_shop, pay_at_counter

pytestmark = pytest.mark.django_db(transaction=True)
BUYERS = 20


class GivenUp(Exception):
    """Something after the issue went wrong."""


def at_once(orders: list[Order], at, failing: set[int] = frozenset()) -> list[int | None]:
    """Issue receipts at the same moment, each on its own connection; return their numbers, None where it failed."""
    assert connection.vendor == "postgresql", "a race on SQLite proves nothing"
    start = threading.Barrier(len(orders))

    def issue(order: Order) -> int | None:
        start.wait()
        try:
            with transaction.atomic():
                document = issue_receipt(order_id=order.pk, actor=GUEST, at=at)
                if order.pk in failing:
                    raise GivenUp
            return document.number
        except GivenUp:
            return None
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(orders)) as pool:
        return list(pool.map(issue, orders))


@pytest.fixture
def orders(at) -> list[Order]:
    shop = make_shop()
    made = [make_order(at, shop=shop) for _ in range(BUYERS)]
    for order in made:
        pay_at_counter(order, at)
    return made


def test_twenty_receipts_at_once_get_twenty_consecutive_numbers(orders, at):
    numbers = at_once(orders, at)

    assert sorted(numbers) == list(range(1, BUYERS + 1))
    assert DocumentSeries.objects.get().last_number == BUYERS


def test_issues_that_are_rolled_back_leave_no_gap(orders, at):
    failing = {order.pk for order in orders[::3]}

    numbers = at_once(orders, at, failing)

    issued = [number for number in numbers if number is not None]
    assert len(issued) == BUYERS - len(failing)
    assert sorted(issued) == list(range(1, len(issued) + 1))
    assert DocumentSeries.objects.get().last_number == len(issued)


def test_one_order_asked_for_by_everybody_gets_one_receipt(orders, at):
    numbers = at_once([orders[0]] * BUYERS, at)

    assert set(numbers) == {1}
    assert Document.objects.count() == 1
