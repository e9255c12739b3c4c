"""The cash book on the panel: today's figures, closing a day, the days before."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders.models import CashDay
from staff.tests.factories import make_collected, make_employee, sign_in
from tests.markup import squeezed
from tests.moments import AT

pytestmark = pytest.mark.django_db
PAGE = "/staff/cash/"


@pytest.fixture
def desk(shop):
    return sign_in(make_employee(shop, role="shop_manager", name="Berta Berg"))


def read(client, path=PAGE):
    response = client.get(path)
    assert response.status_code == 200
    return squeezed(response.content.decode())


def test_the_menu_leads_to_the_book_for_those_who_close_it(desk, client):
    assert PAGE in desk.get("/staff/find/").content.decode()
    assert PAGE not in client.get("/staff/find/").content.decode()
    assert client.get(PAGE).status_code == 404


def test_today_is_shown_with_its_figures(desk, shop):
    make_collected(shop=shop)

    html = read(desk)

    assert "Today, 10 March" in html
    assert '<dt>Taken in cash</dt><dd class="num">€5.20</dd>' in html
    assert '<dt>Taken by card</dt><dd class="num">€0.00</dd>' in html
    assert "Not closed" in html


def test_a_day_is_closed_and_shown_as_closed(desk, shop):
    make_collected(shop=shop)

    response = desk.post(PAGE, {"opening": "100", "counted": "105,20", "reason": ""})

    assert (response.status_code, response.headers["Location"]) == (303, f"{PAGE}?day=2026-03-10")
    html = read(desk, response.headers["Location"])
    assert '<dt>Counted</dt><dd class="num">€105.20</dd>' in html
    assert "Closed by Berta, 10 Mar" in html
    assert "Close the day" not in html
    assert "after it was closed" not in html
    make_collected(shop=shop, nonce="later")
    assert "Cash of this day was taken or refunded after it was closed." in read(desk)


def test_a_difference_asks_for_a_reason_and_keeps_what_was_entered(desk, shop):
    make_collected(shop=shop)
    entered = {"opening": "100", "counted": "100", "reason": ""}

    refused = desk.post(PAGE, entered)

    html = squeezed(refused.content.decode())
    assert refused.status_code == 422
    assert "€5.20 is missing: €105.20 is expected. Count again, or say why." in html
    assert html.count('value="100"') == 2
    assert desk.post(PAGE, {**entered, "reason": "change for the market"}).status_code == 303
    assert "Closed, −€5.20" in read(desk)
    assert "change for the market" in read(desk)


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("counted", "", "Enter an amount; 0 if there is nothing."),
        ("counted", "lots", "Enter an amount, for example 120."),
        ("counted", "-1", "Enter an amount, for example 120."),
        ("counted", "1,250", ""),
        ("opening", "", "Enter an amount; 0 if there is nothing."),
        ("reason", "x" * 201, "Keep the reason to 200 characters."),
    ],
)
def test_what_is_no_amount_is_refused(desk, shop, field, typed, sentence):
    response = desk.post(PAGE, {"opening": "0", "counted": "0", "reason": "", field: typed})

    assert response.status_code == 422
    assert sentence in squeezed(response.content.decode())
    assert not CashDay.objects.exists()


def test_a_closed_day_is_not_closed_again(desk):
    form = {"opening": "0", "counted": "0", "reason": ""}
    desk.post(PAGE, form)

    response = desk.post(PAGE, form)

    assert response.status_code == 409
    assert "This day has already been closed." in squeezed(response.content.decode())


@pytest.mark.violates("I22")
def test_a_forgotten_day_is_closed_later(desk, shop):
    make_collected(AT - dt.timedelta(days=1), shop=shop)
    assert f"{PAGE}?day=2026-03-09" in read(desk)

    desk.post(f"{PAGE}?day=2026-03-09", {"opening": "10", "counted": "15.20", "reason": ""})

    assert CashDay.objects.get().date == dt.date(2026, 3, 9)
    assert 'value="10.00"' in read(desk)


@pytest.mark.parametrize("day", ["2026-03-11", "2026-02-08", "yesterday", "", "2026-02-30", "٢٠٢٦-٠٣-١٠"])
def test_a_day_the_book_does_not_show_is_a_missing_page(desk, day):
    assert desk.get(f"{PAGE}?day={day}").status_code == 404


@pytest.mark.violates("I22")
def test_the_page_makes_no_query_for_each_day(desk, shop):
    counts = []
    for days in (0, 1, 2, 3, 4, 5):
        make_collected(AT - dt.timedelta(days=days), shop=shop, nonce=f"nonce-{days}")
        with CaptureQueriesContext(connection) as seen:
            read(desk)
        counts.append(len(seen))

    assert counts[1] == counts[5]
