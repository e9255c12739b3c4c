"""Moving an order on, and undoing the step."""

import datetime as dt

import pytest

from common.actors import GUEST, Actor
from common.models import OutboxMessage
from orders.ledger import OrderGone
from orders.models import Order
from orders.services.cancel import cancel_order
from orders.services.change_status import (
    AlreadyChanged,
    NotYourStep,
    StepRefused,
    TooLateToUndo,
    change_status,
    undo,
)
from orders.services.hand_over import hand_over
from orders.tests.factories import actor_of, make_order, make_person, take_to

pytestmark = pytest.mark.django_db
Status = Order.Status


@pytest.fixture
def anna():
    return actor_of(make_person("employee"))


@pytest.fixture
def ready(at, anna):
    return take_to(make_order(at), Status.READY, at, anna)


def test_a_step_writes_status_version_and_event(at, anna):
    order = make_order(at)

    change_status(order_id=order.pk, to=Status.PREPARING, actor=anna, at=at + dt.timedelta(minutes=1))

    order.refresh_from_db()
    event = order.events.last()
    assert (order.status, order.version, order.status_changed_at) == ("preparing", 2, at + dt.timedelta(minutes=1))
    assert (event.from_status, event.to_status, event.actor_id, event.actor_label) == (
        "placed",
        "preparing",
        anna.user_id,
        "Anna",
    )


@pytest.mark.parametrize("to", [Status.READY, Status.COMPLETED, Status.CANCELLED, Status.IN_TRANSIT, "nonsense", ""])
def test_a_step_outside_the_table_or_reserved_for_a_service_is_refused(at, anna, to):
    order = make_order(at)

    with pytest.raises(StepRefused):
        change_status(order_id=order.pk, to=to, actor=anna, at=at)

    order.refresh_from_db()
    assert (order.status, order.version, order.events.count()) == ("placed", 1, 1)


def test_an_order_for_collection_cannot_go_to_a_courier(at, anna, ready):
    with pytest.raises(StepRefused):
        change_status(order_id=ready.pk, to=Status.IN_TRANSIT, actor=anna, at=at)


@pytest.mark.parametrize("role", [None, "courier", "editor", "price_manager"])
def test_other_roles_can_take_no_step(at, role):
    order = make_order(at)
    actor = actor_of(make_person(role))

    with pytest.raises(NotYourStep):
        change_status(order_id=order.pk, to=Status.PREPARING, actor=actor, at=at)


def test_a_guest_can_take_no_step(at):
    order = make_order(at)

    with pytest.raises(NotYourStep):
        change_status(order_id=order.pk, to=Status.PREPARING, actor=GUEST, at=at)


def test_an_order_for_delivery_goes_with_the_courier_without_a_ready_email(at, anna):
    order = make_order(at)
    Order.objects.update(fulfilment="delivery")
    take_to(order, Status.READY, at, anna)
    given = hand_over(order_id=order.pk, nonce="n", taken="cash", actor=anna, at=at, shop_ids=[order.shop_id])

    change_status(order_id=order.pk, to=Status.IN_TRANSIT, actor=anna, at=at)

    order.refresh_from_db()
    assert given.code == "not_ready"
    assert (order.status, order.expires_at) == ("in_transit", at + dt.timedelta(minutes=30))
    assert not OutboxMessage.objects.filter(event="order.ready").exists()


def test_a_stale_view_is_told_who_changed_the_order_and_when(at, anna, ready):
    ben = actor_of(make_person("employee", name="Ben"))

    with pytest.raises(AlreadyChanged) as refusal:
        change_status(order_id=ready.pk, to=Status.READY, actor=ben, at=at, expected_version=2)

    assert refusal.value.extra == {"status": "ready", "by": "Anna", "when": at}


def test_a_second_tap_of_the_same_step_changes_nothing(at, anna, ready):
    with pytest.raises(AlreadyChanged):
        change_status(order_id=ready.pk, to=Status.READY, actor=anna, at=at)

    assert Order.objects.get().version == 3


def test_the_ready_email_waits_ten_seconds_and_undo_withdraws_it(at, anna, ready):
    mail = OutboxMessage.objects.get(event="order.ready")
    assert mail.due_at == at + dt.timedelta(seconds=10)

    undo(order_id=ready.pk, actor=anna, at=at + dt.timedelta(seconds=10))

    assert not OutboxMessage.objects.filter(event="order.ready").exists()
    assert Order.objects.get().status == "preparing"


def test_ready_again_after_an_undo_sends_its_own_email(at, anna, ready):
    undo(order_id=ready.pk, actor=anna, at=at)
    change_status(order_id=ready.pk, to=Status.READY, actor=anna, at=at)

    assert OutboxMessage.objects.filter(event="order.ready").count() == 1


def test_the_counter_recalls_a_colleagues_step_within_an_hour(at, ready):
    ben = actor_of(make_person("employee", name="Ben"))

    undo(order_id=ready.pk, actor=ben, at=at + dt.timedelta(minutes=60))

    assert Order.objects.get().status == "preparing"


def test_after_an_hour_nothing_can_be_undone(at, anna, ready):
    with pytest.raises(TooLateToUndo):
        undo(order_id=ready.pk, actor=anna, at=at + dt.timedelta(minutes=60, seconds=1))

    assert Order.objects.get().status == "ready"


def test_a_new_order_has_no_step_back(at, anna):
    with pytest.raises(TooLateToUndo):
        undo(order_id=make_order(at).pk, actor=anna, at=at)


def test_a_missing_order_is_reported_as_missing(at, anna):
    with pytest.raises(OrderGone):
        change_status(order_id=987654, to=Status.READY, actor=anna, at=at)


def test_the_history_stays_in_order_when_a_waiting_step_read_the_clock_first(at, anna, ready):
    earlier = at - dt.timedelta(milliseconds=5)

    cancel_order(order_id=ready.pk, reason="dropped", actor=anna, at=earlier)

    ready.refresh_from_db()
    assert (ready.status, ready.status_changed_at, ready.events.last().at) == ("cancelled", at, at)


def test_a_machine_is_known_by_its_label_only_when_nobody_is_signed_in(at):
    impostor = make_person(name="worker")
    order = make_order(at)

    with pytest.raises(NotYourStep):
        change_status(order_id=order.pk, to=Status.PREPARING, actor=Actor("worker", impostor.pk), at=at)
