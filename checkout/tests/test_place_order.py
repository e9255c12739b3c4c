"""Placing an order."""

import datetime as dt
import threading
from decimal import Decimal as D

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from checkout.models import Cart, CartLine
from checkout.refusals import (
    CartEmpty,
    CartGone,
    LineNotOnSale,
    LineOffStep,
    ShopClosed,
    TotalChanged,
    TotalTooLarge,
    UnknownPaymentMethod,
)
from checkout.services import submit
from checkout.services.place_order import quote_cart
from checkout.tests.factories import make_cart, place, wish
from common.actors import GUEST, SETUP
from common.busy import Busy
from common.models import OutboxMessage
from orders import numbers, stations
from orders.models import Order, Payment
from orders.payments.start import PaymentNotStarted
from products.models import Price, ProductAllergen, Sku
from products.offers import Offer
from products.services import variants
from products.services.prices import set_price
from products.tests.factories import make_product, make_sku
from stock.models import Reservation, ShopHours, StockLevel
from stock.services.reserve import OutOfStock
from stock.services.shops import pause
from stock.tests.factories import make_shop

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_order_reserves_its_stock_and_closes_the_cart(loaf, shop, at):
    cart = make_cart(at, LOAF="2")

    order = place(cart, shop, at)

    assert (order.status, order.total, order.tax_total) == ("placed", D("7.80"), order.tax_total)
    assert Reservation.objects.get().quantity == D("2")
    assert Cart.objects.get(pk=cart.pk).closed_at == at
    assert OutboxMessage.objects.filter(event="order.received").count() == 1


@pytest.mark.parametrize("code", ["LOAF", "ROLLS"], ids=["of an order for the same goods", "of another order"])
def test_a_number_that_is_taken_is_replaced_and_nothing_is_written_twice(loaf, shop, at, monkeypatch, code):
    make_product(title="Rolls", price="2.00", codes=("ROLLS",), stock={shop: "10"})
    taken = place(make_cart(at, **{code: "1"}), shop, at)
    before = StockLevel.objects.get(sku__code="LOAF").reserved
    drawn = iter([taken.number, taken.number, "ZZZZ0000"])
    monkeypatch.setattr(numbers, "new_number", lambda: next(drawn))

    order = place(make_cart(at, LOAF="2"), shop, at)

    assert order.number == "ZZZZ0000"
    assert Reservation.objects.get(reference="ZZZZ0000").quantity == D(2)
    assert StockLevel.objects.get(sku__code="LOAF").reserved == before + 2
    assert (Order.objects.count(), OutboxMessage.objects.filter(event="order.received").count()) == (2, 2)


def test_a_refusal_at_the_last_station_leaves_nothing_claimed(loaf, shop, at, monkeypatch):
    class Full:
        def claim(self, claim, *, at):
            raise OutOfStock("Full")

    monkeypatch.setattr(stations, "STATIONS", (*stations.STATIONS, Full()))
    cart = make_cart(at, LOAF="2")

    with pytest.raises(OutOfStock):
        place(cart, shop, at)

    assert (Order.objects.count(), Reservation.objects.count(), StockLevel.objects.get().reserved) == (0, 0, 0)
    assert Cart.objects.get(pk=cart.pk).closed_at is None


def test_an_order_stores_what_its_products_contain_and_may_contain(loaf, shop, at):
    for allergen, level in (("gluten", "contains"), ("sesame", "may_contain")):
        ProductAllergen.objects.create(page=loaf, allergen=allergen, level=level)

    order = place(make_cart(at, LOAF="2"), shop, at)
    ProductAllergen.objects.all().delete()

    line = order.lines.get()
    assert ("sesame" in line.may_contain.lower(), "sesame" in line.allergens.lower()) == (True, False)
    assert line.allergens


def test_no_allergen_is_truncated_however_long_their_names(loaf, shop, at, monkeypatch):
    names = ", ".join(f"an allergen with a long name, number {number}" for number in range(1, 15))
    monkeypatch.setattr(Offer, "allergens_text", names)
    monkeypatch.setattr(Offer, "may_contain_text", names)

    line = place(make_cart(at, LOAF="2"), shop, at).lines.get()

    assert len(names) > 255
    assert (line.allergens, line.may_contain) == (names, names)


def test_a_later_submit_of_the_same_cart_leads_to_the_same_order(loaf, shop, at):
    cart = make_cart(at, LOAF="2")
    first = place(cart, shop, at)

    assert place(cart, shop, at, total=D("7.80")) == first
    assert Order.objects.count() == 1


@pytest.mark.parametrize("total", ["0", "7.79", "7.81", "-7.80"])
def test_a_total_other_than_the_confirmed_one_is_never_charged(loaf, shop, at, total):
    cart = make_cart(at, LOAF="2")

    with pytest.raises(TotalChanged) as refused:
        place(cart, shop, at, total=D(total))

    assert refused.value.extra["quote"].total == D("7.80")
    assert not Order.objects.exists()
    assert CartLine.objects.get().quantity == D("2")


