"""The feed of changes: which change makes which pages out of date, and what a reader knows of it."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import OperationalError, connection, transaction
from wagtail.models import PageViewRestriction, Site

from common.actors import SETUP
from common.page_changes import feed as reading
from common.page_changes.feed import NEVER, Feed, collecting, feed, purge, shows
from common.page_changes.models import PageChange
from common.page_changes.parts import kept
from common.page_changes.triggers import install, missing, trigger_name
from common.page_changes.watches import EVERYTHING, FACETS, MEMBERS, TEXTS, TITLES, next_moment, watches
from products.models import Attribute, ProductPage, Sku
from products.services.prices import set_price
from products.tests.factories import make_category, make_price, make_product, make_tree
from stock.models import Shop, ShopHours, StockLevel
from stock.services.receive import receive
from stock.tests.factories import make_shop
from storefront.models import Identity

# Bands are set by hand here, whatever is in stock.
pytestmark = [pytest.mark.sqlite, pytest.mark.django_db, pytest.mark.violates("I04b", "I42")]


@pytest.fixture
def loaf():
    make_tree()
    return make_product("Loaf", price="4.00", codes=("LOAF",), stock={make_shop(): 9})


def told(change) -> set[str]:
    """Return the tags that a change has written."""
    PageChange.objects.all().delete()
    PageChange.objects.all().delete()
    newest = PageChange.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    change()
    return set(PageChange.objects.filter(pk__gt=newest).values_list("tag", flat=True)) - {NEVER}


def test_a_price_makes_its_product_and_what_is_sorted_by_price_out_of_date(loaf, at):
    sku = Sku.objects.get(code="LOAF")

    tags = told(
        lambda: set_price(sku_id=sku.pk, amount=Decimal("5.00"), starts_at=at, source="test", actor=SETUP, at=at)
    )

    assert tags == {f"p{loaf.product_id}", FACETS}


def test_stock_is_told_only_when_its_band_changes(loaf, at):
    level = StockLevel.objects.get()

    more = told(lambda: receive(shop_id=level.shop_id, sku_id=level.sku_id, quantity=Decimal(5), actor=SETUP, at=at))
    few = told(lambda: StockLevel.objects.update(band=1))
    out = told(lambda: StockLevel.objects.update(band=0))

    assert (more, few) == (set(), {f"p{loaf.product_id}"})
    assert out == {f"p{loaf.product_id}", FACETS, MEMBERS}


def test_a_draft_is_seen_by_nobody_until_it_is_published(loaf):
    loaf.title = "Rye loaf"

    drafted = told(loaf.save_revision)
    published = told(lambda: loaf.get_latest_revision().publish())

    assert drafted == set()
    assert f"p{loaf.product_id}" in published
    assert EVERYTHING not in published
    assert published == {f"p{loaf.product_id}", TITLES, TEXTS}


def test_a_product_that_goes_offline_leaves_the_lists(loaf):
    assert told(loaf.unpublish) >= {f"p{loaf.product_id}", MEMBERS, FACETS}


@pytest.mark.parametrize(
    "change",
    [
        lambda: Shop.objects.update(phone="+31205550100"),
        lambda: ShopHours.objects.create(shop=Shop.objects.get(), weekday=0, opens=dt.time(8), closes=dt.time(9)),
        lambda: Identity.objects.create(name="Zerno"),
        lambda: Site.objects.update(site_name="Zerno"),
        lambda: Attribute.objects.create(code="roast", name={"en": "Roast"}, kind="choice"),
        lambda: PageViewRestriction.objects.create(page=ProductPage.objects.get(), restriction_type="login"),
        lambda: make_category("Bread"),
    ],
    ids=["shop", "hours", "identity", "site", "attribute", "restriction", "category"],
)
def test_what_stands_on_every_page_makes_everything_out_of_date(loaf, change):
    assert EVERYTHING in told(change)


def test_every_watched_table_has_its_triggers_and_a_lost_one_is_named(loaf):
    assert missing() == []
    name = trigger_name("stock_shop", "UPDATE")
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}" + (" ON stock_shop" if connection.vendor == "postgresql" else ""))
    assert missing() == [name]

    install()

    assert missing() == []


def test_every_app_has_declared_what_it_shows():
    assert {one.model.split(".")[0] for one in watches()} >= {
        "products",
        "stock",
        "storefront",
        "common",
        "wagtailcore",
    }


def test_a_kept_thing_is_fresh_until_one_of_its_tags_changes(loaf):
    made = feed.current()
    assert feed.is_fresh({"p1"}, made)

    StockLevel.objects.update(band=1)
    now = feed.current()

    assert not feed.is_fresh({f"p{loaf.product_id}"}, made)
    assert feed.is_fresh({f"p{loaf.product_id}"}, now)
    assert feed.is_fresh({"p0"}, made)


def test_a_planned_moment_counts_as_a_change_when_it_comes(loaf, stopped_clock, at):
    make_price(Sku.objects.get(), 3, starts_at=at + dt.timedelta(hours=2))
    made = feed.current()

    stopped_clock(at + dt.timedelta(hours=2))

    assert next_moment(at) == at + dt.timedelta(hours=2)
    assert not feed.is_fresh((), feed.current() - 1)
    assert not feed.is_fresh((), made)


@pytest.mark.parametrize("hours", [-1, 1, 30 * 24], ids=["back", "ahead", "a month ahead"])
def test_a_clock_that_is_set_makes_everything_out_of_date(loaf, stopped_clock, at, hours):
    made = feed.current()

    stopped_clock(at + dt.timedelta(hours=hours))
    feed.current()

    assert not feed.is_fresh((), made)


def test_nothing_kept_is_shown_long_after_the_database_went_silent(loaf, monkeypatch):
    own = Feed()
    assert own.current() is not None

    def fail(position):
        raise OperationalError("gone")

    monkeypatch.setattr(reading, "_changes", fail)
    monkeypatch.setattr(reading, "RETRY_SECONDS", 0)
    assert own.current() is not None
    own._answered -= reading.TRUSTED_SECONDS
    assert own.current() is None


def test_the_database_is_not_asked_again_at_once_after_a_failure(loaf, monkeypatch):
    own, asked = Feed(), []
    own.current()

    def fail(position):
        asked.append(position)
        raise OperationalError("gone")

    monkeypatch.setattr(reading, "_changes", fail)
    for _ in range(5):
        own.current(at_once=True)

    assert len(asked) == 1


def test_what_is_kept_is_proven_by_an_answer_to_this_very_question(loaf, settings):
    settings.PAGE_FEED_SECONDS = 3600
    made = feed.current()
    loaf.title = "Round loaf"
    loaf.save()
    tags = {f"p{loaf.product_id}"}
    assert feed.is_fresh(tags, made)

    assert feed.is_proven()
    assert not feed.is_fresh(tags, made)


def test_nothing_is_proven_while_the_database_does_not_answer(loaf, monkeypatch):
    own = Feed()
    assert own.is_proven()

    def fail(position):
        raise OperationalError("gone")

    monkeypatch.setattr(reading, "_changes", fail)
    # What is kept is still shown.
    assert own.current() is not None
    assert not own.is_proven()
    assert not own.is_proven()


@pytest.mark.parametrize("switch", ["PAGES_KEPT", "PAGES_KEPT_IN_TRANSACTIONS"])
def test_nothing_is_proven_where_nothing_is_kept(settings, switch):
    setattr(settings, switch, False)

    assert not feed.is_proven()


def test_nothing_is_kept_when_it_is_switched_off(settings):
    settings.PAGES_KEPT = False

    assert feed.current() is None
    assert kept("x", object) is not kept("x", object)


def test_what_a_transaction_sees_is_not_kept(settings):
    settings.PAGES_KEPT_IN_TRANSACTIONS = False

    with transaction.atomic():
        assert feed.current() is None


def test_a_part_is_built_once_until_what_it_shows_changes(loaf):
    built = []

    def build() -> int:
        shows(f"p{loaf.product_id}")
        built.append(1)
        return len(built)

    assert [kept("part", build), kept("part", build)] == [1, 1]
    with collecting() as tags:
        kept("part", build)
    assert tags == {f"p{loaf.product_id}"}

    StockLevel.objects.update(band=1)

    assert kept("part", build) == 2


def test_rows_that_everybody_has_read_are_purged(loaf):
    PageChange.objects.all().delete()
    old = PageChange.objects.create(tag="p1")
    purge()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE common_pagechange SET at = %s", ["2001-01-01 00:00:00"])
    new = PageChange.objects.create(tag="p2", made_by=2**40)

    purge()

    assert not PageChange.objects.filter(pk=old.pk).exists()
    assert PageChange.objects.filter(pk=new.pk).exists()
