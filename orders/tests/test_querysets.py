"""Orders, payments and refunds by state, filtered in one place."""

import ast
import re

import pytest

from orders.models import Order, Payment, Refund
from orders.models.status import FINAL, OPEN, WITH_THE_SHOP, Status, values
from orders.tests.factories import make_order
from tests.sources import sources

# A filter on a group of statuses or states, of orders, payments or refunds.
GROUP = re.compile(r"(^|(order|payment|refund)s?__)(status|state)__in$")
OURS = ("orders/", "checkout/", "staff/", "storefront/")


def test_groups_of_statuses_are_filtered_by_the_querysets_only():
    found = [
        f"{source.name}:{node.value.lineno} {node.arg}"
        for source in sources()
        if source.name.startswith(OURS) and not source.name.startswith(("orders/models/", "orders/migrations/"))
        for node in ast.walk(source.tree)
        if isinstance(node, ast.keyword) and GROUP.search(node.arg or "")
    ]

    assert not found


def test_every_status_is_unpaid_open_or_final():
    assert values(OPEN) == ["placed", "preparing", "ready", "in_transit"]
    assert values(FINAL) == ["completed", "cancelled"]
    assert OPEN | FINAL | {Status.AWAITING_PAYMENT} == set(Status)
    assert {Status.READY} == OPEN - WITH_THE_SHOP


@pytest.mark.django_db
@pytest.mark.violates  # statuses are set without their steps
def test_orders_are_found_by_their_stage(at):
    for status in Status:
        order = make_order(at)
        Order.objects.filter(pk=order.pk).update(status=status, fulfilment="delivery")

    def found(orders):
        return list(orders.order_by("pk").values_list("status", flat=True))

    assert found(Order.objects.open()) == values(OPEN)
    assert found(Order.objects.ended()) == values(FINAL)
    assert found(Order.objects.unfinished()) == ["awaiting_payment", *values(OPEN)]


@pytest.mark.django_db
@pytest.mark.violates  # states are set without their history
def test_payments_and_refunds_are_found_by_their_state(at):
    order = make_order(at, online=True)
    for state in Payment.State:
        money = {"amount": order.total, "currency": "EUR", "created_at": at}
        payment = Payment.objects.create(order=order, gateway="demo_bank", state=state, **money)
    for state in Refund.State:
        Refund.objects.create(payment=payment, amount=1, state=state, created_at=at)

    def found(rows):
        return list(rows.order_by("pk").values_list("state", flat=True))

    assert found(order.payments.captured()) == ["captured"]
    assert found(order.payments.parked()) == ["parked"]
    assert found(order.payments.undecided()) == ["pending", "authorised", "parked"]
    assert found(order.payments.under_way()) == ["authorised", "parked"]
    assert found(payment.refunds.covering()) == ["pending", "done", "outside"]
    assert found(payment.refunds.promised()) == ["pending", "done", "failed", "outside"]
    assert found(payment.refunds.failed()) == ["failed"]
