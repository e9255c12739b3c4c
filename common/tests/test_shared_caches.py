"""What shared caches are told: which tags have changed, twice, and again if they did not listen."""

import pytest
from wagtail import hooks

from common.page_changes import shared
from common.page_changes.shared import HOOK, SharedCaches, header_of
from products.tests.factories import make_product, make_tree
from stock.models import StockLevel
from stock.tests.factories import make_shop

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db, pytest.mark.violates("I04b", "I42")]


@pytest.fixture
def told(settings, monkeypatch):
    """What the hook was called with."""
    settings.PAGE_SHARED_SECONDS = 30
    monkeypatch.setattr(shared, "AGAIN_SECONDS", 0)
    found: list[set[str]] = []
    with hooks.register_temporarily(HOOK, lambda tags: found.append(set(tags))):
        yield found


@pytest.fixture
def loaf() -> int:
    make_tree()
    return make_product("Loaf", codes=("LOAF",), stock={make_shop(): 9}).product_id


@pytest.fixture
def caches(told, loaf) -> SharedCaches:
    """Return what has told all that happened before."""
    found = SharedCaches()
    while found.tell():
        pass
    told.clear()
    return found


def test_a_new_worker_begins_with_everything(told, loaf):
    caches = SharedCaches()

    assert [caches.tell() for _ in range(3)] == [1, 1, 0]
    assert told == [{"all", "many"}] * 2


def test_every_change_is_told_twice(told, loaf, caches):
    StockLevel.objects.update(band=1)
    for _ in range(4):
        caches.tell()

    assert told == [{f"p{loaf}", "many"}] * 2


def test_a_change_between_the_two_is_told_twice_as_well(told, loaf, caches):
    StockLevel.objects.update(band=1)
    caches.tell()
    StockLevel.objects.update(band=2)
    for _ in range(4):
        caches.tell()

    assert told == [{f"p{loaf}", "many"}] * 3


def test_a_hook_that_fails_is_called_again_with_all_that_came_since(told, loaf, caches):
    def refuse(tags):
        raise OSError("the CDN does not answer")

    StockLevel.objects.update(band=1)
    with hooks.register_temporarily(HOOK, refuse):
        for _ in range(3):
            with pytest.raises(OSError, match="does not answer"):
                caches.tell()
    told.clear()
    for _ in range(4):
        caches.tell()

    assert told == [{f"p{loaf}", "many"}] * 2


def test_nothing_is_told_more_often_than_every_second(told, loaf, monkeypatch):
    monkeypatch.setattr(shared, "AGAIN_SECONDS", 3600)
    caches = SharedCaches()

    assert [caches.tell() for _ in range(3)] == [1, 0, 0]


def test_nobody_is_told_unless_pages_are_shared(told, loaf, settings):
    settings.PAGE_SHARED_SECONDS = 0

    assert SharedCaches().tell() == 0
    assert told == []


def test_the_header_names_every_tag_or_says_that_there_are_too_many():
    assert header_of({"p2", "p1"}) == "all,p1,p2"
    assert header_of(f"p{number}" for number in range(201)) == "all,many"
