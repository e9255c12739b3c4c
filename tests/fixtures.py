"""Fixtures for all suites: the tests' time, a fast reset after transactional tests, invariants after every test."""

import datetime as dt
from functools import cache

import pytest
from django.core.cache import cache as shop_cache
from django.db import connection
from django.test import TransactionTestCase
from django.urls import clear_url_caches
from wagtail.models import Page, Site

from common.kept_pages import store
from common.page_changes.feed import feed
from common.page_changes.parts import forget_parts
from common.registry import invariants
from products.tests.factories import make_tree
from storefront.models import HomePage
from tests.moments import AT
from tests.touched import named, noting, written

# Costly, and dependent on the server rather than on the test; planted in tests of their own.
OF_THE_DATABASE = frozenset({"I30", "I31b", "I33", "I47"})

_RESET = """
CREATE SCHEMA IF NOT EXISTS baseline;
DO $make$ DECLARE t text; BEGIN
  FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('DROP TABLE IF EXISTS baseline.%I', t);
    EXECUTE format('CREATE TABLE baseline.%I AS TABLE public.%I', t, t);
  END LOOP;
END $make$;
CREATE OR REPLACE FUNCTION baseline.test_reset() RETURNS void LANGUAGE plpgsql AS $fn$
DECLARE t text; differs boolean; columns text;
BEGIN
  SET LOCAL session_replication_role = replica;
  FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('SELECT EXISTS ((TABLE public.%1$I EXCEPT ALL TABLE baseline.%1$I) LIMIT 1)
      OR EXISTS ((TABLE baseline.%1$I EXCEPT ALL TABLE public.%1$I) LIMIT 1)', t) INTO differs;
    IF differs THEN
      SELECT string_agg(quote_ident(column_name), ',') INTO columns
        FROM information_schema.columns WHERE table_schema = 'public' AND table_name = t AND is_generated = 'NEVER';
      EXECUTE format('DELETE FROM public.%I', t);
      EXECUTE format('INSERT INTO public.%I (%s) SELECT %s FROM baseline.%I', t, columns, columns, t);
    END IF;
  END LOOP;
END $fn$;
"""


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """On PostgreSQL, make the pages of every site once, and a copy of every table to undo transactional tests by."""
    # Imported now: later they might copy a constant that a test has patched.
    invariants()
    if connection.vendor != "postgresql":
        return
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        make_tree()
        cursor.execute(_RESET)

    def reset(self, *args, **kwargs):
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT baseline.test_reset()")
            cursor.execute("COMMIT")
        forget_everything_kept()

    TransactionTestCase._fixture_teardown = reset


@pytest.fixture
def before_setup(db):
    """Leave the database as migrations made it, with Wagtail's own first page."""
    for home in HomePage.objects.all():
        Site.objects.filter(root_page=home).update(root_page=Page.objects.exclude(pk=home.pk).get(depth=home.depth))
        home.delete()
    forget_everything_kept()


@pytest.fixture
def at() -> dt.datetime:
    """Return the time of every test, unless it says otherwise: a Tuesday morning."""
    return AT


@pytest.fixture(autouse=True)
def _clean_cache():
    forget_everything_kept()
    yield
    forget_everything_kept()


@pytest.fixture
def pages_drawn_anew(settings):
    """Draw every page for every request; parts are kept as in a shop that has visitors, whatever changes."""
    settings.PAGES_KEPT_BYTES = 0
    settings.PAGE_FEED_SECONDS = 3600


@pytest.fixture
def nothing_kept(settings):
    """Read and draw everything for every request."""
    settings.PAGES_KEPT = False


def forget_everything_kept() -> None:
    """Let the process know as little as a new one."""
    shop_cache.clear()
    store.clear()
    forget_parts()
    feed.forget()


@pytest.fixture(autouse=True)
def _invariants_hold(request):
    """Check after every database test that the shop is consistent.

    `@pytest.mark.violates` is for planted violations; `violates("I05")` skips only the invariants named.
    """
    mark = request.node.get_closest_marker("violates")
    if (mark and not mark.args) or not _uses_database(request):
        yield
        return
    request.getfixturevalue("_django_db_helper")
    reads = _read_by_invariants() if _on_one_connection(request) else {}
    with noting(written) as touched:
        yield
    broken = {}
    for check in invariants():
        if check.id in OF_THE_DATABASE or (mark and check.id in mark.args):
            continue
        if reads.get(check.id) and not reads[check.id] & touched:
            continue
        rows = list(check.find(invariant_moment()))
        if rows:
            broken[check.id] = rows[:3]
    assert not broken, f"invariants violated after the test: {broken}"


@cache
def _read_by_invariants() -> dict[str, frozenset[str]]:
    """Return the tables that each invariant reads before anything has been written."""
    reads = {}
    for check in invariants():
        if check.id not in OF_THE_DATABASE:
            with noting(named) as read:
                assert not list(check.find(invariant_moment())), f"{check.id} is violated before the first test"
            reads[check.id] = frozenset(read)
    return reads


def _on_one_connection(request) -> bool:
    """Say whether all of the test's writes go through this connection and are undone by rolling back.

    After transactional tests SQLite is flushed, which leaves a different database from that of the first checks.
    """
    transactional = {"transactional_db", "live_server"} & set(request.fixturenames)
    mark = request.node.get_closest_marker("django_db")
    if transactional or (mark and (mark.kwargs.get("transaction") or mark.args)):
        return False
    return connection.vendor == "postgresql"


def _uses_database(request) -> bool:
    names = {"db", "transactional_db", "live_server"}
    return bool(request.node.get_closest_marker("django_db") or names & set(request.fixturenames))


def invariant_moment() -> dt.datetime:
    """Return the time of the tests: anything overdue then is a fault, anything due later is not."""
    return AT


@pytest.fixture
def stopped_clock(monkeypatch, at):
    """Stop the shop's clock at `at`; call the result to stop it at a different time."""

    def stop_at(moment: dt.datetime) -> None:
        monkeypatch.setattr("common.clock.now", lambda: moment)

    stop_at(at)
    return stop_at


@pytest.fixture
def default_language(settings):
    """Change the site's default language; Django caches addresses with the previous one's prefixes."""

    def change_to(code: str) -> None:
        settings.LANGUAGE_CODE = code
        clear_url_caches()

    yield change_to
    clear_url_caches()
