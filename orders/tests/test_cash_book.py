"""The cash book: what moved at the counter on a day of the shop's clock, and closing it."""

import datetime as dt
from decimal import Decimal as D

import pytest
from django.db import IntegrityError, transaction

from orders.cash_book import NOTHING, DayFigures, closed_days, figures_of, today_at, usual_opening
from orders.models import CashDay
from orders.permissions import NotAllowed
from orders.services import cash_day
from orders.services.cash_day import AlreadyClosed, NotOverYet, ReasonMissing, close_day
from orders.services.refund import refund_amount
from orders.tests.factories import actor_of, make_order, make_person, make_shop
from orders.tests.test_cancel import pay
from staff.tests.factories import make_collected

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
DAY = dt.date(2026, 3, 10)
# 23:30 and 00:30 in Amsterdam.
LATE, NEXT = (dt.datetime(2026, 3, 10, 22, 30, tzinfo=dt.UTC), dt.datetime(2026, 3, 10, 23, 30, tzinfo=dt.UTC))


@pytest.fixture
def shop():
    return make_shop()


@pytest.fixture
def berta():
    return actor_of(make_person("shop_manager", name="Berta Berg"))


def back(order, amount, actor, at, **said):
    said = {"reason": "other", "note": "", "nonce": f"nonce-{amount}-{at}", "actor": actor, "at": at, **said}
    refund_amount(order_id=order.pk, amount=D(amount), **said)


def close(shop, actor, at, **changes):
    figures = {"date": DAY, "opening": D("100"), "counted": D("105.20"), "reason": "", **changes}
    return close_day(shop_id=shop.pk, actor=actor, at=at, **figures)


def sell(shop, at, taken="cash"):
    return make_collected(at, shop=shop) if taken == "cash" else by_card(shop, at)


def by_card(shop, at):
    order = make_order(at, shop=shop)
    order.payments.create(
        gateway="on_collection", amount=order.total, currency="EUR", state="captured", taken="card", created_at=at,
        captured_at=at,
    )  # fmt: skip
    return order


def test_cash_and_cards_are_counted_apart_and_so_are_their_refunds(shop, berta, at):
    cash, card = sell(shop, at), sell(shop, at, "card")
    sell(shop, at)
    back(cash, "1.10", berta, at)
    back(card, "2", berta, at)
    back(card, "0.20", berta, at, paid_out="cash")

    figures = figures_of(shop, DAY, DAY)

    assert figures == {DAY: DayFigures(D("10.40"), D("5.20"), D("1.30"), D("2"))}
    assert figures[DAY].till == D("9.10")


def test_money_of_other_shops_and_of_the_bank_is_not_in_the_book(shop, berta, at, bank):
    order = make_order(at, shop=shop, online=True)
    pay(order, at)
    back(order, "1", berta, at)
    sell(make_shop(), at)

    assert figures_of(shop, DAY, DAY) == {}


def test_days_begin_at_midnight_on_the_shops_clock(shop):
    sell(shop, LATE)
    sell(shop, NEXT)

    days = figures_of(shop, DAY, DAY + dt.timedelta(days=1))

    assert {day: figures.cash for day, figures in days.items()} == {DAY: D("5.20"), dt.date(2026, 3, 11): D("5.20")}
    assert list(figures_of(shop, DAY, DAY)) == [DAY]
    assert (today_at(shop, LATE), today_at(shop, NEXT)) == (DAY, dt.date(2026, 3, 11))


@pytest.mark.violates("I22")
def test_the_book_is_read_in_two_queries_whatever_the_days(shop, at, django_assert_num_queries):
    for days in range(5):
        sell(shop, at - dt.timedelta(days=days))

    with django_assert_num_queries(2):
        assert len(figures_of(shop, DAY - dt.timedelta(days=29), DAY)) == 5


def test_a_day_that_is_counted_right_is_closed(shop, berta, at):
    sell(shop, at)

    day = close(shop, berta, at)

    assert (day.expected, day.counted, day.difference, day.reason) == (D("105.20"), D("105.20"), 0, "")
    assert (day.currency, day.actor_label, day.at) == ("EUR", "Berta", at)
    assert closed_days(shop, DAY, DAY) == {DAY: day}
    assert usual_opening(shop, DAY + dt.timedelta(days=1)) == D("100")
    assert usual_opening(shop, DAY) == 0


@pytest.mark.parametrize(
    ("counted", "sentence"),
    [
        ("105.19", "€0.01 is missing: €105.20 is expected."),
        ("110", "There is €4.80 too much: €105.20 is expected."),
    ],
)
def test_a_difference_needs_a_reason(shop, berta, at, counted, sentence):
    sell(shop, at)

    with pytest.raises(ReasonMissing, match=sentence) as refused:
        close(shop, berta, at, counted=D(counted), reason="  ")
    assert refused.value.extra == {"difference": D(counted) - D("105.20")}
    assert not CashDay.objects.exists()
    assert close(shop, berta, at, counted=D(counted), reason="change").difference == D(counted) - D("105.20")


def test_a_day_is_closed_once(shop, berta, at):
    close(shop, berta, at, counted=D("100"))

    with pytest.raises(AlreadyClosed):
        close(shop, berta, at, counted=D("90"), reason="again")
    assert close(shop, berta, at, date=DAY - dt.timedelta(days=1), counted=D("100")).date.day == 9
    assert CashDay.objects.get(date=DAY).counted == D("100")


def test_two_people_who_close_it_at_once_close_it_once(shop, berta, at, monkeypatch):
    """The second has looked before the first has written; the database refuses it."""

    def meanwhile(*args):
        CashDay.objects.create(
            shop=shop, date=DAY, currency="EUR", opening=0, expected=0, counted=0, actor_label="x", at=at
        )
        return {}

    monkeypatch.setattr(cash_day, "figures_of", meanwhile)

    with pytest.raises(AlreadyClosed):
        close(shop, berta, at, counted=D("100"))


def test_a_day_that_has_not_begun_is_not_closed(shop, berta, at):
    with pytest.raises(NotOverYet):
        close(shop, berta, at, date=DAY + dt.timedelta(days=1), counted=D("100"))


@pytest.mark.parametrize("role", [None, "employee", "courier", "editor", "price_manager"])
def test_others_do_not_close_days(shop, at, role):
    with pytest.raises(NotAllowed):
        close(shop, actor_of(make_person(role)), at, counted=D("100"))


@pytest.mark.parametrize("changes", [{"opening": D("-1")}, {"counted": D("-1")}], ids=str)
def test_a_till_holds_no_negative_money(shop, berta, at, changes):
    with pytest.raises(ValueError, match="negative"):
        close(shop, berta, at, **changes)


def test_the_database_wants_a_reason_for_a_difference(shop, at):
    with pytest.raises(IntegrityError), transaction.atomic():
        CashDay.objects.create(
            shop=shop, date=DAY, currency="EUR", opening=0, expected=D("1"), counted=0, actor_label="x", at=at
        )


def test_a_day_without_money_has_no_figures(shop):
    assert figures_of(shop, DAY, DAY).get(DAY, NOTHING).till == 0
