"""The table of statuses."""

import pytest

from accounts import roles
from orders.models import Order
from orders.models.status import FINAL
from orders.statuses import (
    CUSTOMER,
    EDGES,
    GATEWAY,
    back_step,
    may_cancel,
    may_recall,
    next_steps,
    road,
    step_to,
    way_to,
)

Status = Order.Status


def like(status, fulfilment="collection"):
    return Order(status=status, fulfilment=fulfilment, payment_method="on_collection")


def test_every_status_can_be_reached_and_every_open_one_can_be_left():
    assert {target for _, target in EDGES} | {Status.AWAITING_PAYMENT} == set(Status)
    assert {source for source, _ in EDGES} >= set(Status) - FINAL


def test_only_late_money_leads_out_of_a_final_status():
    out = [edge for (source, _), edge in EDGES.items() if source in FINAL]

    assert [(edge.source, edge.target) for edge in out] == [(Status.CANCELLED, Status.PLACED)]
    assert "employee" not in out[0].who and CUSTOMER not in out[0].who


def test_an_employee_is_offered_exactly_the_next_step():
    offered = {status: [edge.target for edge in next_steps(like(status), "employee")] for status in Status}

    assert offered == {
        Status.AWAITING_PAYMENT: [],
        Status.PLACED: [Status.PREPARING],
        Status.PREPARING: [Status.READY],
        Status.READY: [Status.COMPLETED],
        Status.IN_TRANSIT: [],
        Status.COMPLETED: [],
        Status.CANCELLED: [],
    }


def test_an_order_for_delivery_leaves_with_the_courier_instead():
    targets = {status: [edge.target for edge in next_steps(like(status, "delivery"), "employee")] for status in Status}

    assert (targets[Status.READY], targets[Status.IN_TRANSIT]) == ([Status.IN_TRANSIT], [Status.COMPLETED])


@pytest.mark.parametrize(
    ("source", "target", "collection", "delivery"),
    [
        ("ready", "completed", True, False),
        ("ready", "in_transit", False, True),
        ("in_transit", "completed", False, True),
        ("preparing", "ready", True, True),
    ],
)
def test_a_step_belongs_to_one_fulfilment_or_to_both(source, target, collection, delivery):
    found = [step_to(like(source, fulfilment), target) is not None for fulfilment in ("collection", "delivery")]

    assert found == [collection, delivery]


def test_the_path_of_an_order_follows_its_fulfilment_and_payment():
    online = Order(status="placed", fulfilment="delivery", payment_method="demo_bank")

    assert road(like("ready")) == ["placed", "preparing", "ready", "completed"]
    assert road(online) == ["awaiting_payment", "placed", "preparing", "ready", "in_transit", "completed"]


def test_the_steps_ahead_of_an_order_are_the_rest_of_its_path():
    assert way_to(like("placed"), "ready") == ["preparing", "ready"]
    assert way_to(like("ready"), "ready") == []
    assert way_to(like("preparing", "delivery"), "completed") == ["ready", "in_transit", "completed"]


def test_a_courier_and_a_customer_are_offered_no_counter_buttons():
    assert not any(next_steps(like(status), kind) for status in Status for kind in ("courier", CUSTOMER, GATEWAY, ""))


def test_a_customer_may_cancel_until_preparation_starts():
    assert [status for status in Status if may_cancel(like(status), CUSTOMER)] == [
        Status.AWAITING_PAYMENT,
        Status.PLACED,
    ]


def test_only_the_designed_steps_can_be_undone():
    assert {status: back_step(status).target for status in Status if back_step(status)} == {
        Status.PREPARING: Status.PLACED,
        Status.READY: Status.PREPARING,
        Status.IN_TRANSIT: Status.READY,
    }


@pytest.mark.parametrize(
    ("right", "source", "target"),
    [
        ("orders.change_status", Status.PLACED, Status.PREPARING),
        ("orders.change_status", Status.READY, Status.PREPARING),
        ("orders.hand_over", Status.READY, Status.COMPLETED),
        ("orders.cancel", Status.PREPARING, Status.CANCELLED),
        ("orders.refund", Status.AWAITING_PAYMENT, Status.PLACED),
    ],
)
def test_a_step_follows_the_right_in_the_table_of_roles(monkeypatch, right, source, target):
    monkeypatch.setitem(roles.RIGHTS, right, roles.Right(frozenset({"courier"}), "", ""))

    who = EDGES[source, target].who

    assert {role for role in roles.ROLES if role in who} == {"courier"}


def test_undoing_other_peoples_steps_follows_the_right_to_change_statuses(monkeypatch):
    assert (may_recall("employee"), may_recall("courier")) == (True, False)

    monkeypatch.setitem(roles.RIGHTS, "orders.change_status", roles.Right(frozenset({"courier"}), "", ""))

    assert (may_recall("employee"), may_recall("courier")) == (False, True)
