"""Cancelling paid orders: who may, with a refund, and who has to ask."""

import pytest

from common.actors import GUEST, WORKER
from orders.attention import seen_of_request
from orders.models import Order, Payment, Refund
from orders.permissions import NotAllowed
from orders.services.cancel import NeedsManager, cancel_order
from orders.services.cancel_requests import NothingToAsk, ask_to_cancel, decline_cancel, grant_cancel
from orders.services.change_status import AlreadyChanged, NotYourStep
from orders.tests.factories import actor_of, make_order, make_person
from orders.tests.test_cancel import pay
from stock.models import StockLevel

pytestmark = pytest.mark.django_db


@pytest.fixture
def paid(at, bank):
    order = make_order(at, online=True)
    pay(order, at)
    return Order.objects.get(pk=order.pk)


@pytest.fixture
def anna():
    return actor_of(make_person("employee"))


def untouched(order):
    order.refresh_from_db()
    return (order.status, Refund.objects.count(), StockLevel.objects.get().reserved) == ("placed", 0, 2)


def test_an_employee_cannot_refund_by_cancelling(at, paid, anna):
    with pytest.raises(NeedsManager, match=r"Cancelling it would refund €5\.20: ask a manager"):
        cancel_order(order_id=paid.pk, reason="No flour", actor=anna, at=at)

    assert untouched(paid)


@pytest.mark.parametrize("role", ["shop_manager", "owner"])
def test_people_who_may_refund_can_cancel_a_paid_order(at, paid, role):
    cancel_order(order_id=paid.pk, reason="No flour", actor=actor_of(make_person(role)), at=at)

    assert Refund.objects.get().amount == paid.total


@pytest.mark.parametrize("actor", [GUEST, WORKER], ids=["the customer", "the system"])
def test_customer_and_system_can_cancel_a_paid_order(at, paid, actor):
    cancel_order(order_id=paid.pk, reason="", actor=actor, at=at)

    assert Refund.objects.get().amount == paid.total


def test_an_employee_can_cancel_an_order_already_refunded(at, paid, anna):
    Refund.objects.create(
        payment=Payment.objects.get(), amount=paid.total, state="done", reason="goodwill", created_at=at, done_at=at
    )

    cancel_order(order_id=paid.pk, reason="No flour", actor=anna, at=at)

    assert Order.objects.get().status == "cancelled"


@pytest.mark.parametrize("online", [True, False], ids=["unpaid online", "to pay at the counter"])
def test_no_request_is_made_for_an_unpaid_order(at, bank, anna, online):
    order = make_order(at, online=online)

    with pytest.raises(NothingToAsk):
        ask_to_cancel(order_id=order.pk, reason="No flour", actor=anna, at=at)

    assert order.events.count() == 1


def test_asking_changes_nothing_but_the_history(at, paid, anna):
    ask_to_cancel(order_id=paid.pk, reason="No flour", actor=anna, at=at, expected_version=paid.version)

    event = paid.events.last()
    assert untouched(paid)
    assert (event.code, event.note, event.actor_id) == ("cancel_requested", "No flour", anna.user_id)


@pytest.mark.parametrize("role", [None, "courier", "editor", "price_manager"])
def test_people_who_may_not_cancel_may_not_ask(at, paid, role):
    Order.objects.update(user=make_person())

    with pytest.raises(NotYourStep):
        ask_to_cancel(order_id=paid.pk, reason="", actor=actor_of(make_person(role)), at=at)

    assert not paid.events.filter(code="cancel_requested").exists()


def test_a_stale_page_makes_no_request(at, paid, anna):
    with pytest.raises(AlreadyChanged):
        ask_to_cancel(order_id=paid.pk, reason="", actor=anna, at=at, expected_version=paid.version - 1)

    assert not paid.events.filter(code="cancel_requested").exists()


@pytest.mark.parametrize("answer", [grant_cancel, decline_cancel])
def test_an_employee_cannot_decide_their_own_request(at, paid, anna, answer):
    ask_to_cancel(order_id=paid.pk, reason="No flour", actor=anna, at=at)

    with pytest.raises(NotAllowed):
        answer(order_id=paid.pk, seen=seen_of_request(paid, paid.events.last()), note="", actor=anna, at=at)

    assert untouched(paid)
    assert paid.events.last().code == "cancel_requested"
