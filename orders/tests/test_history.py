"""Entries of machines in a history are codes, worded for the reader; people's notes are kept as typed."""

import datetime as dt
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from orders.ledger import Remark, add_event
from orders.models import OrderEvent
from orders.payments.reasons import PARKED, REFUNDED
from orders.presenters.history import TEXTS, WORDED, event_text
from orders.services.change_status import change_status, undo
from orders.tests.factories import actor_of, make_order, make_person

Code = OrderEvent.Code


def test_every_event_code_has_words():
    assert {*TEXTS, *WORDED, Code.UNDO} == set(Code)


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (OrderEvent(code="paid_online"), "Paid online."),
        (OrderEvent(code="payment_parked", params={"problem": "amount_differs"}), str(PARKED["amount_differs"])),
        (OrderEvent(code="payment_parked", params={"problem": "new_code"}), ""),
        (OrderEvent(code="refund_started", params={"reason": "paid_twice"}), str(REFUNDED["paid_twice"])),
        (OrderEvent(note="paid online"), "paid online"),
        (OrderEvent(code="undo"), ""),
        (OrderEvent(code="from_a_newer_version"), ""),
        (OrderEvent(), ""),
    ],
    ids=lambda value: f"{value.code}{value.params}{value.note}" if isinstance(value, OrderEvent) else "",
)
def test_an_event_is_put_into_words(event, text):
    assert event_text(event) == text


@pytest.mark.django_db
def test_only_its_code_makes_a_step_an_undo(at):
    anna = actor_of(make_person("employee"))
    order = make_order(at)
    change_status(order_id=order.pk, to="preparing", actor=anna, at=at)
    undo(order_id=order.pk, actor=anna, at=at)

    add_event(order=order, actor=anna, at=at, remark=Remark(note="undo"))

    assert list(order.events.order_by("id").values_list("code", "note")) == [
        ("", ""),
        ("", ""),
        ("undo", ""),
        ("", "undo"),
    ]


OLD = [
    # (from, to, actor label, note) -> (code, params, note)
    (("preparing", "placed", "Anna", "undo"), ("undo", {}, "")),
    (("placed", "cancelled", "Anna", "undo"), ("", {}, "undo")),
    (("placed", "cancelled", "guest", "paid online"), ("", {}, "paid online")),
    (("placed", "placed", "demo_bank", "paid online"), ("paid_online", {}, "")),
    (("ready", "cancelled", "worker", "not collected in time"), ("not_collected_in_time", {}, "")),
    (
        ("placed", "placed", "demo_bank", "payment needs a person: amount_differs"),
        ("payment_parked", {"problem": "amount_differs"}, ""),
    ),
    (
        ("placed", "placed", "demo_bank", "money given back: paid_twice"),
        ("refund_started", {"reason": "paid_twice"}, ""),
    ),
    (("placed", "cancelled", "Ben", "No flour"), ("", {}, "No flour")),
]


@pytest.mark.django_db
@pytest.mark.violates
def test_old_notes_of_machines_become_codes_and_those_of_people_are_kept(at):
    order = make_order(at)
    for (source, target, label, note), _ in OLD:
        OrderEvent.objects.create(
            order=order, from_status=source, to_status=target, actor_label=label, note=note, at=at + dt.timedelta(1)
        )
    connection.check_constraints()

    with connection.schema_editor() as editor:
        import_module("orders.migrations.0005_notes_to_codes").code_notes(apps, editor)

    rows = OrderEvent.objects.order_by("id").values_list("code", "params", "note")
    assert list(rows)[1:] == [new for _, new in OLD]
