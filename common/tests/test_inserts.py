"""Inserts composed once, against Django's own."""

import contextlib
import datetime as dt
import uuid

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError, connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from common.inserts import PARENT_ID, insert, insert_family
from common.models import OutboxMessage
from orders.models import HandOver, Order
from orders.tests.factories import make_order

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db]


def message(key: str, at: dt.datetime, **more) -> OutboxMessage:
    return OutboxMessage(
        event="note", key=key, payload={"it's": ["100 %", None]}, created_at=at, due_at=at, first_due_at=at, **more
    )


def values(row: OutboxMessage) -> dict:
    return OutboxMessage.objects.values().get(pk=row.pk)


def test_rows_are_those_that_django_would_write(at):
    ours = message("a", at, attempts=3, done_at=at)
    theirs = message("b", at, attempts=3, done_at=at)

    insert([ours])
    theirs.save()

    assert {**values(ours), "id": 0, "key": ""} == {**values(theirs), "id": 0, "key": ""}


def test_each_row_gets_its_own_id_in_one_statement(at):
    rows = [message(key, at) for key in "cab"]

    with CaptureQueriesContext(connection) as asked:
        insert(rows)

    assert len(asked) == 1
    assert [OutboxMessage.objects.get(pk=row.pk).key for row in rows] == ["c", "a", "b"]


def test_a_row_that_was_written_can_be_saved_again(at):
    row = message("a", at)
    insert([row])

    row.attempts = 5
    row.save()

    assert OutboxMessage.objects.get().attempts == 5


def test_a_row_that_is_there_is_refused_or_left(at):
    insert([message("a", at)])

    with pytest.raises(IntegrityError), transaction.atomic():
        insert([message("b", at), message("a", at)])
    insert([message("a", at, attempts=9), message("c", at)], leaves_existing=True)

    assert list(OutboxMessage.objects.order_by("key").values_list("key", "attempts")) == [("a", 0), ("c", 0)]


def test_a_refusal_leaves_a_transaction_to_be_rolled_back(at):
    insert([message("a", at)])

    with transaction.atomic():
        with contextlib.suppress(IntegrityError):
            insert([message("a", at)])

        with pytest.raises(TransactionManagementError):
            OutboxMessage.objects.count()


def test_many_rows_are_written_in_several_statements(at, django_assert_num_queries):
    rows = [message(str(number), at) for number in range(4_000)]

    with django_assert_num_queries(2):
        insert(rows)

    assert OutboxMessage.objects.get(key="3999").pk == rows[-1].pk


def test_no_rows_are_no_statement(django_assert_num_queries):
    with django_assert_num_queries(0):
        insert([])


def test_a_database_that_returns_no_ids_takes_djangos_way(at, monkeypatch):
    monkeypatch.setattr(type(connection.features), "can_return_rows_from_bulk_insert", False)

    insert([message("a", at), message("b", at)])
    insert([message("a", at), message("c", at)], leaves_existing=True)

    assert OutboxMessage.objects.count() == 3


def family(at: dt.datetime, name: str = "a", count: int = 2) -> tuple[User, list]:
    """Return a new person with addresses and a message about them."""
    person = User(email=f"{name}@example.com", password="!", date_joined=at)
    addresses = [EmailAddress(user=person, email=f"{name}{number}@example.com") for number in range(count)]
    note = message(name, at)
    note.payload = {"it's": "100 %", "user_id": PARENT_ID}
    return person, [*addresses, note]


def test_a_family_is_written_as_one_by_one(at, django_assert_num_queries):
    person, children = family(at)

    with django_assert_num_queries(1 if connection.vendor == "postgresql" else 3):
        insert_family(person, children)

    found = User.objects.get(pk=person.pk)
    assert (found.email, found.is_active, found.date_joined) == ("a@example.com", True, at)
    assert list(found.emailaddress_set.values_list("email", "verified").order_by("email")) == [
        ("a0@example.com", False),
        ("a1@example.com", False),
    ]
    assert OutboxMessage.objects.get().payload == {"it's": "100 %", "user_id": person.pk}


def test_each_family_has_its_own_children(at):
    families = [family(at, name, count) for name, count in (("a", 2), ("b", 0), ("c", 2), ("d", 90))]

    for person, children in families:
        insert_family(person, children)

    counts = {person.email: person.emailaddress_set.count() for person, _children in families}
    assert counts == {"a@example.com": 2, "b@example.com": 0, "c@example.com": 2, "d@example.com": 90}
    assert {note.payload["user_id"] for note in OutboxMessage.objects.all()} == {one.pk for one, _ in families}


def test_a_family_is_written_whole_or_not_at_all(at):
    insert_family(*family(at))
    person, children = family(at, "b")
    children[-1].key = "a"

    with pytest.raises(IntegrityError), transaction.atomic():
        insert_family(person, children)

    assert list(User.objects.values_list("email", flat=True)) == ["a@example.com"]
    assert EmailAddress.objects.count() == 2


def test_the_parent_of_a_family_can_be_saved_again(at):
    person, children = family(at)
    insert_family(person, children)

    person.name = "Mira"
    person.save()

    assert User.objects.get().name == "Mira"


@pytest.mark.violates
def test_a_one_to_one_key_points_to_the_parent_as_any_other(at):
    like = make_order(at)
    columns = {field.attname: getattr(like, field.attname) for field in Order._meta.concrete_fields}
    own = {"id": None, "number": "ZZZZ9999", "token": "t" * 43, "collect_secret": "S" * 26, "cart_key": uuid.uuid4()}
    order = Order(**{**columns, **own})

    insert_family(order, [HandOver(order=order, nonce="n", taken="", actor_label="Anna", at=at)])

    assert HandOver.objects.get().order_id == order.pk
