"""The poll of the buyer's page: whatever changes its words changes its tag, and nothing is drawn for a 304."""

import datetime as dt
import itertools
import re

import pytest
from django.db import connection
from django.template import Template
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from common.actors import WORKER
from orders.models import Order, OrderEvent, Payment, Refund
from orders.presenters import status
from orders.selectors import order_by_token
from orders.services.cancel import cancel_order
from orders.services.change_status import change_status
from orders.stations import set_end
from orders.tests.factories import make_order, make_person
from stock.models import Shop, ShopDay, ShopHours

MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')
# Rows are changed here behind the back of the services that would.
pytestmark = [pytest.mark.django_db, pytest.mark.violates]


def ask(client: Client, order: Order, tag: str = ""):
    url = reverse("orders:fragment", args=[order.token])
    return client.get(url, headers={"If-None-Match": tag} if tag else {})


def words(answer) -> str:
    return TOKEN.sub("", answer.content.decode())


def attempt(order: Order, at: dt.datetime, state: str, **extra) -> Payment:
    return Payment.objects.create(
        order=order, gateway="demo_bank", amount=order.total, currency=order.currency, state=state, created_at=at,
        **extra,
    )  # fmt: skip


PLACED = {
    "a step": lambda order, at: change_status(order_id=order.pk, to="preparing", actor=WORKER, at=at),
    "a cancellation with its reason": lambda order, at: cancel_order(
        order_id=order.pk, reason="no flour", actor=WORKER, at=at
    ),
    "another time": lambda order, at: Order.objects.update(promised_at=order.promised_at + MINUTE),
    "another hold": lambda order, at: set_end(order, at + 2 * MINUTE),
    "an erased address": lambda order, at: Order.objects.update(email=None),
    "money": lambda order, at: attempt(order, at, "captured"),
    "a waiver": lambda order, at: Order.objects.update(waived="1.00"),
    "the shop's name": lambda order, at: Shop.objects.update(name={"en": "Mill"}),
    "the shop's letter": lambda order, at: Shop.objects.update(letter="ZZ"),
    "the shop's clock": lambda order, at: Shop.objects.update(timezone="Asia/Kathmandu"),
}
UNPAID = {
    "a payment under way": lambda order, at: attempt(order, at, "pending"),
    "a payment approved": lambda order, at: attempt(order, at, "authorised"),
    "a payment that failed": lambda order, at: attempt(order, at, "failed", note="declined"),
    "a payment to look at": lambda order, at: attempt(order, at, "parked"),
    "another hold": lambda order, at: set_end(order, at + 20 * MINUTE),
    "no hold": lambda order, at: set_end(order, None),
    "the shop's hours": lambda order, at: ShopHours.objects.update(opens=dt.time(14)),
    "a special day": lambda order, at: ShopDay.objects.create(shop=order.shop, date=at.date()),
    "a longer lead": lambda order, at: Shop.objects.update(lead_minutes=90),
}
CHANGES = {f"placed: {name}": (False, change) for name, change in PLACED.items()}
CHANGES |= {f"unpaid: {name}": (True, change) for name, change in UNPAID.items()}


@pytest.mark.parametrize(("online", "change"), CHANGES.values(), ids=CHANGES)
def test_what_changes_the_words_changes_the_tag(client, at, stopped_clock, online, change):
    order = make_order(at, online=online)
    first = ask(client, order)

    change(order, at)
    answer = ask(client, order, first["ETag"])

    assert answer.status_code == 200
    assert words(answer) != words(first)
    assert ask(client, order, answer["ETag"]).status_code == 304


@pytest.mark.parametrize(
    "change",
    [
        lambda payment, at: Payment.objects.update(state="captured", note=""),
        lambda payment, at: Payment.objects.update(note="expired"),
        lambda payment, at: Payment.objects.update(state="cancelled", note=""),
    ],
    ids=["captured", "another reason", "cancelled"],
)
def test_a_payment_that_changes_changes_the_tag(client, at, stopped_clock, change):
    order = make_order(at, online=True)
    payment = attempt(order, at, "failed", note="declined")
    tag = ask(client, order)["ETag"]

    change(payment, at)

    assert ask(client, order, tag).status_code == 200


def test_a_refund_and_its_end_change_the_tag(client, at, stopped_clock):
    order = make_order(at)
    payment = attempt(order, at, "captured")
    answers = [ask(client, order)]

    Refund.objects.create(payment=payment, amount="2.00", reason="goodwill", created_at=at)
    answers.append(ask(client, order))
    Refund.objects.update(state="done")
    answers.append(ask(client, order))

    assert len({answer["ETag"] for answer in answers}) == len({words(answer) for answer in answers}) == 3


@pytest.mark.parametrize("online", [False, True], ids=["placed", "unpaid"])
def test_words_that_tell_the_time_change_the_tag_when_they_do(client, at, stopped_clock, online):
    order = make_order(at, online=online)
    moments = [at + n * MINUTE / 2 for n in range(90)] + [at + n * dt.timedelta(hours=1) for n in range(2, 60)]
    found = []

    for moment in moments:
        stopped_clock(moment)
        answer = ask(client, order)
        found.append((words(answer), answer["ETag"]))

    pairs = list(itertools.pairwise(found))
    assert [number for number, (one, after) in enumerate(pairs) if one[0] != after[0] and one[1] == after[1]] == []
    changes, tags = (sum(one[part] != after[part] for one, after in pairs) for part in (0, 1))
    assert changes >= (20 if online else 1)
    assert tags <= changes + 4


def test_the_owner_and_the_language_have_tags_of_their_own(client, at, stopped_clock):
    person = make_person()
    order = make_order(at, user=person)
    stranger = ask(client, order)["ETag"]
    client.force_login(person)

    assert ask(client, order)["ETag"] != stranger
    read = order_by_token(order.token)
    with translation.override("ru"):
        russian = status.version(read, at=at, is_owner=False)
    assert russian != status.version(read, at=at, is_owner=False)


def test_an_unchanged_page_is_neither_drawn_nor_read_again(client, at, stopped_clock, monkeypatch):
    order = make_order(at, online=True)
    attempt(order, at, "pending")
    page = client.get(reverse("orders:status", args=[order.token])).content.decode()
    tag = re.search(r'data-poll-tag="(\w+)"', page)[1]
    monkeypatch.setattr(Template, "render", lambda *args: pytest.fail("drawn"))

    with CaptureQueriesContext(connection) as seen:
        answer = ask(client, order, f'"{tag}"')

    assert (answer.status_code, answer.content, len(seen)) == (304, b"", 1)
    assert OrderEvent.objects.count() == 1
