"""The feed of changes on PostgreSQL: statement triggers, TRUNCATE, transactions that commit late, threads."""

import threading
import time
from dataclasses import replace

import pytest
from django.db import connection, transaction

from common.page_changes import feed as reading
from common.page_changes import triggers
from common.page_changes.feed import feed
from common.page_changes.models import PageChange
from common.page_changes.watches import EVERYTHING
from common.tests.test_page_changes import loaf, told
from products.models import Product
from stock.models import Shop, StockLevel
from stock.tests.factories import make_shop

__all__ = ["loaf"]
pytestmark = [pytest.mark.django_db, pytest.mark.violates("I04b", "I42")]


def test_many_tags_of_one_statement_are_everything(loaf):
    Product.objects.bulk_create(Product() for _ in range(600))

    assert told(lambda: Product.objects.update(popularity=7)) == {EVERYTHING}


@pytest.mark.django_db(transaction=True)
def test_more_rows_than_are_read_are_everything(loaf, monkeypatch):
    monkeypatch.setattr(reading, "MANY", 3)
    made = feed.current()
    for _ in range(5):
        PageChange.objects.create(tag="p1", made_by=xid())
    assert feed.current() is not None
    assert not feed.is_fresh((), made)


def xid() -> int:
    """Return the number of the transaction that writes now, as the triggers note it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        return cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True)
def test_a_table_that_is_emptied_makes_everything_out_of_date(loaf):
    made = feed.current()

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE common_pagechange")

    feed.current()
    assert not feed.is_fresh((), made)


@pytest.mark.django_db(transaction=True)
def test_a_change_that_is_committed_late_is_not_missed(loaf):
    """Its row has a smaller number than one that was read already."""
    product, begun, go_on = loaf.product_id, threading.Event(), threading.Event()

    def late() -> None:
        try:
            with transaction.atomic():
                StockLevel.objects.update(band=1)
                begun.set()
                go_on.wait(10)
        finally:
            connection.close()

    writer = threading.Thread(target=late)
    writer.start()
    begun.wait(10)
    Shop.objects.update(phone="+31205550100")
    made = feed.current()
    assert feed.is_fresh({f"p{product}"}, made)

    go_on.set()
    writer.join()

    feed.current()
    assert not feed.is_fresh({f"p{product}"}, made)


@pytest.mark.django_db(transaction=True)
def test_others_go_on_while_one_thread_asks(loaf, settings, monkeypatch):
    settings.PAGE_FEED_SECONDS = 0.01
    feed.current()
    changes, asking, go_on = reading._changes, threading.Event(), threading.Event()

    def slow(position):
        asking.set()
        go_on.wait(10)
        return changes(position)

    def ask() -> None:
        try:
            feed.current()
        finally:
            connection.close()

    monkeypatch.setattr(reading, "_changes", slow)
    time.sleep(0.02)
    other = threading.Thread(target=ask)
    other.start()
    asking.wait(10)
    began = time.monotonic()
    assert feed.current() is not None
    assert time.monotonic() - began < 5
    go_on.set()
    other.join()


@pytest.mark.django_db(transaction=True)
def test_rows_that_are_deleted_before_they_were_read_make_everything_out_of_date(loaf):
    made = feed.current()
    StockLevel.objects.update(band=1)

    PageChange.objects.all().delete()

    feed.current()
    assert not feed.is_fresh((), made)


@pytest.mark.django_db(transaction=True)
def test_a_change_that_is_rolled_back_is_told_to_nobody(loaf):
    made = feed.current()

    with transaction.atomic():
        StockLevel.objects.update(band=1)
        transaction.set_rollback(True)

    feed.current()
    assert feed.is_fresh({f"p{loaf.product_id}"}, made)


def run(sql: str, values: list | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def beside(sql: str, values: list) -> None:
    """Execute a statement on another connection, which commits it."""
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute(sql, values)
    other.close()


@pytest.mark.django_db(transaction=True)
def test_a_transaction_longer_than_rows_are_kept_is_not_lost_to_a_purge(loaf):
    shop = make_shop("quay")
    made = feed.current()
    reading.purge()
    with transaction.atomic():
        run("UPDATE stock_shop SET paused_until = now() + interval '1 hour' WHERE id = %s", [shop.pk])
        # Eleven minutes pass before it commits.
        run("UPDATE common_pagechange SET at = at - interval '11 minutes'")

    reading.purge()

    assert feed.is_proven()
    assert not feed.is_fresh(("p1",), made)


@pytest.mark.django_db(transaction=True)
def test_a_change_while_triggers_are_made_again_is_told(loaf, monkeypatch):
    """Each deploy makes them again, while the old processes go on selling."""
    shop, statements = make_shop("quay"), triggers._postgresql
    pause = "UPDATE stock_shop SET paused_until = now() + interval '1 hour' WHERE id = %s"

    def with_a_change(table, declared):
        for statement in statements(table, declared):
            yield statement
            if table == "stock_shop":
                beside(pause, [shop.pk])

    monkeypatch.setattr(triggers, "_postgresql", with_a_change)
    monkeypatch.setattr(triggers, "TELL_ALL", "SELECT 1")
    made = feed.current()

    triggers.install()

    assert feed.is_proven()
    assert not feed.is_fresh(("p1",), made)


@pytest.mark.django_db(transaction=True)
def test_a_trigger_that_was_missing_makes_everything_out_of_date_once_it_is_made(loaf):
    made = feed.current()

    triggers.install()

    assert feed.is_proven()
    assert not feed.is_fresh((), made)


@pytest.mark.django_db(transaction=True)
def test_another_server_behind_the_same_address_is_everything(loaf):
    """A dump restored elsewhere, to which the pooler leads now: its transactions have smaller numbers."""
    feed.current()
    feed._position = replace(feed._position, snapshot="900000000:900000000:", newest=900000000)
    made = feed.epoch

    assert feed.is_proven()
    assert not feed.is_fresh((), made)
