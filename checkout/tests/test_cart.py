"""Filling and changing carts."""

import datetime as dt
from decimal import Decimal as D

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import PageViewRestriction

from checkout.models import Cart
from checkout.presenters.cart import view_cart
from checkout.selectors import find_cart
from checkout.services import cart as carts
from checkout.services.cart import CartFull, NotOnSale, UnknownArticle
from checkout.tests.factories import add, lines, make_cart, place
from common.actors import SETUP
from common.quantity import BadQuantity
from products.models import Sku
from products.services.prices import set_price
from products.services.skus import archive_sku
from products.tests.factories import make_product, make_sku
from stock.selectors import active_shops
from stock.services.count import count

pytestmark = pytest.mark.django_db


def archive(code, at):
    archive_sku(sku_id=Sku.objects.get(code=code).pk, actor=SETUP, at=at)


def test_the_first_add_makes_the_cart_and_the_second_finds_it(loaf, at):
    first = add("LOAF", "1", at)
    second = add(" loaf ", "2", at, token=first.cart.token)

    assert first.cart == second.cart
    assert lines(first.cart) == {"LOAF": D("3")}
    assert Cart.objects.count() == 1


PRESS = "5" * 32


def test_a_repeated_press_adds_once(loaf, at):
    first = carts.add(token=None, user=None, code="LOAF", quantity=D("1"), press=PRESS, at=at)

    again = carts.add(token=first.cart.token, user=None, code="LOAF", quantity=D("1"), press=PRESS, at=at)
    other = carts.add(token=first.cart.token, user=None, code="LOAF", quantity=D("1"), press="6" * 32, at=at)

    assert (again.cart, again.line.quantity, again.note) == (first.cart, D("1"), "")
    assert other.line.quantity == D("2")


def test_a_repeated_press_does_not_restore_a_removed_line(loaf, at):
    cart = carts.add(token=None, user=None, code="LOAF", quantity=D("1"), press=PRESS, at=at).cart
    carts.remove(cart_id=cart.pk, code="LOAF")

    again = carts.add(token=cart.token, user=None, code="LOAF", quantity=D("1"), press=PRESS, at=at)

    assert again.line is None
    assert lines(cart) == {}


def test_a_repeated_press_removes_once(loaf, at):
    cart = add("LOAF", "2", at).cart

    first = carts.take_away(cart_id=cart.pk, code="LOAF", quantity=D("1"), press=PRESS, at=at)
    again = carts.take_away(cart_id=cart.pk, code="LOAF", quantity=D("1"), press=PRESS, at=at)
    last = carts.take_away(cart_id=cart.pk, code="LOAF", quantity=D("1"), press="6" * 32, at=at)
    after = carts.take_away(cart_id=cart.pk, code="LOAF", quantity=D("1"), press="6" * 32, at=at)

    assert (first, again, last, after) == (("", None), ("", None), ("", D("1")), ("", None))
    assert lines(cart) == {}


def test_a_cart_remembers_the_latest_presses_only(loaf, at, monkeypatch):
    monkeypatch.setattr(carts, "MAX_PRESSES", 2)
    token = add("LOAF", "1", at).cart.token

    for press in "abc":
        carts.add(token=token, user=None, code="LOAF", quantity=D("1"), press=press * 32, at=at)

    assert Cart.objects.get().presses == ["b" * 32, "c" * 32]


def test_a_refused_press_is_not_remembered(loaf, at):
    cart = add("LOAF", "1", at).cart

    with pytest.raises(BadQuantity):
        carts.add(token=cart.token, user=None, code="LOAF", quantity=D("0.5"), press=PRESS, at=at)
    with pytest.raises(BadQuantity):
        carts.take_away(cart_id=cart.pk, code="LOAF", quantity=D("-0.5"), press=PRESS, at=at)

    assert Cart.objects.get().presses == []


def test_looking_for_a_cart_creates_none(loaf, at):
    assert find_cart(token=None, user=None) is None
    assert find_cart(token="0" * 32, user=None) is None
    assert not Cart.objects.exists()


