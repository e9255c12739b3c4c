"""Stock services."""

import datetime as dt
from decimal import Decimal as D

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry
from accounts.tests.factories import make_customer, make_staff
from common.actors import SETUP
from common.models import OutboxMessage
from products.models import Product, Sku
from stock.models import Band, Reservation, Shop, ShopDay, ShopStaff, StockLevel, StockMovement
from stock.selectors import active_shops, shop_by_code, staff_shops
from stock.services import reserve as reserving
from stock.services.count import CountBelowReserved, count
from stock.services.issue import issue
from stock.services.receive import receive
from stock.services.reserve import OutOfStock, release, reserve, set_expiry
from stock.services.shops import assign, pause
from stock.tests.factories import make_level, make_shop

# Stock is reserved here for orders that do not exist.
pytestmark = [pytest.mark.django_db, pytest.mark.violates("I05")]


@pytest.fixture
def shop():
    return make_shop()


@pytest.fixture
def sku():
    return Sku.objects.create(product=Product.objects.create(), code="LOAF", is_active=False)


def take(shop, sku, quantity, at, reference="AAAA0001"):
    reserve(shop_id=shop.pk, wanted={sku.pk: D(quantity)}, reference=reference, expires_at=None, at=at)


def level_of(shop, sku):
    return StockLevel.objects.get(shop=shop, sku=sku)


def test_receiving_creates_the_level_and_a_movement(shop, sku, at):
    level = receive(shop_id=shop.pk, sku_id=sku.pk, quantity=D("5"), actor=SETUP, at=at)

    assert (level.on_hand, level.band) == (D("5"), Band.IN_STOCK)
    assert StockMovement.objects.get().quantity == D("5")


@pytest.mark.parametrize(("quantity", "band"), [("4", Band.IN_STOCK), ("3", Band.FEW), ("0.5", Band.FEW)])
def test_the_band_follows_the_available_quantity(shop, sku, quantity, band):
    assert make_level(shop, sku, quantity).band == band


def test_reserving_the_rest_sells_out_and_queues_a_message(shop, sku, at):
    make_level(shop, sku, "2")
    OutboxMessage.objects.all().delete()

    take(shop, sku, "2", at)

    level = level_of(shop, sku)
    assert (level.on_hand, level.reserved, level.band) == (D("2"), D("2"), Band.SOLD_OUT)
    assert OutboxMessage.objects.get().event == "stock.band_changed"


def test_a_short_line_refuses_all_lines_and_names_each(shop, sku, at):
    other = Sku.objects.create(product=sku.product, code="BUN", is_active=False)
    third = Sku.objects.create(product=sku.product, code="PIE", is_active=False)
    make_level(shop, sku, "2")
    make_level(shop, other, "1")
    wanted = {sku.pk: D("1"), other.pk: D("3"), third.pk: D("1")}

    with pytest.raises(OutOfStock) as refused:
        reserve(shop_id=shop.pk, wanted=wanted, reference="AAAA0001", expires_at=None, at=at)

    assert refused.value.extra["short"] == {other.pk: D("1"), third.pk: D("0")}
    assert level_of(shop, sku).reserved == 0
    assert not Reservation.objects.exists()


def test_tenths_of_a_kilogram_are_exact(shop, sku, at):
    make_level(shop, sku, "0.3")

    take(shop, sku, "0.1", at, "AAAA0001")
    take(shop, sku, "0.2", at, "AAAA0002")

    assert level_of(shop, sku).reserved == D("0.3")
    with pytest.raises(OutOfStock):
        take(shop, sku, "0.001", at, "AAAA0003")


def test_releasing_twice_releases_once(shop, sku, at):
    make_level(shop, sku, "2")
    take(shop, sku, "2", at)

    assert release(reference="AAAA0001", at=at) == 1
    assert release(reference="AAAA0001", at=at) == 0
    assert (level_of(shop, sku).reserved, level_of(shop, sku).band) == (D("0"), Band.FEW)


def test_issuing_lowers_both_figures_and_writes_a_movement(shop, sku, at):
    make_level(shop, sku, "5")
    take(shop, sku, "2", at)

    assert issue(reference="AAAA0001", actor=SETUP, at=at) == 1
    assert issue(reference="AAAA0001", actor=SETUP, at=at) == 0

    level = level_of(shop, sku)
    assert (level.on_hand, level.reserved) == (D("3"), D("0"))
    assert StockMovement.objects.get(kind="issue").quantity == D("-2")


