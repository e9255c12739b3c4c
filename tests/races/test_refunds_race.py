"""Twenty refunds of one order at once (PAY-07): real HTTP, several workers, real PostgreSQL.

A manager's browser sends twenty different forms for one order, each a refund of its own; together they would refund
several times what was paid.
"""

import itertools
from decimal import Decimal

import pytest
from django.db import connection

from orders.models import OrderLine, Payment, Refund, RefundDocument, RefundDocumentLine
from orders.payments.balance import kept
from orders.tests.factories import make_sku
from staff.tests.factories import make_collected, make_employee, make_shop, sign_in
from stock.models import StockMovement
from tests.races.harness import BUYERS, ROUNDS, TOKEN, Shop, broken, comes_up, deadlocks, running

pytestmark = pytest.mark.django_db(transaction=True)
NONCES = itertools.count()
# Four pieces at 2.60: by amount ten refunds of 1.00 fit, by line four of one piece each.
TOTAL, AMOUNT = Decimal("10.40"), Decimal("1.00")


@pytest.fixture
def counter():
    assert connection.vendor == "postgresql", "a race on SQLite proves nothing"
    return make_shop()


class Manager:
    """A manager's browser."""

    def __init__(self, site: Shop, counter) -> None:
        self.site = site
        user = make_employee(counter, role="shop_manager", name="Berta Berg")
        self.cookies = {"sessionid": sign_in(user).cookies["sessionid"].value, "csrftoken": TOKEN}

    def refunds(self, order, line: OrderLine | None) -> bytes:
        """Return the confirmed form of one refund: of a piece of a line, or of an amount."""
        form = {
            "csrfmiddlewaretoken": TOKEN,
            "nonce": f"nonce-{next(NONCES):06}",
            "reason": "damaged",
            "confirm": "1",
            **(
                {"kind": "lines", f"quantity_{line.pk}": "1", f"goods_{line.pk}": "shelf"}
                if line
                else {"kind": "amount", "amount": str(AMOUNT)}
            ),
        }
        return self.site.post(f"/staff/orders/{order.number}/refund/", form, self.cookies)


def refund_at_once(manager: Manager, counter, sku, *, by_line: bool) -> list[str]:
    """Race one round; return the faults."""
    order = make_collected(manager.site.now(), shop=counter, sku=sku, quantity="4", stock="4")
    line = order.lines.get() if by_line else None

    answers = manager.site.at_once([manager.refunds(order, line) for _ in range(BUYERS)])

    fits = 4 if by_line else int(TOTAL / AMOUNT)
    made = RefundDocument.objects.filter(order=order)
    refunds = Refund.objects.filter(payment__order=order, state="done")
    found = {
        "made": sum(answer.status == 303 for answer in answers),
        # Refused after the form was read, or under the lock.
        "refused": sum(answer.status in (409, 422) for answer in answers),
        "documents": sorted(made.values_list("amount", flat=True)),
        "refunds": sorted(refunds.values_list("amount", flat=True)),
        "back": sum(RefundDocumentLine.objects.filter(line=line).values_list("quantity", flat=True)),
        "shelf": sum(
            StockMovement.objects.filter(reference=order.number, kind="return").values_list("quantity", flat=True)
        ),
        "kept": kept(order),
    }
    each = TOTAL / 4 if by_line else AMOUNT
    wanted = {
        "made": fits,
        "refused": BUYERS - fits,
        "documents": [each] * fits,
        "refunds": [each] * fits,
        "back": fits if by_line else 0,
        "shelf": fits if by_line else 0,
        "kept": TOTAL - each * fits,
    }
    return [] if found == wanted else [str(found)]


@pytest.mark.parametrize("by_line", [True, False], ids=["a piece of a line each", "an amount each"])
def test_pay_07_no_more_is_refunded_at_once_than_was_captured(counter, tmp_path, by_line):
    sku, rounds = make_sku(), max(ROUNDS // 10, 5)
    with running(tmp_path) as site:
        before, manager = deadlocks(), Manager(site, counter)
        for number in range(rounds):
            assert refund_at_once(manager, counter, sku, by_line=by_line) == [], f"round {number}"

        print(f"PAY-07: {rounds} rounds of {BUYERS}")  # noqa: T201
        assert Payment.objects.count() == rounds
        assert deadlocks() == before
        assert broken(site) == {}


@pytest.mark.violates
@pytest.mark.parametrize("by_line", [True, False], ids=["a piece of a line each", "an amount each"])
def test_pay_07_is_detected_when_orders_are_not_locked(counter, tmp_path, by_line):
    sku = make_sku()
    with running(tmp_path, locks_off=True) as site:
        manager = Manager(site, counter)

        assert comes_up(lambda _: refund_at_once(manager, counter, sku, by_line=by_line))