def test_a_made_up_token_gets_a_cart_of_its_own(loaf, at):
    added = add("LOAF", "1", at, token="0" * 32)

    assert added.cart.token != "0" * 32


@pytest.mark.parametrize(
    "quantity", ["-1", "0", "0.05", "0.25", "0.1", "1.0001", "1000000000", "NaN", "Infinity", "-Infinity", "1E+18"]
)
def test_an_invalid_quantity_changes_nothing(cheese, at, quantity):
    with pytest.raises(BadQuantity) as refused:
        add("CHEESE", quantity, at)

    assert refused.value.message
    assert not Cart.objects.exists()


@pytest.mark.parametrize("quantity", ["1.5", "0.5", "-1"])
def test_pieces_are_whole_numbers(loaf, at, quantity):
    cart = add("LOAF", "2", at).cart

    with pytest.raises(BadQuantity):
        add("LOAF", quantity, at, token=cart.token)
    with pytest.raises(BadQuantity):
        carts.set_quantity(cart_id=cart.pk, code="LOAF", quantity=D(quantity), at=at)

    assert lines(cart) == {"LOAF": D("2")}


@pytest.mark.parametrize("code", ["NONE", "", "\x00", "LO\x00AF\x00X", "a b", "Ж", "x" * 5000, "'; --"])
def test_an_unknown_article_is_refused(loaf, at, code):
    cart = add("LOAF", "1", at).cart

    with pytest.raises(UnknownArticle):
        add(code, "1", at)
    with pytest.raises(UnknownArticle):
        carts.set_quantity(cart_id=cart.pk, code=code, quantity=D(1), at=at)
    assert carts.remove(cart_id=cart.pk, code=code) is None
    assert Cart.objects.count() == 1


def test_archived_articles_and_articles_without_price_are_refused(loaf, shop, at):
    make_sku(loaf.product, "BUN", price=None, stock={shop: "5"})
    make_product(title="Old", price="1", codes=("OLD",), stock={shop: "5"})
    archive("OLD", at)

    for code in ("BUN", "OLD"):
        with pytest.raises(NotOnSale) as refused:
            add(code, "1", at)
        assert refused.value.message


@pytest.mark.parametrize("way", ["draft", "behind a password"])
def test_a_hidden_article_is_answered_like_an_unknown_one(loaf, shop, at, way):
    page = make_product(title="Secret", codes=("SECRET",), stock={shop: "5"}, live=way != "draft")
    if way == "behind a password":
        PageViewRestriction.objects.create(page=page, restriction_type="password", password="x")

    with pytest.raises(UnknownArticle) as hidden:
        add("SECRET", "1", at)
    with pytest.raises(UnknownArticle) as missing:
        add("NONE", "1", at)

    assert hidden.value.message == missing.value.message == "We can't find that product code."


def test_a_line_of_somebody_elses_cart_cannot_be_changed(loaf, at):
    other, mine = add("LOAF", "1", at).cart, make_cart(at)

    with pytest.raises(UnknownArticle):
        carts.set_quantity(cart_id=mine.pk, code="LOAF", quantity=D("5"), at=at)
    assert carts.remove(cart_id=mine.pk, code="LOAF") is None
    assert lines(other) == {"LOAF": D("1")}


def test_adding_is_clipped_to_the_maximum_with_a_notice(cheese, at):
    added = add("CHEESE", "0.8", at)
    more = add("CHEESE", "0.8", at, token=added.cart.token)

    assert added.note == ""
    assert lines(more.cart) == {"CHEESE": D("1")}
    assert more.note == "At most 1 kg in one order."


def test_adding_is_clipped_to_the_largest_stock_of_one_shop(loaf, shop, market, at):
    make_product(title="Bun", price="1", codes=("BUN",), stock={shop: "3", market: "4"})

    added = add("BUN", "9", at)

    assert lines(added.cart) == {"BUN": D("4")}
    assert added.note == "Only 4 pc left."