def test_a_count_below_what_is_reserved_is_refused_with_the_orders(shop, sku, at):
    make_level(shop, sku, "5")
    take(shop, sku, "4", at)

    with pytest.raises(CountBelowReserved) as refused:
        count(shop_id=shop.pk, sku_id=sku.pk, counted=D("3"), actor=SETUP, at=at)

    assert refused.value.extra["references"] == ["AAAA0001"]
    assert level_of(shop, sku).on_hand == D("5")


def test_a_count_is_recorded_as_the_difference(shop, sku, at):
    make_level(shop, sku, "5")

    count(shop_id=shop.pk, sku_id=sku.pk, counted=D("3"), actor=SETUP, at=at)

    assert level_of(shop, sku).on_hand == D("3")
    assert StockMovement.objects.get(kind="count").quantity == D("-2")


@pytest.mark.parametrize("in_turn", [False, True], ids=["as the database does it", "in turn, as on SQLite"])
def test_bands_flip_with_the_reservation_in_both_implementations(shop, sku, at, in_turn, monkeypatch):
    if in_turn:
        monkeypatch.setattr(reserving, "_hold", reserving._hold_in_turn)
    other = Sku.objects.create(product=sku.product, code="BUN", is_active=False)
    make_level(shop, sku, "4")
    make_level(shop, other, "9")
    OutboxMessage.objects.all().delete()

    wanted = {other.pk: D("1"), sku.pk: D("2")}
    reserve(shop_id=shop.pk, wanted=wanted, reference="AAAA0001", expires_at=None, at=at)

    assert (level_of(shop, sku).band, level_of(shop, other).band) == (Band.FEW, Band.IN_STOCK)
    assert [m.payload for m in OutboxMessage.objects.all()] == [
        {"sku_id": sku.pk, "shop_id": shop.pk, "band": Band.FEW}
    ]


def test_every_flip_queues_a_message_even_for_the_same_order(shop, sku, at):
    make_level(shop, sku, "2")
    OutboxMessage.objects.all().delete()

    for _ in range(3):
        take(shop, sku, "2", at)
        release(reference="AAAA0001", at=at, state="expired")

    bands = OutboxMessage.objects.order_by("id").values_list("payload__band", flat=True)
    assert list(bands) == [Band.SOLD_OUT, Band.FEW] * 3


def test_a_band_changed_and_restored_by_one_order_queues_both_messages(shop, sku, at):
    make_level(shop, sku, "4")
    take(shop, sku, "1", at, "AAAA0001")
    take(shop, sku, "3", at, "BBBB0002")
    OutboxMessage.objects.filter(payload__band=Band.SOLD_OUT).delete()

    release(reference="AAAA0001", at=at)

    bands = OutboxMessage.objects.order_by("id").values_list("payload__band", flat=True)
    assert level_of(shop, sku).band == Band.FEW
    assert list(bands) == [Band.IN_STOCK, Band.FEW, Band.FEW]


def test_a_claim_whose_statement_was_lost_fails_once(shop, sku, at):
    make_level(shop, sku, "5")
    take(shop, sku, "1", at)
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")

    with pytest.raises(DatabaseError):
        take(shop, sku, "1", at, reference="AAAA0002")
    take(shop, sku, "1", at, reference="AAAA0003")

    assert level_of(shop, sku).reserved == 2


@pytest.mark.parametrize("wanted", [{}, {1: D("0")}, {1: D("-1")}], ids=["nothing", "zero", "less than nothing"])
def test_an_empty_reservation_is_refused(shop, wanted, at):
    with pytest.raises(ValueError, match="positive"):
        reserve(shop_id=shop.pk, wanted=wanted, reference="AAAA0001", expires_at=None, at=at)


def test_another_shops_stock_is_not_taken(shop, sku, at):
    make_level(make_shop("market"), sku, "5")

    with pytest.raises(OutOfStock) as refused:
        take(shop, sku, "1", at)
    assert refused.value.extra["short"] == {sku.pk: D("0")}


def test_the_expiry_changes_for_live_reservations_only(shop, sku, at):
    make_level(shop, sku, "5")
    take(shop, sku, "1", at)
    take(shop, sku, "1", at, "AAAA0002")
    release(reference="AAAA0002", at=at)

    assert set_expiry(reference="AAAA0001", expires_at=at) == 1
    assert set_expiry(reference="AAAA0002", expires_at=at) == 0


