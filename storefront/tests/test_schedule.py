"""The editors' schedule: carried out by a running worker, one page at a time, whichever other page fails."""

import datetime as dt
import os
import time
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.utils import timezone
from wagtail.models import Page

from accounts.models import UserSession
from products.models import Price, Sku
from products.tests.factories import make_product, make_tree
from stock.models import StockLevel
from stock.tests.factories import make_shop
from storefront.models import ContentPage
from storefront.services import schedule
from storefront.services.schedule import run_schedule
from storefront.services.worker import purge_sessions
from tests.outages import Site

HOUR = dt.timedelta(hours=1)


def make_page(slug: str, *, live: bool, at: dt.datetime, go_live=None, expire=None) -> ContentPage:
    """Return a content page with its editor's schedule."""
    home = make_tree().home
    page = home.add_child(instance=ContentPage(title=slug.title(), slug=slug, live=live))
    page.go_live_at, page.expire_at = go_live, expire
    page.save()
    if go_live is not None:
        page.save_revision(approved_go_live_at=go_live)
    return page


def is_live(page: Page) -> bool:
    return Page.objects.get(pk=page.pk).live


@pytest.mark.django_db
def test_due_pages_are_published_and_expired_ones_unpublished(at):
    coming = make_page("coming", live=False, at=at, go_live=at)
    later = make_page("later", live=False, at=at, go_live=at + HOUR)
    ended = make_page("ended", live=True, at=at, expire=at)
    lasting = make_page("lasting", live=True, at=at, expire=at + HOUR)

    done = run_schedule(at=at)

    assert done == 2
    assert [is_live(page) for page in (coming, later, ended, lasting)] == [True, False, False, True]
    assert Page.objects.get(pk=ended.pk).expired
    assert run_schedule(at=at) == 0


@pytest.mark.django_db
def test_a_page_that_fails_stops_no_other_and_is_retried(at, monkeypatch, caplog):
    broken = make_page("broken", live=False, at=at, go_live=at - HOUR)
    good = make_page("good", live=False, at=at, go_live=at)
    publish = schedule._publish

    def fail(revision, moment):
        if revision.object_id == str(broken.pk):
            raise RuntimeError("no")
        return publish(revision, moment)

    monkeypatch.setattr(schedule, "_publish", fail)
    first = run_schedule(at=at)
    monkeypatch.undo()
    second = run_schedule(at=at)

    assert (first, second) == (1, 1)
    assert is_live(good) and is_live(broken)
    assert f"Could not carry out the schedule of wagtailcore.Revision {broken.latest_revision_id}" in caplog.text


@pytest.mark.django_db
def test_publishing_a_scheduled_product_keeps_skus_prices_and_stock(at):
    page = make_product(title="Rye", codes=("RYE",), stock={make_shop(): "5"})
    before = [list(model.objects.values()) for model in (Sku, Price, StockLevel)]
    page.title, page.go_live_at = "Dark rye", at
    page.save_revision(approved_go_live_at=at)

    run_schedule(at=at)

    assert Page.objects.get(pk=page.pk).title == "Dark rye"
    assert [list(model.objects.values()) for model in (Sku, Price, StockLevel)] == before


@pytest.mark.django_db(transaction=True)
def test_a_running_worker_carries_out_the_schedule(tmp_path):
    now = timezone.now()
    coming = make_page("coming", live=False, at=now, go_live=now - HOUR)
    ended = make_page("ended", live=True, at=now, expire=now - HOUR)
    address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    site = Site(tmp_path, address)
    try:
        worker = site.start("worker", "manage.py", "run_worker", "--interval", "0.1")
        for _ in range(1_000):
            if is_live(coming) and not is_live(ended):
                break
            assert worker.poll() is None, site.log("worker")
            time.sleep(0.1)
    finally:
        site.close()

    assert (is_live(coming), is_live(ended)) == (True, False)
    assert "Traceback" not in site.log("worker")


@pytest.mark.django_db
def test_expired_sessions_are_deleted(at):
    UserSession.objects.create(session_key="old", session_data="", expire_date=at - HOUR)
    UserSession.objects.create(session_key="new", session_data="", expire_date=at)

    assert purge_sessions(at=at) == 1
    assert list(UserSession.objects.values_list("pk", flat=True)) == ["new"]
