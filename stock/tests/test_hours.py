"""Opening hours: familiar examples, then properties over random weeks, time zones and times."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from stock import hours
from stock.models import Shop, ShopDay, ShopHours

ZONES = ["UTC", "Europe/Amsterdam", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Europe/Moscow"]
# Both clock changes in both hemispheres, the turn of the year, and an ordinary week.
SEASONS = [
    dt.datetime(2026, month, day) for month, day in ((3, 6), (3, 27), (4, 3), (6, 9), (10, 2), (10, 23), (12, 30))
]


def a_shop(weekly, days=(), **fields):
    """Return a shop as the selectors load it, without a database. `weekly`: {weekday: [(opens, closes)]}."""
    values = {"timezone": "UTC", "lead_minutes": 15, "hold_days": 1, "is_active": True, "paused_until": None, **fields}
    shop = Shop(**values)
    rows = [ShopHours(weekday=day, opens=a, closes=b) for day, spans in weekly.items() for a, b in spans]
    # A clustered model keeps unsaved children here; `shop.hours.all()` reads them.
    shop._cluster_related_objects = {"hours": rows, "days": [ShopDay(**day) for day in days]}
    return shop


def t(text):
    return dt.time.fromisoformat(text)


def utc(text):
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


NINE_TO_SIX = {weekday: [(t("09:00"), t("18:00"))] for weekday in range(6)}


@pytest.mark.parametrize(
    ("at", "promised"),
    [
        ("2026-03-10 10:00", "2026-03-10 10:15"),
        ("2026-03-10 07:00", "2026-03-10 09:15"),
        ("2026-03-10 17:45", "2026-03-10 18:00"),
        ("2026-03-10 17:55", "2026-03-11 09:10"),
        ("2026-03-10 18:00", "2026-03-11 09:15"),
        ("2026-03-14 18:30", "2026-03-16 09:15"),
    ],
    ids=["open", "before opening", "just fits", "goes on tomorrow", "just closed", "over Sunday"],
)
def test_promise_is_the_lead_time_in_opening_hours(at, promised):
    assert hours.promise_at(a_shop(NINE_TO_SIX), utc(at)) == utc(promised)


def test_a_long_lead_time_extends_over_several_days():
    assert hours.promise_at(a_shop(NINE_TO_SIX, lead_minutes=20 * 60), utc("2026-03-10 09:00")) == utc(
        "2026-03-12 11:00"
    )


def test_a_shop_that_never_closes_promises_across_midnight():
    shop = a_shop({weekday: [(t("00:00"), t("00:00"))] for weekday in range(7)})

    assert hours.promise_at(shop, utc("2026-03-10 23:55")) == utc("2026-03-11 00:10")


def test_a_shop_that_takes_no_orders_promises_nothing():
    at = utc("2026-03-10 10:00")

    assert hours.promise_at(a_shop({}), at) is None
    assert hours.promise_at(a_shop(NINE_TO_SIX, is_active=False), at) is None
    assert hours.promise_at(a_shop(NINE_TO_SIX, paused_until=at + dt.timedelta(minutes=1)), at) is None
    assert hours.promise_at(a_shop(NINE_TO_SIX, paused_until=at), at) is not None


def test_a_shop_closed_for_the_next_seven_days_takes_no_orders():
    closed = [{"date": dt.date(2026, 3, 10) + dt.timedelta(days=day)} for day in range(9)]
    shop = a_shop(NINE_TO_SIX, closed)

    assert hours.promise_at(shop, utc("2026-03-10 10:00")) is None
    assert hours.next_opening(shop, utc("2026-03-10 10:00")) is None
    assert hours.promise_at(shop, utc("2026-03-13 10:00")) == utc("2026-03-19 09:15")


def test_a_special_day_replaces_the_weekdays_hours():
    shop = a_shop(NINE_TO_SIX, [{"date": dt.date(2026, 3, 10), "opens": t("12:00"), "closes": t("14:00")}])

    assert not hours.is_open(shop, utc("2026-03-10 10:00"))
    assert hours.is_open(shop, utc("2026-03-10 13:59"))
    assert hours.next_opening(shop, utc("2026-03-10 14:00")).opens_at == utc("2026-03-11 09:00")


def test_special_days_of_the_next_two_weeks_are_printed_with_their_notes():
    days = [
        {"date": dt.date(2026, 3, 24), "note": {"en": "too far"}},
        {"date": dt.date(2026, 3, 23), "opens": t("10:00"), "closes": t("14:00")},
        {"date": dt.date(2026, 3, 10), "note": {"en": "stocktaking"}},
        {"date": dt.date(2026, 3, 9)},
        {"date": dt.date(2026, 3, 11), "opens": t("00:00"), "closes": t("00:00")},
    ]
    shop = a_shop(NINE_TO_SIX, days, timezone="Pacific/Auckland")

    printed = hours.special_hours(shop, utc("2026-03-09 23:00"))

    assert [(day.label, day.text, day.note) for day in printed] == [
        ("Tue 10 Mar", "closed", "stocktaking"),
        ("Wed 11 Mar", "open 24 hours", ""),
        ("Mon 23 Mar", "10:00–14:00", ""),
    ]


def test_friday_night_is_open_on_saturday_morning():
    shop = a_shop({4: [(t("20:00"), t("03:00"))]}, timezone="Europe/Amsterdam")

    assert hours.is_open(shop, utc("2026-03-14 01:59"))
    assert not hours.is_open(shop, utc("2026-03-14 02:00"))
    assert next(hours.openings(shop, utc("2026-03-14 00:30"))).date == dt.date(2026, 3, 13)


@pytest.mark.parametrize(
    ("at", "days", "until"),
    [
        ("2026-03-10 10:00", 1, "2026-03-11 18:00"),
        ("2026-03-10 20:00", 1, "2026-03-11 18:00"),
        ("2026-03-14 10:00", 1, "2026-03-16 18:00"),
        ("2026-03-13 10:00", 3, "2026-03-17 18:00"),
        ("2026-03-10 10:00", 0, "2026-03-11 18:00"),
    ],
    ids=["tomorrow", "after closing", "over Sunday", "three open days", "at least one"],
)
def test_an_order_is_held_to_the_end_of_the_next_open_day(at, days, until):
    assert hours.hold_until(a_shop(NINE_TO_SIX, hold_days=days), utc(at)) == utc(until)


def test_hours_after_midnight_belong_to_the_previous_evening():
    nights = a_shop({weekday: [(t("20:00"), t("03:00"))] for weekday in range(7)})

    assert hours.hold_until(nights, utc("2026-03-11 01:00")) == utc("2026-03-12 03:00")


def test_a_day_that_begins_before_the_night_ends_is_the_next_one():
    fridays = {4: [(t("18:00"), t("02:00"))], 6: [(t("09:00"), t("18:00"))]}
    day = {"date": dt.date(2026, 3, 14), "opens": t("01:00"), "closes": t("23:00")}
    weekly = {4: [(t("22:00"), t("02:00"))], 5: [(t("00:00"), t("23:00"))]}

    assert hours.hold_until(a_shop(fridays, [day]), utc("2026-03-14 01:30")) == utc("2026-03-14 23:00")
    assert hours.hold_until(a_shop(weekly), utc("2026-03-14 00:30")) == utc("2026-03-14 23:00")


def test_a_shop_open_once_a_week_holds_for_several_weeks():
    assert hours.hold_until(a_shop({1: [(t("09:00"), t("18:00"))]}, hold_days=3), utc("2026-03-10 10:00")) == utc(
        "2026-03-31 18:00"
    )
    assert hours.hold_until(a_shop({}), utc("2026-03-10 10:00")) == utc("2026-03-12 10:00")


def test_the_missing_and_the_repeated_hour_of_clock_changes_are_handled():
    nights = a_shop({5: [(t("22:00"), t("02:30"))], 6: [(t("02:30"), t("09:00"))]}, timezone="Europe/Amsterdam")

    spring = list(hours.openings(nights, utc("2026-03-28 12:00"), 2))
    autumn = list(hours.openings(nights, utc("2026-10-24 12:00"), 2))

    assert [(o.opens_at, o.closes_at) for o in spring] == [
        (utc("2026-03-28 21:00"), utc("2026-03-29 00:30")),
        (utc("2026-03-29 01:30"), utc("2026-03-29 07:00")),
    ]
    assert [(o.opens_at, o.closes_at) for o in autumn] == [
        (utc("2026-10-24 20:00"), utc("2026-10-25 00:30")),
        (utc("2026-10-25 01:30"), utc("2026-10-25 08:00")),
    ]


def test_a_week_is_printed_day_by_day():
    shop = a_shop(
        {**NINE_TO_SIX, 5: [(t("13:00"), t("17:00")), (t("09:00"), t("12:00"))], 6: [(t("00:00"), t("00:00"))]}
    )

    texts = [day.text for day in hours.week(shop)]

    assert texts == ["9:00–18:00"] * 5 + ["9:00–12:00, 13:00–17:00", "open 24 hours"]
    assert hours.week(a_shop(NINE_TO_SIX))[6].text == "closed"
    assert hours.hours_summary(shop) == "9:00–18:00"


@pytest.mark.parametrize(("opens", "text"), [("08:00", "24 hours from 8:00"), ("00:00", "open 24 hours")])
def test_a_day_with_equal_opening_and_closing_times_is_printed_as_a_whole_day(opens, text):
    shop = a_shop({**NINE_TO_SIX, 1: [(t(opens), t(opens))]})

    assert hours.week(shop)[1].text == text


def test_a_shop_that_never_closes_is_printed_as_such():
    shop = a_shop({weekday: [(t("08:00"), t("08:00"))] for weekday in range(7)})

    assert [day.text for day in hours.week(shop)] == ["open 24 hours"] * 7
    assert hours.hours_line(shop) == "open 24 hours"


def test_the_line_of_hours_names_its_days():
    ten = [(t("10:00"), t("16:00"))]
    nine = [(t("09:00"), t("18:00"))]

    assert hours.hours_line(a_shop({**NINE_TO_SIX, 5: ten, 6: ten})) == "Mon–Fri\u00a09:00–18:00"
    assert hours.hours_line(a_shop(dict.fromkeys(range(7), nine))) == "9:00–18:00"
    assert hours.hours_line(a_shop({**NINE_TO_SIX, 1: ten, 3: ten, 5: ten})) == "Mon, Wed, Fri\u00a09:00–18:00"


clock_times = st.builds(dt.time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))
spans = st.lists(st.tuples(clock_times, clock_times), max_size=2, unique_by=lambda span: span[0])
weeks = st.dictionaries(st.integers(0, 6), spans, max_size=7)
moments = st.builds(
    lambda season, minutes: (season + dt.timedelta(minutes=minutes)).replace(tzinfo=dt.UTC),
    st.sampled_from(SEASONS),
    st.integers(0, 5 * 24 * 60),
)


@st.composite
def special_days(draw):
    at = draw(moments)
    offsets = draw(st.sets(st.integers(-1, 8), max_size=3))
    days = []
    for offset in sorted(offsets):
        date = (at + dt.timedelta(days=offset)).date()
        span = draw(st.none() | st.tuples(clock_times, clock_times))
        days.append({"date": date, **({"opens": span[0], "closes": span[1]} if span else {})})
    return at, days


def inside_printed_hours(shop, moment, *, may_be_end):
    """Say, by the wall clock and without hours.py, whether a time lies within the printed hours."""
    wall = moment.astimezone(ZoneInfo(shop.timezone)).replace(tzinfo=None)
    for back in (0, 1):
        date = wall.date() - dt.timedelta(days=back)
        special = [day for day in shop.days.all() if day.date == date]
        rows = special or [row for row in shop.hours.all() if row.weekday == date.weekday()]
        for row in rows:
            if row.opens is None:
                continue
            opens = dt.datetime.combine(date, row.opens)
            closes = dt.datetime.combine(date, row.closes)
            closes += dt.timedelta(days=1) if closes <= opens else dt.timedelta()
            if opens <= wall < closes or (may_be_end and wall == closes):
                return True
    return False


@settings(max_examples=500, deadline=None)
@given(weeks, special_days(), st.sampled_from(ZONES), st.integers(0, 3000))
def test_no_promise_outside_printed_hours(weekly, moment_and_days, zone, lead):
    at, days = moment_and_days
    shop = a_shop(weekly, days, timezone=zone, lead_minutes=lead)

    promised = hours.promise_at(shop, at)

    assume(promised is not None)
    assert promised >= at + dt.timedelta(minutes=lead)
    assert inside_printed_hours(shop, promised, may_be_end=True)
    assert (
        hours.promise_at(shop, at + dt.timedelta(minutes=7)) is None
        or hours.promise_at(shop, at + dt.timedelta(minutes=7)) >= promised
    )


@settings(max_examples=500, deadline=None)
@given(weeks, special_days(), st.sampled_from(ZONES))
def test_open_and_next_opening_agree_with_the_wall_clock(weekly, moment_and_days, zone):
    at, days = moment_and_days
    shop = a_shop(weekly, days, timezone=zone)

    upcoming = hours.next_opening(shop, at)

    assert not hours.is_open(shop, at) or inside_printed_hours(shop, at, may_be_end=False)
    if upcoming is not None:
        assert at < upcoming.opens_at < upcoming.closes_at
        assert upcoming.opens_at <= at + dt.timedelta(days=7)
        assert hours.is_open(shop, upcoming.opens_at)


@settings(max_examples=300, deadline=None)
@given(weeks, special_days(), st.sampled_from(ZONES), st.integers(0, 4))
def test_a_hold_ends_when_the_shop_closes_on_a_later_day(weekly, moment_and_days, zone, hold_days):
    at, days = moment_and_days
    shop = a_shop(weekly, days, timezone=zone, hold_days=hold_days)

    until = hours.hold_until(shop, at)

    assert until > at
    assert inside_printed_hours(shop, until, may_be_end=True) or until == at + dt.timedelta(days=max(hold_days, 1) + 1)
