"""Two scanners at one order (STF-02): one hand-over, one payment, one issue of stock."""

import os

import pytest

from common.actors import WORKER
from common.registry import invariants
from orders.models import HandOver, Payment
from orders.services.change_status import change_status
from orders.services.hand_over import hand_over
from orders.tests.factories import make_order, make_sku
from stock.models import StockLevel
from tests.races.test_payments_race import make_only_shop, together

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 20 if os.environ.get("SHORT") else int(os.environ.get("ROUNDS", "50"))
CONTROL_ROUNDS = 200
CHECKED = {"I01", "I02", "I09", "I11", "I14", "I15"}


def two_scanners(at):
    """Race one round; return what is wrong afterwards."""
    shop, sku = make_only_shop(), make_sku()
    order = make_order(at, shop=shop, sku=sku, stock="2")
    change_status(order_id=order.pk, to="preparing", actor=WORKER, at=at)
    change_status(order_id=order.pk, to="ready", actor=WORKER, at=at)
    answers = []

    def scan(nonce):
        answer = hand_over(order_id=order.pk, nonce=nonce, taken="cash", actor=WORKER, at=at, shop_ids=[shop.pk])
        answers.append(answer.code)

    errors = together(lambda: scan("first"), lambda: scan("second"), lambda: scan("second"))

    codes = sorted(set(answers))
    counts = (HandOver.objects.filter(order=order).count(), Payment.objects.filter(order=order).count())
    level = StockLevel.objects.get(sku=sku)
    wrong = [repr(error) for error in errors]
    if (
        codes not in (["already_collected", "handed_over"],)
        or counts != (1, 1)
        or (level.on_hand, level.reserved) != (0, 0)
    ):
        wrong.append(f"{sorted(answers)}, {counts}, {level}")
    return wrong


def test_stf_02_two_scanners_hand_over_once(at):
    seen = [wrong for _ in range(ROUNDS) if (wrong := two_scanners(at))]

    assert seen == []
    assert not [check.id for check in invariants() if check.id in CHECKED and list(check.find(at))]


@pytest.mark.violates
def test_stf_02_is_seen_when_orders_are_not_locked(at, settings):
    settings.TEST_LOCKS_OFF = True

    assert any(two_scanners(at) for _ in range(CONTROL_ROUNDS))
