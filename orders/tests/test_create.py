"""Creating an order."""

import pytest
from django.db import IntegrityError, transaction

from common.models import OutboxMessage
from orders import numbers
from orders.models import Order
from orders.services import create
from orders.tests.factories import make_order

pytestmark = pytest.mark.django_db


def test_an_order_paid_on_collection_is_placed_at_once_with_history_and_email(at):
    order = make_order(at)

    event = order.events.get()
    line = order.lines.get()
    mail = OutboxMessage.objects.get(event="order.received")
    assert (order.status, order.version) == ("placed", 1)
    assert (event.from_status, event.to_status, event.actor_label) == ("", "placed", "guest")
    assert (line.position, line.amount, line.sku.code) == (1, order.total, line.code)
    assert (mail.key, mail.due_at) == (f"order.received:{order.number}", at)
    assert mail.payload == {"order_id": order.pk}


def test_an_online_order_awaits_payment_and_its_email_waits_two_minutes(at):
    order = make_order(at, online=True)

    assert order.status == "awaiting_payment"
    assert OutboxMessage.objects.get(event="order.received").due_at == at + create.UNPAID_MAIL_DELAY


@pytest.fixture
def offered():
    return []


@pytest.fixture
def write(offered, at):
    """Return a stand-in for a transaction that the database refuses for any order but one of a free number."""
    order = make_order(at)

    def attempt(number):
        offered.append(number)
        if Order.objects.filter(number=number).exists():
            raise IntegrityError("orders_order_number_key")
        return order

    return attempt


def test_a_number_already_taken_is_drawn_again(write, offered, monkeypatch):
    taken = Order.objects.get()
    drawn = iter([taken.number, taken.number, "ZZZZ0000"])
    monkeypatch.setattr(numbers, "new_number", lambda: next(drawn))

    assert create.under_new_number(write) == taken
    assert offered == [taken.number, taken.number, "ZZZZ0000"]


def test_a_number_that_is_always_taken_is_an_error_after_five_attempts(write, offered, monkeypatch):
    taken = Order.objects.get()
    monkeypatch.setattr(numbers, "new_number", lambda: taken.number)

    with pytest.raises(RuntimeError, match="free order number"):
        create.under_new_number(write)
    assert offered == [taken.number] * 5


def test_another_refusal_of_the_database_is_not_taken_for_a_taken_number(offered, at):
    order = make_order(at)

    def write(number):
        offered.append(number)
        with transaction.atomic():
            return copy_of(order, number=number)

    with pytest.raises(IntegrityError, match="cart_key"):
        create.under_new_number(write)
    assert len(offered) == Order.objects.count() == 1


def copy_of(order, **fields):
    """Save another order with the same cart key, unless `fields` say otherwise."""
    copy = Order.objects.get(pk=order.pk)
    copy.pk, copy.token, copy.collect_secret = None, numbers.new_token(), numbers.new_secret()
    for name, value in fields.items():
        setattr(copy, name, value)
    copy.save(force_insert=True)
    return copy


def test_one_cart_makes_one_order(at):
    order = make_order(at)

    with pytest.raises(IntegrityError), transaction.atomic():
        copy_of(order, number="ZZZZ0000")
