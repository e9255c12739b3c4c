"""Handing over: an answer for each case, one transaction, safe replays."""

import datetime as dt
from decimal import Decimal as D

import pytest

from orders.models import HandOver, Order, Payment
from orders.services.cancel import cancel_order
from orders.services.hand_over import hand_over
from orders.tests.factories import actor_of, make_order, make_person, make_shop, take_to
from orders.tests.test_cancel import pay
from stock.models import Reservation, StockLevel

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna():
    return actor_of(make_person("employee"))


def make_ready(at, anna, **extra):
    order = make_order(at, **extra)
    if extra.get("online"):
        pay(order, at)
    return take_to(order, "ready", at, anna)


def scan(order, anna, at, nonce="n1", taken=None, shop_ids=None, asked=None):
    shops = [order.shop_id] if shop_ids is None else shop_ids
    return hand_over(order_id=order.pk, nonce=nonce, taken=taken, asked=asked, actor=anna, at=at, shop_ids=shops)


def assert_nothing_happened(order):
    level = StockLevel.objects.get(shop=order.shop_id)
    assert (level.on_hand, HandOver.objects.count(), Payment.objects.filter(gateway="on_collection").count()) == (
        10,
        0,
        0,
    )


def test_an_unpaid_order_asks_how_it_was_paid_and_changes_nothing(at, anna):
    order = make_ready(at, anna)

    answer = scan(order, anna, at)

    assert (answer.code, answer.amount) == ("unpaid", order.total)
    assert_nothing_happened(order)


@pytest.mark.parametrize("taken", ["cash", "card"])
def test_payment_hand_over_and_issue_happen_in_one_transaction(at, anna, taken):
    order = make_ready(at, anna)

    answer = scan(order, anna, at, taken=taken)

    order.refresh_from_db()
    payment, level = Payment.objects.get(), StockLevel.objects.get()
    assert (answer.code, answer.amount, answer.by, answer.when) == ("handed_over", order.total, "Anna", at)
    assert (order.status, order.expires_at) == ("completed", None)
    assert (payment.state, payment.taken, payment.amount) == ("captured", taken, order.total)
    assert (level.on_hand, level.reserved, Reservation.objects.get().state) == (8, 0, "issued")


@pytest.mark.parametrize("asked", ["5.19", "0", "7.80", "52"])
@pytest.mark.parametrize("taken", [None, "cash"])
def test_an_amount_other_than_the_one_due_is_refused(at, anna, asked, taken):
    order = make_ready(at, anna)

    answer = scan(order, anna, at, taken=taken, asked=D(asked))

    assert (answer.code, answer.amount) == ("amount_changed", order.total)
    assert_nothing_happened(order)


def test_money_for_an_order_with_nothing_due_is_refused(at, anna, bank):
    order = make_ready(at, anna, online=True)

    answer = scan(order, anna, at, taken="cash", asked=order.total)

    assert (answer.code, answer.amount) == ("amount_changed", 0)
    assert_nothing_happened(order)
    assert scan(order, anna, at, asked=answer.amount).code == "handed_over"


def test_the_amount_due_is_accepted(at, anna):
    order = make_ready(at, anna)

    assert scan(order, anna, at, taken="card", asked=order.total).code == "handed_over"


def test_an_order_paid_online_is_handed_over_without_a_question(at, anna, bank):
    order = make_ready(at, anna, online=True)

    assert scan(order, anna, at).code == "handed_over"
    assert Payment.objects.count() == 1


def test_the_same_nonce_gets_the_first_answer_and_nothing_happens_twice(at, anna):
    order = make_ready(at, anna)
    first = scan(order, anna, at, taken="cash")

    again = scan(order, anna, at + dt.timedelta(minutes=1), taken="cash")

    assert (again.code, again.amount, again.by, again.when) == (first.code, first.amount, first.by, first.when)
    assert (Payment.objects.count(), HandOver.objects.count(), StockLevel.objects.get().on_hand) == (1, 1, 8)


def test_a_second_scanner_is_told_who_was_first(at, anna):
    order = make_ready(at, anna)
    scan(order, anna, at, taken="cash")
    ben = actor_of(make_person("employee", name="Ben"))

    answer = scan(order, ben, at + dt.timedelta(seconds=5), nonce="n2", taken="cash")

    assert (answer.code, answer.by, answer.when) == ("already_collected", "Anna", at)


def test_an_order_of_another_shop_is_not_handed_over_here(at, anna):
    order = make_ready(at, anna)

    answer = scan(order, anna, at, taken="cash", shop_ids=[make_shop().pk])

    assert (answer.code, answer.order.shop_id) == ("wrong_shop", order.shop_id)
    assert_nothing_happened(order)


@pytest.mark.parametrize("online", [False, True], ids=["placed", "awaiting payment"])
def test_an_order_that_is_not_ready_is_not_handed_over(at, anna, online):
    order = make_order(at, online=online)

    assert scan(order, anna, at, taken="cash").code == "not_ready"
    assert_nothing_happened(order)


def test_a_cancelled_order_is_not_handed_over(at, anna):
    order = make_order(at)
    cancel_order(order_id=order.pk, reason="", actor=anna, at=at)

    assert scan(order, anna, at, taken="cash").code == "cancelled"
    assert_nothing_happened(order)


@pytest.mark.parametrize("order_id", [None, 0, 987654])
def test_an_unknown_order_is_reported_as_unknown(at, anna, order_id):
    assert hand_over(order_id=order_id, nonce="n", taken=None, actor=anna, at=at, shop_ids=[1]).code == "unknown"


@pytest.mark.parametrize("role", [None, "courier", "editor"])
def test_only_the_counter_may_hand_over(at, anna, role):
    order = make_ready(at, anna)

    answer = scan(order, actor_of(make_person(role)), at, taken="cash")

    assert answer.code == "not_allowed"
    assert_nothing_happened(order)


@pytest.mark.parametrize(("nonce", "taken"), [("", "cash"), ("n", "gold")])
def test_a_missing_nonce_or_a_different_currency_is_a_programming_error(at, anna, nonce, taken):
    order = make_ready(at, anna)

    with pytest.raises(ValueError, match="nonce"):
        scan(order, anna, at, nonce=nonce, taken=taken)


def test_a_failure_in_the_last_step_rolls_back_payment_and_hand_over(at, anna, monkeypatch):

    order = make_ready(at, anna)
    monkeypatch.setattr("orders.services.hand_over.move", lambda **_: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        scan(order, anna, at, taken="cash")

    assert_nothing_happened(order)
    assert Order.objects.get().status == "ready"