def test_an_article_sold_out_everywhere_is_not_added(shop, at):
    make_product(title="Bun", price="1", codes=("BUN",), stock={shop: "0"})

    with pytest.raises(NotOnSale, match="sold out"):
        add("BUN", "1", at)
    assert not Cart.objects.exists()


def test_a_maximum_between_two_steps_is_rounded_down(shop, at):
    page = make_product(title="Rope", codes=())
    make_sku(page.product, "ROPE", stock={shop: "9"}, unit="m", step="0.3", max_quantity=D("1"))

    assert add("ROPE", "1.2", at).line.quantity == D("0.9")


def test_a_cart_holds_at_most_a_hundred_lines(loaf, at, monkeypatch):
    monkeypatch.setattr(carts, "MAX_LINES", 1)
    cart = add("LOAF", "1", at).cart
    make_product(title="Bun", price="1", codes=("BUN",), stock=dict.fromkeys(active_shops(), "3"))

    with pytest.raises(CartFull):
        add("BUN", "1", at, token=cart.token)
    assert add("LOAF", "1", at, token=cart.token).line.quantity == D("2")


def test_a_quantity_is_set_or_clipped_and_zero_removes_the_line(cheese, at):
    cart = add("CHEESE", "0.2", at).cart

    assert carts.set_quantity(cart_id=cart.pk, code="cheese", quantity=D("0.7"), at=at) == ""
    assert lines(cart) == {"CHEESE": D("0.7")}
    assert carts.set_quantity(cart_id=cart.pk, code="CHEESE", quantity=D("5"), at=at) == "At most 1 kg in one order."
    assert lines(cart) == {"CHEESE": D("1")}
    with pytest.raises(BadQuantity):
        carts.set_quantity(cart_id=cart.pk, code="CHEESE", quantity=D("0.1"), at=at)
    carts.set_quantity(cart_id=cart.pk, code="CHEESE", quantity=D("0"), at=at)
    assert lines(cart) == {}


def test_a_removal_is_undone_once(cheese, at):
    cart = add("CHEESE", "0.7", at).cart

    quantity = carts.remove(cart_id=cart.pk, code="CHEESE")
    for _ in range(2):
        assert carts.restore(cart_id=cart.pk, code="CHEESE", quantity=quantity, at=at) == ""

    assert lines(cart) == {"CHEESE": D("0.7")}
    assert carts.remove(cart_id=cart.pk, code="LOAF") is None


def test_an_ordered_cart_cannot_be_changed(loaf, shop, at):
    cart = add("LOAF", "1", at).cart
    place(cart, shop, at)

    with pytest.raises(UnknownArticle):
        carts.set_quantity(cart_id=cart.pk, code="LOAF", quantity=D("5"), at=at)
    with pytest.raises(UnknownArticle):
        carts.restore(cart_id=cart.pk, code="LOAF", quantity=D("5"), at=at)
    assert carts.remove(cart_id=cart.pk, code="LOAF") is None
    assert add("LOAF", "1", at, token=cart.token).cart != cart
    assert lines(cart) == {"LOAF": D("1")}


# --- Reading -------------------------------------------------------------------------------------


def test_changes_since_adding_are_stated_with_their_fix(loaf, cheese, shop, at):
    cart = make_cart(at, LOAF="4", CHEESE="0.5")
    sku = Sku.objects.get(code="LOAF")
    set_price(sku_id=sku.pk, amount=D("4.20"), starts_at=at, source="test", actor=SETUP, at=at)
    count(shop_id=shop.pk, sku_id=sku.pk, counted=D("3"), actor=SETUP, at=at)
    archive("CHEESE", at)

    view = view_cart(cart, active_shops(), at)

    assert [[(n.code, n.action, n.quantity) for n in line.notices] for line in view.lines] == [
        [("price_changed", "keep", D("4")), ("few_left", "set", D("3"))],
        [("not_on_sale", "remove", None)],
    ]
    assert view.lines[0].notices[0].text == "The price changed from €3.90 to €4.20 since you added it."
    assert view.lines[0].notices[1].text == "Only 3 pc left."
    assert (view.quote.total, view.is_ready) == (D("16.80"), False)
    assert (view.shops[0].here, view.shops[0].line_count, view.shops[0].can_fill) == (0, 2, False)