def test_all_short_lines_are_named_and_the_cart_is_kept(loaf, shop, at):
    make_product(title="Bun", price="1.00", codes=("BUN",), stock={shop: "5"})
    cart = make_cart(at, LOAF="2", BUN="3")
    StockLevel.objects.update(on_hand=1, band=1)

    with pytest.raises(OutOfStock) as refused:
        place(cart, shop, at)
    StockLevel.objects.filter(sku__code="LOAF").update(on_hand=10, band=2)
    StockLevel.objects.filter(sku__code="BUN").update(on_hand=5, band=2)

    assert set(refused.value.extra["short"].values()) == {D("1")}
    assert len(refused.value.extra["short"]) == 2
    assert (Order.objects.count(), Reservation.objects.count(), cart.lines.count()) == (0, 0, 2)


def test_an_archived_line_is_refused_by_name(loaf, shop, at):
    cart = make_cart(at, LOAF="1")
    Sku.objects.update(is_active=False)

    with pytest.raises(LineNotOnSale) as refused:
        place(cart, shop, at, total=D("0"))
    Sku.objects.update(is_active=True)

    assert refused.value.extra["codes"] == ["LOAF"]


def test_an_empty_and_a_missing_cart_are_refused(shop, at):
    cart = Cart.objects.create(created_at=at, updated_at=at)

    with pytest.raises(CartEmpty):
        place(cart, shop, at, total=D("0"))
    Cart.objects.all().delete()
    with pytest.raises(CartGone):
        place(cart, shop, at, total=D("0"))


def test_an_online_order_waits_for_payment_and_expires_with_the_hold(loaf, shop, at):
    cart = make_cart(at, LOAF="1")

    order = place(cart, shop, at, payment_method="demo_bank")

    assert order.status == "awaiting_payment"
    assert (order.expires_at - at).total_seconds() == shop.hold_minutes * 60


def test_no_line_is_sold_for_nothing(shop, at):
    make_product(title="Thread", price="0.0040", codes=("THREAD",), stock={shop: "10"})
    cart = make_cart(at, THREAD="2")
    CartLine.objects.update(quantity=1)

    with pytest.raises(LineOffStep) as refused:
        place(cart, shop, at, total=D("0.00"))

    assert refused.value.extra["codes"] == ["THREAD"]
    assert not Order.objects.exists()