@pytest.mark.parametrize("end", ["release", "issue"])
def test_ending_makes_as_many_queries_for_20_lines_as_for_1(shop, sku, at, end):
    skus = [Sku.objects.create(product=sku.product, code=f"C{n}", is_active=False) for n in range(21)]
    for one in skus:
        make_level(shop, one, "1")
    counts = []
    for reference, some in (("AAAA0001", skus[:1]), ("AAAA0002", skus[1:])):
        wanted = {one.pk: D("1") for one in some}
        reserve(shop_id=shop.pk, wanted=wanted, reference=reference, expires_at=None, at=at)
        with CaptureQueriesContext(connection) as seen:
            release(reference=reference, at=at) if end == "release" else issue(reference=reference, actor=SETUP, at=at)
        counts.append(len(seen))

    assert counts[0] == counts[1] <= 10


def test_a_pause_ends_by_itself_or_on_request_and_is_audited(shop, at):
    later = at + dt.timedelta(hours=1)

    assert pause(shop_id=shop.pk, until=later, actor=SETUP, at=at).paused_until == later
    assert pause(shop_id=shop.pk, until=at, actor=SETUP, at=at).paused_until is None
    assert pause(shop_id=shop.pk, until=None, actor=SETUP, at=at).paused_until is None
    assert list(AuditEntry.objects.order_by("id").values_list("action", flat=True)) == [
        "shop.pause", "shop.resume", "shop.resume",
    ]  # fmt: skip


def test_staff_are_assigned_to_a_shop_once_and_audited(shop, at):
    ben, station = make_staff(role="employee"), make_shop(code="station")

    assert assign(user_id=ben.pk, shop_ids=[shop.pk], actor=SETUP, at=at) == [shop.pk]
    assert assign(user_id=ben.pk, shop_ids=[shop.pk, station.pk], actor=SETUP, at=at) == [station.pk]
    assert assign(user_id=ben.pk, shop_ids=[shop.pk], actor=SETUP, at=at) == []
    assert {one.pk for one in staff_shops(ben)} == {shop.pk, station.pk}
    assert list(AuditEntry.objects.filter(action="staff.post").order_by("id").values_list("note", flat=True)) == [
        f"shop:{shop.pk}", f"shop:{station.pk}",
    ]  # fmt: skip


def test_a_quantity_that_is_not_positive_is_not_received(shop, sku, at):
    for quantity in ("0", "-1"):
        with pytest.raises(ValueError, match="positive"):
            receive(shop_id=shop.pk, sku_id=sku.pk, quantity=D(quantity), actor=SETUP, at=at)
    with pytest.raises(ValueError, match="negative"):
        count(shop_id=shop.pk, sku_id=sku.pk, counted=D("-1"), actor=SETUP, at=at)
    assert not StockLevel.objects.exists()


def test_counting_the_recorded_quantity_writes_nothing(shop, sku, at):
    make_level(shop, sku, "5")

    assert count(shop_id=shop.pk, sku_id=sku.pk, counted=D("5"), actor=SETUP, at=at).on_hand == D("5")
    assert StockMovement.objects.filter(kind="count").count() == 0


# --- Selectors -----------------------------------------------------------------------------------


def test_shops_are_read_with_their_hours(shop, sku, django_assert_num_queries):
    make_shop("market", is_active=False)
    make_level(shop, sku, "5")

    with django_assert_num_queries(1):
        shops = active_shops()
        assert [(one.code, one.hours.count()) for one in shops] == [("canal", 7)]
    assert shop_by_code("canal") == shop
    assert [shop_by_code(code) for code in (None, "", "market", "nowhere", "x" * 500)] == [None] * 5


@pytest.mark.sqlite
def test_hours_and_special_days_are_read_as_they_were_written():
    shop = make_shop("market")
    ShopDay.objects.create(shop=shop, date=dt.date(2026, 12, 25), note={"en": "Christmas"})
    ShopDay.objects.create(shop=shop, date=dt.date(2026, 12, 24), opens=dt.time(8, 30), closes=dt.time(14))

    loaded, stored = shop_by_code("market"), Shop.objects.get()

    for name in ("hours", "days"):
        fields = [field.attname for field in getattr(stored, name).model._meta.concrete_fields]
        read = [[getattr(row, field) for field in fields] for row in getattr(loaded, name).all()]
        assert read == [[getattr(row, field) for field in fields] for row in getattr(stored, name).order_by("pk")]
    assert [day.note_text for day in loaded.days.all()] == ["Christmas", ""]
    assert loaded.days.all()[0].shop is loaded


def test_staff_see_the_shops_they_work_at(shop):
    market = make_shop("market", is_active=False)
    owner, employee, customer = make_staff("owner"), make_staff("employee"), make_customer()
    ShopStaff.objects.create(user=employee, shop=market)

    assert [staff_shops(user) for user in (owner, employee, customer)] == [[shop, market], [market], []]
