"""Words about shops in cart and checkout, always in the shop's time zone."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from checkout.presenters.shops import no_orders, shop_today
from stock.hours import is_open as is_open_at
from stock.models import ShopDay, ShopHours
from stock.moments import say
from stock.selectors import shop_by_code
from stock.tests.factories import make_shop

pytestmark = pytest.mark.django_db
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


@pytest.fixture
def shop():
    """Return a shop in Amsterdam, open from Tuesday to Saturday, 8 to 18."""
    made = make_shop(open_all_week=False, timezone="Europe/Amsterdam")
    for weekday in range(1, 6):
        ShopHours.objects.create(shop=made, weekday=weekday, opens=dt.time(8), closes=dt.time(18))
    return shop_by_code(made.code)


def local(day, hour, minute=0):
    return dt.datetime(2026, 3, day, hour, minute, tzinfo=AMSTERDAM).astimezone(dt.UTC)


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (local(10, 14, 5), "14:05"),
        (local(10, 23, 59), "23:59"),
        (local(11, 0, 10), "tomorrow 0:10"),
        (local(11, 8, 15), "tomorrow 8:15"),
        (local(14, 8), "Sat 14 Mar 8:00"),
        (local(29, 8), "Sun 29 Mar 8:00"),
    ],
)
def test_a_time_is_written_as_people_say_it(shop, moment, said):
    assert say(moment, shop, local(10, 10)) == said


def test_a_time_for_another_day_of_reading_names_its_day(shop):
    assert say(local(10, 14, 5), shop, None) == "Tuesday 10 March, 14:05"


def test_a_pause_says_when_it_ends(shop):
    shop.paused_until = local(10, 14, 30)
    assert no_orders(shop, local(10, 10)) == "No orders until 14:30"
    assert no_orders(shop, local(10, 15)) == "No orders now"

    shop.is_active = False
    assert no_orders(shop, local(10, 10)) == "No orders now"


def test_today_is_the_shops_day_and_not_the_day_in_utc(shop):
    late = local(11, 0, 30)

    assert late.date() == dt.date(2026, 3, 10)
    assert say(local(11, 8), shop, late) == "8:00"


def test_the_servers_time_zone_makes_no_difference(shop, settings):
    settings.TIME_ZONE = "Asia/Tokyo"

    assert say(local(14, 8), shop, local(10, 10)) == "Sat 14 Mar 8:00"


def test_the_day_is_named_in_the_readers_language(shop):
    with translation.override("ru"):
        assert say(local(14, 8), shop, local(10, 10)).endswith("8:00")
        assert "Sat" not in say(local(14, 8), shop, local(10, 10))


@pytest.mark.parametrize(
    ("at", "said", "is_open"),
    [
        (local(10, 10), "open till 18:00", True),
        (local(10, 7), "closed now, opens 8:00", False),
        (local(10, 18), "closed now, opens tomorrow 8:00", False),
        (local(14, 19), "closed now, opens Tue 17 Mar 8:00", False),
    ],
    ids=["open", "early", "evening", "over the weekend"],
)
def test_a_shop_says_whether_it_is_open(shop, at, said, is_open):
    assert shop_today(shop, at) == said
    assert is_open_at(shop, at) is is_open


def test_a_shop_that_stays_closed_says_so(shop):
    for day in range(10, 20):
        ShopDay.objects.create(shop=shop, date=dt.date(2026, 3, day), opens=None, closes=None)

    assert shop_today(shop_by_code(shop.code), local(10, 10)) == "closed this week"