def test_the_offered_action_fixes_the_line(loaf, shop, at):
    cart = make_cart(at, LOAF="4")
    sku = Sku.objects.get(code="LOAF")
    set_price(sku_id=sku.pk, amount=D("4.20"), starts_at=at, source="test", actor=SETUP, at=at)
    count(shop_id=shop.pk, sku_id=sku.pk, counted=D("3"), actor=SETUP, at=at)

    for notice in view_cart(cart, active_shops(), at).lines[0].notices:
        carts.set_quantity(cart_id=cart.pk, code="LOAF", quantity=notice.quantity, at=at)

    view = view_cart(cart, active_shops(), at)
    assert (view.lines[0].notices, view.lines[0].quantity, view.is_ready) == ((), D("3"), True)


def test_sold_out_refers_to_the_chosen_shop(loaf, shop, market, at):
    cart = make_cart(at, LOAF="1")

    here, there = (view_cart(cart, active_shops(), at, chosen=chosen) for chosen in (shop, market))

    assert here.lines[0].notices == ()
    assert [(n.code, n.text) for n in there.lines[0].notices] == [("sold_out", "Sold out at Market.")]
    assert [view.can_fill for view in here.shops] == [True, False]


def test_a_changed_step_is_stated(loaf, at):
    cart = make_cart(at, LOAF="5")
    Sku.objects.update(step=D("2"), min_quantity=D("2"))

    view = view_cart(cart, active_shops(), at)

    assert [(n.code, n.action, n.quantity) for n in view.lines[0].notices] == [("bad_quantity", "set", D("4"))]
    assert not view.is_ready


def test_a_missing_cart_is_shown_as_empty(shop, at):
    view = view_cart(None, active_shops(), at)

    assert (view.count, view.quote.total, view.is_ready) == (0, 0, False)


@pytest.fixture
def twenty(shop):
    codes = [f"C{number}" for number in range(20)]
    for code in codes:
        make_product(title=code, price="1.00", codes=(code,), stock={shop: "9"})
    return codes


@pytest.mark.usefixtures("nothing_kept")
def test_the_cart_makes_as_many_queries_for_20_lines_as_for_1(twenty, at):
    one, all_of_them = make_cart(at, C0="1"), make_cart(at, **dict.fromkeys(twenty, "1"))
    counts = []
    for cart in (one, all_of_them):
        with CaptureQueriesContext(connection) as seen:
            view_cart(find_cart(token=cart.token, user=None), active_shops(), at)
        counts.append(len(seen))

    assert counts[0] == counts[1] <= 12, [query["sql"][:120] for query in seen]


def test_the_first_add_makes_no_more_queries(twenty, at, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        add("C0", "1", at)


def test_a_cart_in_use_stays_alive(loaf, at):
    cart = make_cart(at, LOAF="1")
    later = at + dt.timedelta(days=20)

    add("LOAF", "1", later, token=cart.token)

    cart.refresh_from_db()
    assert cart.updated_at == later


def test_adding_makes_as_many_queries_for_20_lines_as_for_1(twenty, at):
    counts = []
    for cart in (make_cart(at, C0="1"), make_cart(at, **dict.fromkeys(twenty, "1"))):
        with CaptureQueriesContext(connection) as seen:
            add("C0", "1", at, token=cart.token)
        counts.append(len(seen))

    assert counts[0] == counts[1] <= 12, [query["sql"][:120] for query in seen]


def test_removing_uses_the_quantity_of_that_moment(loaf, at):
    cart = add("LOAF", "5", at).cart
    said = [carts.take_away(cart_id=cart.pk, code="LOAF", quantity=D(some), at=at) for some in ("1", "1", "3")]

    assert said == [("", None), ("", None), ("", D("3"))]
    assert not cart.lines.exists()
    with pytest.raises(UnknownArticle):
        carts.take_away(cart_id=cart.pk, code="LOAF", quantity=D("1"), at=at)
