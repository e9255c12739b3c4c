"""The orders that staff see and the steps they may undo, on every face."""

import datetime as dt

import pytest

from accounts import roles
from accounts.roles import RIGHTS
from common.actors import WORKER, Actor
from orders.for_staff import find_by_phone, find_by_secret, find_order, recalls, visible_orders
from orders.models import Order, OrderEvent
from orders.services.cancel import cancel_order
from orders.services.change_status import TooLateToUndo, change_status, undo
from orders.statuses import STEP, undo_ends
from orders.tests.factories import actor_of, make_order, make_person, make_shop, take_to_ready

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def anna(db):
    return actor_of(make_person("employee"))


@pytest.fixture
def courier_steps(monkeypatch):
    """Let a courier take steps and undo only their own: the right to recall belongs to the counter."""
    monkeypatch.setitem(RIGHTS, STEP, roles.Right(frozenset({"courier"}), "", ""))
    monkeypatch.setattr("orders.statuses.may_recall", lambda kind: False)


@pytest.mark.parametrize(("role", "seen"), [("employee", 1), ("shop_manager", 2), ("owner", 2)])
def test_past_orders_are_visible_with_the_right_to_them(at, role, seen):
    shop = make_shop()
    old, fresh = make_order(at, shop=shop), make_order(at, shop=shop)
    cancel_order(order_id=old.pk, reason="", actor=WORKER, at=at)
    cancel_order(order_id=fresh.pk, reason="", actor=WORKER, at=at + SECOND)

    visible = visible_orders(role=role, shop_ids=[shop.pk], at=at + SECOND + DAY)

    assert visible.count() == seen
    assert find_order(visible, fresh.number) == fresh


@pytest.mark.parametrize("status", ["awaiting_payment", "placed", "preparing", "ready", "in_transit"])
@pytest.mark.violates  # the status is set without its steps
def test_an_open_order_is_visible_however_old_it_is(at, status):
    order = make_order(at)
    Order.objects.update(status=status, fulfilment="delivery")

    assert list(visible_orders(role="employee", shop_ids=[order.shop_id], at=at + 400 * DAY)) == [order]


@pytest.mark.parametrize("text", ["", "nonsense", "00000000", "\x00" * 8, "9" * 400])
def test_an_unknown_or_foreign_number_finds_nothing(at, text):
    order = make_order(at)
    foreign = make_order(at)
    visible = visible_orders(role="owner", shop_ids=[order.shop_id], at=at)

    assert find_order(visible, text) is None
    assert find_order(visible, foreign.number) is None
    assert find_by_phone(visible, order.phone) == [order]


def test_a_code_finds_its_order_in_any_shop(at):
    order = make_order(at)

    found = find_by_secret(order.collect_secret)

    assert (found, found.due, find_by_secret("")) == (order, order.total, None)


def test_the_counter_recalls_anybodys_step_for_an_hour(at, anna):
    order = take_to_ready(make_order(at), at)
    hour = at + dt.timedelta(hours=1)

    (recall,) = recalls(role="employee", actor=anna, shop_ids=[order.shop_id], at=hour)

    assert (recall.order, recall.event.to_status, recall.is_fresh) == (order, "ready", False)
    assert recalls(role="employee", actor=anna, shop_ids=[order.shop_id], at=hour + SECOND) == []
    assert recalls(role="employee", actor=anna, shop_ids=[], at=hour) == []


def test_ones_own_step_can_be_undone_for_ten_seconds(at, anna):
    order = make_order(at)
    change_status(order_id=order.pk, to="preparing", actor=anna, at=at)

    def is_fresh(moment):
        return recalls(role="employee", actor=anna, shop_ids=[order.shop_id], at=moment)[0].is_fresh

    assert (is_fresh(at + 9 * SECOND), is_fresh(at + 10 * SECOND)) == (True, False)


def test_without_the_right_to_recall_only_ones_own_recent_step_can_be_undone(at, courier_steps):
    cora, carl = actor_of(make_person("courier", name="Cora")), actor_of(make_person("courier", name="Carl"))
    order = make_order(at)
    order = change_status(order_id=order.pk, to="preparing", actor=cora, at=at)

    def seen_by(actor, moment):
        return len(recalls(role="courier", actor=actor, shop_ids=[order.shop_id], at=moment))

    last_moment = at + 10 * SECOND
    assert (seen_by(cora, last_moment), seen_by(carl, last_moment), seen_by(cora, last_moment + SECOND)) == (1, 0, 0)
    for actor, moment in ((carl, last_moment), (cora, last_moment + SECOND)):
        with pytest.raises(TooLateToUndo):
            undo(order_id=order.pk, actor=actor, at=moment)
    assert undo(order_id=order.pk, actor=cora, at=last_moment).status == "placed"


@pytest.mark.parametrize(
    ("kind", "is_own", "minutes"), [("employee", True, 60), ("employee", False, 60), ("courier", True, None)]
)
def test_the_deadline_of_an_undo_follows_the_table(at, kind, is_own, minutes):
    order = Order(status="ready", status_changed_at=at)
    ends = at + dt.timedelta(minutes=minutes) if minutes else None

    assert undo_ends(order, kind, is_own=is_own) == ends
    assert undo_ends(Order(status="placed", status_changed_at=at), kind, is_own=is_own) is None


@pytest.mark.parametrize(
    ("event", "is_theirs"),
    [
        (OrderEvent(actor_id=5, actor_label="Anna"), True),
        (OrderEvent(actor_id=5, actor_label="Ann"), True),
        (OrderEvent(actor_id=6, actor_label="Anna"), False),
        (OrderEvent(actor_id=None, actor_label="Anna"), False),
    ],
)
def test_a_person_is_identified_by_their_account(event, is_theirs):
    assert event.is_by(Actor("Anna", 5)) is is_theirs


def test_a_machine_is_identified_by_its_label():
    assert OrderEvent(actor_label="worker").is_by(WORKER)
    assert not OrderEvent(actor_label="worker", actor_id=5).is_by(WORKER)
    assert not OrderEvent(actor_label="setup").is_by(WORKER)
