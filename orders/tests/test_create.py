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


def test_a_number_already_taken_is_drawn_again(at, monkeypatch):
    order = make_order(at)
    drawn = iter([order.number, order.number, "ZZZZ0000"])
    monkeypatch.setattr(numbers, "new_number", lambda: next(drawn))

    assert create.free_number() == "ZZZZ0000"


def test_one_cart_makes_one_order(at):
    order = make_order(at)

    copy = Order.objects.get(pk=order.pk)
    copy.pk, copy.number, copy.token, copy.collect_secret = None, "ZZZZ0000", "t" * 43, "s" * 26
    with pytest.raises(IntegrityError), transaction.atomic():
        copy.save(force_insert=True)
