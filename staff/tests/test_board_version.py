"""The board's poll: whatever changes what is drawn changes the answer's tag, and nothing is drawn for a 304."""

import datetime as dt
import random

import pytest
from django.db import connection
from django.template import Template
from django.test.utils import CaptureQueriesContext

from common.actors import WORKER
from common.outbox.models import OutboxMessage
from orders.models import Order, OrderEvent, OrderLine, Payment, Refund
from orders.services.cancel import cancel_order
from orders.services.change_status import change_status, undo
from orders.statuses import next_steps
from staff.tests.factories import Actor, make_employee, make_open_order, sign_in
from stock.models import Shop
from stock.services.shops import pause

LIVE = "/staff/live/"
SECOND, MINUTE = dt.timedelta(seconds=1), dt.timedelta(minutes=1)
# Rows are changed here behind the back of the services that would.
pytestmark = pytest.mark.violates


def captured(order: Order, amount: str) -> Payment:
    return Payment.objects.create(
        order=order, gateway="demo_bank", amount=amount, currency=order.currency, state="captured",
        created_at=order.placed_at,
    )  # fmt: skip


CHANGES = {
    "a step": lambda order, at: change_status(order_id=order.pk, to="preparing", actor=WORKER, at=at),
    "a cancellation": lambda order, at: cancel_order(order_id=order.pk, reason="", actor=WORKER, at=at),
    "a new order": lambda order, at: make_open_order("placed", at, shop=order.shop),
    "an order that has been ready for long": lambda order, at: make_open_order(
        "ready", at - dt.timedelta(hours=3), shop=order.shop
    ),
    "an erased name": lambda order, at: Order.objects.update(name=None),
    "an erased note": lambda order, at: Order.objects.update(comment=None),
    "another time": lambda order, at: Order.objects.update(promised_at=order.promised_at + MINUTE),
    "money": lambda order, at: captured(order, "5.20"),
    "a part of the money": lambda order, at: captured(order, "1.20"),
    "a waiver": lambda order, at: Order.objects.update(waived="1.00"),
    "a pause": lambda order, at: pause(shop_id=order.shop_id, until=at + MINUTE, actor=WORKER, at=at),
    "the shop's name": lambda order, at: Shop.objects.update(name={"en": "Mill"}),
    "the shop's threshold": lambda order, at: Shop.objects.update(due_soon_minutes=60),
    "the shop's clock": lambda order, at: Shop.objects.update(timezone="Asia/Kathmandu"),
    "a message that was given up": lambda order, at: OutboxMessage.objects.update(parked_at=at),
    "a payment to look at": lambda order, at: Payment.objects.update_or_create(
        order=order, gateway="demo_bank", amount="1.00", currency="EUR", state="parked", created_at=at
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_changes_the_board_changes_its_tag(shop, at, stopped_clock, change):
    client = sign_in(make_employee(shop, role="shop_manager"))
    order = make_open_order("placed", at, shop=shop)
    first = client.get(LIVE)

    change(order, at)
    answer = client.get(LIVE, headers={"If-None-Match": first["ETag"]})

    assert answer.status_code == 200
    assert answer.content != first.content
    assert client.get(LIVE, headers={"If-None-Match": answer["ETag"]}).status_code == 304


def test_a_refund_changes_the_tag(shop, at):
    client = sign_in(make_employee(shop))
    payment = captured(make_open_order("placed", at, shop=shop), "5.20")
    first = client.get(LIVE)

    Refund.objects.create(payment=payment, amount="2.00", reason="", created_at=at)
    answer = client.get(LIVE, headers={"If-None-Match": first["ETag"]})

    assert answer.status_code == 200 and "Take €2.00" in answer.content.decode()


def test_the_column_and_the_reader_change_the_tag(client, shop, at):
    change_status(order_id=make_open_order("placed", at, shop=shop).pk, to="preparing", actor=WORKER, at=at)
    tags = [client.get(url)["ETag"] for url in (LIVE, f"{LIVE}?col=preparing", f"{LIVE}?col=ready")]
    manager = sign_in(make_employee(shop, role="shop_manager")).get(LIVE)["ETag"]

    assert len({*tags[1:], manager}) == 3 and manager not in tags


def test_every_second_of_an_undo_and_every_minute_of_a_promise_is_told(anna, client, shop, at, stopped_clock):
    order = make_open_order("placed", at, shop=shop)
    change_status(order_id=order.pk, to="preparing", actor=Actor("Anna Berg", anna.pk), at=at + SECOND / 2)
    drawn, tags = [], []

    for seconds in [*range(1, 16), *range(16, 4200, 13)]:
        stopped_clock(at + seconds * SECOND)
        answer = client.get(LIVE)
        drawn.append(answer.content)
        tags.append(answer["ETag"])

    changed = [index for index in range(1, len(drawn)) if drawn[index] != drawn[index - 1]]
    assert [index for index in changed if tags[index] == tags[index - 1]] == []
    assert len(changed) > 70
    # And not at every poll: most of them find the same board.
    assert sum(tags[index] != tags[index - 1] for index in range(16, len(tags))) < len(tags) / 3


def test_a_busy_hour_never_shows_another_board_under_the_same_tag(anna, client, shop, at, stopped_clock):
    chance, moment = random.Random(8), at
    actors = [Actor("Anna Berg", anna.pk), WORKER]
    seen: dict[str, bytes] = {}

    for _ in range(120):
        moment += chance.choice([SECOND, 4 * SECOND, 20 * SECOND, MINUTE])
        stopped_clock(moment)
        _move(chance, shop, moment, chance.choice(actors))
        answer = client.get(LIVE)
        assert seen.setdefault(answer["ETag"], answer.content) == answer.content

    assert len(set(seen.values())) > 80


def _move(chance: random.Random, shop: Shop, at: dt.datetime, actor: Actor) -> None:
    orders = list(Order.objects.open().order_by("id"))
    order = chance.choice(orders) if orders else None
    kind = chance.choice(["new", "step", "step", "undo", "nothing"])
    if kind == "new" and len(orders) < 8:
        make_open_order("placed", at, shop=shop)
    elif order and kind == "step" and (steps := next_steps(order, "employee")) and steps[0].target != "completed":
        change_status(order_id=order.pk, to=steps[0].target, actor=actor, at=at)
    elif order and kind == "undo" and order.status in ("preparing", "ready"):
        undo(order_id=order.pk, expected_version=order.version, actor=WORKER, at=at)


def test_lines_are_left_out_because_no_service_changes_them(client, shop, at):
    make_open_order("placed", at, shop=shop)
    first = client.get(LIVE)["ETag"]

    OrderLine.objects.update(name="Something else")

    assert client.get(LIVE)["ETag"] == first


def test_an_unchanged_board_is_neither_drawn_nor_read_again(client, shop, at, monkeypatch):
    for _ in range(5):
        make_open_order("preparing", at, shop=shop)
    tag = client.get(LIVE)["ETag"]
    monkeypatch.setattr(Template, "render", lambda *args: pytest.fail("drawn"))

    with CaptureQueriesContext(connection) as seen:
        answer = client.get(LIVE, headers={"If-None-Match": tag})

    # Session, person, role, shops, and the board itself.
    assert (answer.status_code, answer.content, len(seen)) == (304, b"", 5)
    assert "no-store" in answer["Cache-Control"] and OrderEvent.objects.count() == 10
