"""Submitting the checkout with an online payment: once the order exists, every answer leads to it."""

import psycopg2
import pytest
from django.db import connection

from checkout.services import submit
from checkout.tests.factories import make_cart, wish
from common.actors import GUEST
from orders.models import Order, Payment

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def somebody_else():
    """Open a second connection to the same database."""
    rival = psycopg2.connect(**connection.get_connection_params())
    yield rival.cursor()
    rival.close()
    with connection.cursor() as cursor:
        cursor.execute("RESET lock_timeout")


def test_an_order_locked_when_its_payment_starts_leads_to_its_page(loaf, shop, at, monkeypatch, somebody_else):
    cart = make_cart(at, LOAF="2")
    place = submit.place_order

    def place_then_lock(**wanted):
        order = place(**wanted)
        somebody_else.execute("SELECT id FROM orders_order WHERE id = %s FOR UPDATE", [order.pk])
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '50ms'")
        return order

    monkeypatch.setattr(submit, "place_order", place_then_lock)
    new = wish(cart, shop, at, payment_method="demo_bank")

    done = submit.submit_checkout(new=new, return_url=lambda order: "https://shop.example/", actor=GUEST, at=at)
    somebody_else.connection.rollback()

    order = Order.objects.get()
    assert (done.order, done.redirect_url) == (order, None)
    assert order.status == Order.Status.AWAITING_PAYMENT
    assert not Payment.objects.exists()