def test_a_closed_shop_takes_the_order_for_its_next_opening(loaf, shop, at):
    shop.hours.all().delete()
    ShopHours.objects.create(shop=shop, weekday=2, opens=dt.time(9), closes=dt.time(18))

    order = place(make_cart(at, LOAF="1"), shop, at)

    assert order.promised_at == dt.datetime(2026, 3, 11, 9, 15, tzinfo=dt.UTC)
    assert order.expires_at == dt.datetime(2026, 3, 18, 18, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize("reason", ["paused", "no opening for seven days"])
def test_a_shop_that_takes_no_orders_refuses_and_offers_the_others(loaf, shop, at, reason):
    market = make_shop("market")
    closed = make_shop("quay", open_all_week=False)
    cart = make_cart(at, LOAF="1")
    if reason == "paused":
        pause(shop_id=shop.pk, until=at + dt.timedelta(hours=1), actor=SETUP, at=at)
    else:
        shop.hours.all().delete()

    with pytest.raises(ShopClosed) as refused:
        place(cart, shop, at)

    assert refused.value.extra["shops"] == [market]
    assert closed not in refused.value.extra["shops"]
    assert (Order.objects.count(), Reservation.objects.count(), cart.lines.count()) == (0, 0, 1)


def test_an_unknown_shop_is_refused_like_a_closed_one(loaf, shop, at):
    with pytest.raises(ShopClosed):
        place(make_cart(at, LOAF="1"), shop, at, shop_id=shop.pk + 1000)


def test_an_unknown_way_to_pay_is_refused(loaf, shop, at):
    with pytest.raises(UnknownPaymentMethod):
        place(make_cart(at, LOAF="1"), shop, at, payment_method="promise")


def test_a_quantity_that_is_no_longer_sold_is_refused(loaf, shop, at):
    cart = make_cart(at, LOAF="3")
    Sku.objects.update(step=D("2"), min_quantity=D("2"))

    with pytest.raises(LineOffStep) as refused:
        place(cart, shop, at)

    assert (refused.value.code, refused.value.extra["codes"]) == ("bad_quantity", ["LOAF"])


def test_a_price_changed_after_the_page_was_shown_is_not_charged(loaf, shop, at):
    cart = make_cart(at, LOAF="1")
    shown = quote_cart(cart_id=cart.pk, at=at).total
    sku = Sku.objects.get()
    later = at + dt.timedelta(minutes=1)
    set_price(sku_id=sku.pk, amount=D("4.20"), starts_at=later, source="test", actor=SETUP, at=at)

    with pytest.raises(TotalChanged) as refused:
        place(cart, shop, later, total=shown)

    assert refused.value.extra["quote"].total == D("4.20")
    assert place(cart, shop, later, total=D("4.20")).total == D("4.20")


def test_a_total_beyond_the_column_is_refused(shop, at):
    make_product(title="Gold", price="99999999", codes=("GOLD",), stock={shop: "999"})

    with pytest.raises(TotalTooLarge):
        place(make_cart(at, GOLD="999"), shop, at)


def test_the_order_stores_the_terms_of_the_offer(shop, at):
    page = make_product(title="Cheese", codes=())
    make_sku(page.product, "CHEESE", price="27.00", stock={shop: "2.5"}, unit="kg", step="0.1")

    line = place(make_cart(at, CHEESE="0.3"), shop, at).lines.get()

    assert (line.code, line.name, line.unit, line.quantity) == ("CHEESE", "Cheese", "kg", D("0.3"))
    assert (line.unit_price, line.amount, line.tax_rate, line.tax_amount) == (D("27"), D("8.10"), D("0.2"), D("1.35"))


def test_a_held_lock_means_busy_and_retrying_works(loaf, shop, at):
    cart = make_cart(at, LOAF="1")
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '50ms'")
    other = connection.copy()
    try:
        other.set_autocommit(False)
        other.cursor().execute("SELECT 1 FROM stock_stocklevel FOR UPDATE")
        with pytest.raises(Busy) as refused:
            place(cart, shop, at)
    finally:
        other.close()

    assert refused.value.extra["retry_after"] > 0
    assert place(cart, shop, at).status == "placed"


def test_an_editor_and_a_buyer_of_a_variant_do_not_block_each_other(loaf, shop, at, monkeypatch):
    """A save locks the product's rows before the stock; an order locks the stock before its line refers to the SKU."""
    cart, sku, placed = make_cart(at, LOAF="1"), Sku.objects.get(), []

    def buy():
        placed.append(place(cart, shop, at))
        connections.close_all()

    def count_after_the_order(*args):
        buyer = threading.Thread(target=buy)
        buyer.start()
        buyer.join(10)
        return save_count(*args)

    save_count = variants._save_count
    monkeypatch.setattr(variants, "_save_count", count_after_the_order)
    edit = variants.VariantEdit(
        key="1", sku_id=sku.pk, version=variants.version_of(sku, {}, Price.objects.filter(sku=sku)), terms=None,
        options={}, price=D("4.10"), counts=[variants.CountEdit(shop.pk, D("9"), D("10"))],
    )  # fmt: skip

    variants.save_variants(product_id=sku.product_id, edits=[edit], actor=SETUP, at=at)

    assert [order.status for order in placed] == ["placed"]
    assert (StockLevel.objects.get().on_hand, StockLevel.objects.get().reserved) == (D("9"), D("1"))


def test_a_silent_bank_leaves_the_order_awaiting_payment(loaf, shop, at, monkeypatch):
    def down(**_):
        raise PaymentNotStarted("The bank does not answer.")

    monkeypatch.setattr(submit, "start_payment", down)
    done = submitted(make_cart(at, LOAF="1"), shop, at, "demo_bank")

    assert (done.redirect_url, done.order.status) == (None, "awaiting_payment")
    assert Reservation.objects.get().state == "held"


def test_the_payment_is_opened_after_the_order_is_committed(loaf, shop, at, monkeypatch):
    seen = []

    def open_payment(*, order_id, return_url, actor, at):
        seen.append((connection.in_atomic_block, return_url))
        return Payment(redirect_url="https://bank.example/pay")

    monkeypatch.setattr(submit, "start_payment", open_payment)
    online = submitted(make_cart(at, LOAF="1"), shop, at, "demo_bank")
    at_the_counter = submitted(make_cart(at, LOAF="1"), shop, at, "on_collection")

    assert online.redirect_url == "https://bank.example/pay"
    assert at_the_counter.redirect_url is None
    assert seen == [(False, f"/back/{online.order.number}")]


def submitted(cart, shop, at, method):
    new = wish(cart, shop, at, payment_method=method)
    return submit.submit_checkout(new=new, return_url=lambda order: f"/back/{order.number}", actor=GUEST, at=at)


@pytest.mark.parametrize("stock", ["9", "1"], ids=["bands stay", "every band flips"])
def test_placing_makes_as_many_queries_for_20_lines_as_for_1(shop, at, stock):
    codes = [f"C{number}" for number in range(22)]
    for code in codes:
        make_product(title=code, price="1.00", codes=(code,), stock={shop: stock})
    # What is kept is read for the first.
    place(make_cart(at, C21="1"), shop, at, total=D("1.00"))
    counts = []
    for cart in (make_cart(at, C20="1"), make_cart(at, **dict.fromkeys(codes[:20], "1"))):
        total = quote_cart(cart_id=cart.pk, at=at).total
        with CaptureQueriesContext(connection) as seen:
            place(cart, shop, at, total=total)
        counts.append(len(seen))

    assert counts[0] == counts[1] <= 11, [query["sql"][:90] for query in seen]
