"""Guests' names go from their orders after RETENTION_MONTHS; the books stay."""

import datetime as dt

import pytest
from django.core.management import call_command

from accounts.services.erase import erase_account
from accounts.tests.factories import make_customer
from common import clock
from common.actors import SETUP
from common.models import OutboxMessage
from orders.models import Order, OrderEvent, Payment
from orders.services.cancel import cancel_order
from orders.services.erase import anonymise_orders
from orders.tests.factories import make_order
from tests.moments import AT

pytestmark = pytest.mark.django_db
OLD = AT - dt.timedelta(days=800)
BEFORE = AT - dt.timedelta(days=730)
CONTACT = ("name", "phone", "email", "comment")


def aged(moment: dt.datetime = OLD, *, ended: bool = True, **extra) -> Order:
    """Return an order of that moment, of a guest if nobody else is named, cancelled soon after."""
    order = make_order(moment, **extra)
    if ended:
        cancel_order(order_id=order.pk, reason="Mira called", actor=SETUP, at=moment + dt.timedelta(minutes=5))
    # What was to be told then has been told, and is not kept.
    OutboxMessage.objects.filter(due_at__lt=AT - dt.timedelta(days=600)).delete()
    return order


def named() -> set[str]:
    return set(Order.objects.named().values_list("number", flat=True))


def test_the_contact_goes_and_the_books_stay():
    aged()
    before = Order.objects.values().get()

    assert anonymise_orders(before=BEFORE, limit=10) == 1

    assert Order.objects.values().get() == {**before, **dict.fromkeys(CONTACT)}
    assert set(OrderEvent.objects.values_list("note", flat=True)) == {""}


@pytest.mark.violates("I04")
def test_what_is_young_under_way_or_an_accounts_own_keeps_its_contact():
    kept = [
        aged(BEFORE),
        aged(ended=False),
        aged(ended=False, online=True),
        aged(user=make_customer()),
    ]

    assert anonymise_orders(before=BEFORE, limit=10) == 0
    assert named() == {order.number for order in kept}


def test_money_that_is_not_settled_keeps_the_contact_and_stops_nobody_else(monkeypatch):
    monkeypatch.setattr("orders.services.erase.ERASED_AT_ONCE", 1)
    open_money, settled = aged(), aged()
    Payment.objects.create(
        order=open_money, gateway="demo_bank", amount=open_money.total, currency="EUR", state="pending", created_at=OLD
    )

    assert anonymise_orders(before=BEFORE, limit=10) == 1
    assert named() == {open_money.number}
    assert settled.number not in named()


def test_a_second_time_finds_nothing():
    aged()
    anonymise_orders(before=BEFORE, limit=10)

    assert anonymise_orders(before=BEFORE, limit=10) == 0


def test_it_stops_at_its_limit(monkeypatch):
    monkeypatch.setattr("orders.services.erase.ERASED_AT_ONCE", 2)
    for _ in range(5):
        aged()

    assert anonymise_orders(before=BEFORE, limit=2) == 2
    assert len(named()) == 3


@pytest.mark.violates("I27b")
def test_an_order_placed_while_the_account_was_deleted_is_blanked():
    user = make_customer(name="Kanarie Berg")
    erase_account(user_id=user.pk, at=AT)
    order = aged(AT, user=user)
    OrderEvent.objects.filter(order=order).update(actor=user, actor_label="Kanarie")

    assert anonymise_orders(before=BEFORE, limit=10) == 1
    assert not named()
    assert "Kanarie" not in set(OrderEvent.objects.values_list("actor_label", flat=True))


@pytest.mark.violates("I22")
def test_the_command_only_lists_in_a_dry_run(capsys, settings):
    settings.RETENTION_MONTHS = 24
    order = aged(clock.now() - dt.timedelta(days=800))
    young = aged(clock.now() - dt.timedelta(days=700))

    call_command("anonymise_customers", "--dry-run")
    assert order.number in capsys.readouterr().out
    assert named() == {order.number, young.number}

    call_command("anonymise_customers")
    assert "Orders anonymised: 1." in capsys.readouterr().out
    assert named() == {young.number}


@pytest.mark.parametrize(
    ("moment", "months", "earlier"),
    [
        ((2026, 3, 31), 1, (2026, 2, 28)),
        ((2028, 3, 31), 1, (2028, 2, 29)),
        ((2026, 1, 15), 1, (2025, 12, 15)),
        ((2026, 1, 15), 24, (2024, 1, 15)),
        ((2028, 2, 29), 12, (2027, 2, 28)),
        ((2026, 12, 31), 12, (2025, 12, 31)),
    ],
)
def test_months_end_where_they_end(moment, months, earlier):
    at = dt.datetime(*moment, 9, 30, tzinfo=dt.UTC)

    assert clock.months_before(at, months) == dt.datetime(*earlier, 9, 30, tzinfo=dt.UTC)
