"""Parts of pages kept in the process: what is built at once, what is forgotten, and what a request may not keep."""

import pytest

from common.page_changes.feed import asking_once, collecting, do_not_keep, feed, shows
from common.page_changes.parts import drawn_once, kept, kept_many
from products.tests.factories import make_product, make_tree
from stock.models import StockLevel
from stock.tests.factories import make_shop

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db, pytest.mark.violates("I04b", "I42")]


@pytest.fixture
def built():
    """What was asked for, one list for each time that something was built."""
    return []


def squares(built, ids):
    def build(missing):
        built.append(missing)
        shows("members", *(f"p{pk}" for pk in missing))
        return {pk: pk * pk for pk in missing if pk != 3}

    return kept_many("square", ids, build, lambda pk, value: [f"p{pk}"])


def test_what_is_not_kept_is_built_for_all_at_once(built):
    assert squares(built, [2, 1, 2]) == {2: 4, 1: 1}
    assert squares(built, [5, 1, 4]) == {5: 25, 1: 1, 4: 16}
    assert built == [[2, 1], [5, 4]]


def test_that_there_is_none_is_kept_as_well(built):
    assert squares(built, [3, 1]) == {1: 1}
    assert squares(built, [3, 1]) == {1: 1}
    assert built == [[3, 1]]


def test_only_what_has_changed_is_built_again(built):
    make_tree()
    loaf = make_product("Loaf", codes=("LOAF",), stock={make_shop(): 9}).product_id
    squares(built, [loaf, loaf + 1])

    StockLevel.objects.update(band=1)
    squares(built, [loaf, loaf + 1])

    assert built == [[loaf, loaf + 1], [loaf]]


def test_who_shows_kept_parts_shows_what_they_show(built):
    squares(built, [1, 2])

    with collecting() as tags:
        squares(built, [2])

    assert tags == {"p2", "members"}


def test_what_may_come_back_is_not_kept(built):
    def build(missing):
        built.append(missing)
        do_not_keep()
        return dict.fromkeys(missing, 0)

    for _ in range(2):
        kept_many("broken", [1], build, lambda pk, value: [])

    assert built == [[1], [1]]


def test_the_least_recently_used_goes_first(built, settings):
    settings.PARTS_KEPT = 2
    for pk in (1, 2, 1, 3):
        squares(built, [pk])

    assert squares(built, [1, 3]) == {1: 1}
    assert built == [[1], [2], [3]]


def test_what_a_request_read_before_a_change_is_not_kept_as_if_it_were_new():
    """Another thread asks the feed while a page is drawn."""
    with asking_once():
        feed.begin()
        old = "the old price"
        feed._tell({"p1"})
        kept("price", lambda: (shows("p1"), old)[1])

    assert kept("price", lambda: "the new price") == "the new price"


def test_what_a_request_draws_before_a_change_is_not_remembered_in_what_was_kept_after_it():
    memory: dict = {}
    with asking_once():
        feed.begin()
        old = "the old price"
        feed._tell({"p1"})
        assert drawn_once(memory, "drawn", lambda: old) == old

    assert memory == {}


def test_a_request_that_begins_to_draw_may_keep_what_it_reads_from_then_on():
    with asking_once():
        feed.current()
        feed._tell({"p1"})
        feed.begin()
        kept("price", lambda: (shows("p1"), "new")[1])

    assert kept("price", lambda: "newer") == "new"


def test_a_drawing_is_remembered_unless_it_lacks_something():
    memory: dict = {}
    drawn_once(memory, "whole", lambda: "whole")
    drawn_once(memory, "broken", lambda: (do_not_keep(), "broken")[1])

    assert memory == {"whole": "whole"}
    assert drawn_once(memory, "whole", lambda: "another") == "whole"
