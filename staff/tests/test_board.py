"""The board: columns, lateness, one tap, undo, recall, stale changes, pause, live answer, query count."""

import datetime as dt

import pytest
from django.urls import reverse

from common.outbox.models import OutboxMessage
from orders.models import Order
from orders.services.change_status import change_status
from staff.presenters.board import PAUSES, build_columns, lateness, pause_until
from staff.tests.factories import Actor, hostile_line, make_employee, make_open_order, make_shop, sign_in
from tests.markup import squeezed

BOARD = "/staff/"
HOUR, SECOND = dt.timedelta(hours=1), dt.timedelta(seconds=1)


def step(client, order: Order, to: str, version: int | None = None, **headers):
    return client.post(
        reverse("staff:step", args=[order.number]),
        {"step": f"{to}:{version or order.version}", "next": BOARD},
        **headers,
    )


@pytest.mark.violates("I22")  # no worker has run since
def test_orders_are_in_the_column_of_their_status_by_promised_time(shop, at):
    late = make_open_order("placed", at - dt.timedelta(minutes=5), shop=shop)
    early = make_open_order("placed", at - dt.timedelta(minutes=15), shop=shop)
    ready = make_open_order("ready", at, shop=shop)
    for order in (early, late, ready):
        order.due = order.total

    columns = build_columns([early, late, ready], shop=shop, role="employee", at=at)

    assert [column.title for column in columns] == ["New", "Preparing", "Ready"]
    assert [ticket.order.pk for ticket in columns[0].tickets] == [early.pk, late.pk]
    assert [ticket.order.pk for ticket in columns[2].tickets] == [ready.pk]
    assert columns[1].tickets == []


def test_a_ticket_says_everything_the_kitchen_needs(client, shop):
    order = make_open_order("placed", shop=shop)

    html = client.get(BOARD).content.decode()

    assert f"{order.number[:4]} {order.number[4:]}" in html
    assert "Butter croissant" in html
    assert '<span class="ticket__q">2</span>' in html
    assert "Contains wheat, milk" in html
    assert "Sliced, please" in html
    assert "Take €5.20" in html
    assert "Start preparing" in html
    assert "Mira J." in squeezed(html) and "Jansen" not in html
    assert "+31205550112" not in html


def test_hostile_text_is_escaped(client, shop):
    hostile_line(make_open_order("placed", shop=shop))

    html = client.get(BOARD).content.decode()

    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


@pytest.mark.parametrize(
    ("minutes", "tone", "words"),
    [
        (30, "", "due in 30 min"),
        (95, "", "due in 1 h 35 min"),
        (6, "", "due in 6 min"),
        (5, "soon", "due soon, 5 min"),
        (0, "soon", "due now"),
        (-4, "late", "late 4 min"),
        (-130, "late", "late 2 h 10 min"),
        (60 * 24, "", "due 11 Mar, 10:00"),
    ],
)
@pytest.mark.django_db
def test_lateness_is_worded_by_the_promised_time(at, minutes, tone, words):
    shop = make_shop(due_soon_minutes=5)
    order = make_open_order("preparing", at, shop=shop)
    order.promised_at = at + dt.timedelta(minutes=minutes)

    assert lateness(order, shop, at) == (tone, words)


@pytest.mark.django_db
def test_each_shop_has_its_own_threshold(at):
    shop = make_shop(due_soon_minutes=15)
    order = make_open_order("placed", at, shop=shop)
    order.promised_at = at + dt.timedelta(minutes=12)

    assert lateness(order, shop, at)[0] == "soon"


@pytest.mark.django_db
def test_a_ready_order_says_how_long_it_has_waited(at):
    shop = make_shop()
    order = make_open_order("ready", at, shop=shop)

    assert lateness(order, shop, at + dt.timedelta(minutes=13)) == ("done", "waits 13 min")


def test_the_promise_is_in_the_shops_time_zone(client, at, shop):
    make_open_order("placed", at, shop=shop)

    assert '<time class="ticket__when">10:20</time>' in client.get(BOARD).content.decode()


def test_one_tap_takes_an_order_to_the_next_status(client, shop, anna):
    order = make_open_order("placed", shop=shop)

    response = step(client, order, "preparing")

    order.refresh_from_db()
    assert (response.status_code, response.headers["Location"]) == (303, BOARD)
    assert order.status == "preparing"
    assert order.events.order_by("-id").first().actor == anna


def test_undo_reverts_it_and_stops_the_unsent_email(client, shop):
    order = make_open_order("preparing", shop=shop)
    step(client, order, "ready")
    order.refresh_from_db()
    assert OutboxMessage.objects.filter(event="order.ready").exists()
    html = client.get(BOARD).content.decode()
    assert "data-toast" in html
    assert "is now “Ready”" in html

    response = client.post(reverse("staff:undo", args=[order.number]), {"version": order.version})

    order.refresh_from_db()
    assert response.status_code == 303
    assert order.status == "preparing"
    assert not OutboxMessage.objects.filter(event="order.ready").exists()


@pytest.mark.violates("I22")  # no worker has run since
def test_a_colleagues_step_can_be_recalled_within_the_hour_and_not_later(client, shop, at):
    fresh = make_open_order("preparing", at - HOUR, shop=shop, hold=2 * HOUR)
    old = make_open_order("preparing", at - HOUR - SECOND, shop=shop, hold=2 * HOUR)

    html = client.get("/staff/recall/").content.decode()
    assert reverse("staff:undo", args=[fresh.number]) in html
    assert reverse("staff:undo", args=[old.number]) not in html
    recalled = client.post(reverse("staff:undo", args=[fresh.number]), {"version": fresh.version})
    refused = client.post(reverse("staff:undo", args=[old.number]), {"version": old.version})

    assert recalled.status_code == 303
    assert refused.status_code == 409
    assert "too late" in refused.content.decode()
    assert Order.objects.get(pk=fresh.pk).status == "placed"
    assert Order.objects.get(pk=old.pk).status == "preparing"


def test_the_toast_is_for_ones_own_last_step_only(client, shop):
    make_open_order("preparing", shop=shop)

    assert "data-toast" not in client.get(BOARD).content.decode()


def test_a_stale_change_says_who_was_first_and_when(client, shop, at):
    order = make_open_order("preparing", at, shop=shop)
    seen = order.version
    boris = make_employee(shop, name="Boris Wit")
    change_status(order_id=order.pk, to="ready", actor=Actor("Boris", boris.pk), at=at)

    response = step(client, order, "ready", seen)

    order.refresh_from_db()
    assert response.status_code == 409
    assert f"{order.number[:4]} {order.number[4:]} is already “Ready”, by Boris 10:00." in response.content.decode()
    assert order.events.count() == 3


def test_a_step_that_is_not_in_the_table_is_refused(client, shop):
    order = make_open_order("placed", shop=shop)

    response = step(client, order, "ready")

    assert response.status_code == 409
    assert Order.objects.get(pk=order.pk).status == "placed"


@pytest.mark.parametrize("text", ["", "ready", "ready:x", "gone:1", "ready:-1", "completed:99999999999", "<b>:1"])
def test_an_unknown_button_is_refused(client, shop, text):
    order = make_open_order("placed", shop=shop)

    response = client.post(reverse("staff:step", args=[order.number]), {"step": text, "next": BOARD})

    assert response.status_code == 400
    assert Order.objects.get(pk=order.pk).status == "placed"


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil"])
def test_a_foreign_next_leads_to_the_board(client, shop, target):
    order = make_open_order("placed", shop=shop)

    response = client.post(
        reverse("staff:step", args=[order.number]), {"step": f"preparing:{order.version}", "next": target}
    )

    assert (response.status_code, response.headers["Location"]) == (303, BOARD)


def test_a_ready_order_leads_to_the_hand_over_and_is_not_completed_by_a_step(client, shop):
    order = make_open_order("ready", shop=shop)

    html = client.get(BOARD).content.decode()
    response = step(client, order, "completed")

    assert reverse("staff:hand-over", args=[order.number]) in html
    assert response.status_code == 409
    assert Order.objects.get(pk=order.pk).status == "ready"


def test_orders_of_other_shops_and_unpaid_online_ones_are_not_on_the_board(client, shop):
    other = make_open_order("placed", shop=make_shop())
    unpaid = make_open_order("placed", shop=shop, online=True)

    html = client.get(BOARD).content.decode()

    assert other.number not in html
    assert unpaid.number not in html
    assert "No open orders" in html


def test_the_live_part_answers_304_until_something_changes(client, shop, stopped_clock, at):
    stopped_clock(at + dt.timedelta(minutes=1))
    make_open_order("placed", at, shop=shop)
    first = client.get("/staff/live/")

    same = client.get("/staff/live/", headers={"If-None-Match": first.headers["ETag"]})
    make_open_order("placed", at, shop=shop)
    changed = client.get("/staff/live/", headers={"If-None-Match": first.headers["ETag"]})

    assert first.status_code == 200
    assert (same.status_code, same.content) == (304, b"")
    assert changed.status_code == 200
    assert "csrfmiddlewaretoken" not in first.content.decode()
    assert "no-store" in first.headers["Cache-Control"]


def test_a_person_with_several_shops_can_switch_for_the_session(shop):
    second = make_shop(name={"en": "Mill"})
    order = make_open_order("placed", shop=second)
    client = sign_in(make_employee(shop, second))
    assert order.number not in client.get(BOARD).content.decode()

    client.get(f"{BOARD}?shop={second.code}")

    assert order.number in client.get(BOARD).content.decode()


@pytest.mark.parametrize("code", ["nowhere", "", "<x>"])
def test_an_unknown_or_foreign_shop_is_not_found(client, code):
    foreign = make_shop()

    assert client.get(BOARD, {"shop": code}).status_code == 404
    assert client.get(BOARD, {"shop": foreign.code}).status_code == 404


@pytest.mark.django_db
def test_a_person_without_a_shop_sees_what_to_do():
    client = sign_in(make_employee())

    response = client.get(BOARD)

    assert response.status_code == 200
    assert "You are not assigned to a shop" in response.content.decode()


@pytest.mark.django_db
def test_an_owner_without_a_shop_gets_a_link_to_add_one():
    response = sign_in(make_employee(role="owner")).get(reverse("staff:board"))

    assert reverse("shops:add") in response.content.decode()


def test_a_tab_is_a_link(client, shop):
    make_open_order("ready", shop=shop)

    html = squeezed(client.get(f"{BOARD}?col=ready").content.decode())

    assert '<section class="col col--on" aria-labelledby="col-ready"' in html
    assert client.get(f"{BOARD}?col=<script>").status_code == 200


def test_a_shop_can_be_paused_and_resumed(client, shop, at):
    client.post("/staff/pause/", {"pause": "30", "next": BOARD})
    shop.refresh_from_db()
    paused_until = shop.paused_until
    html = client.get(BOARD).content.decode()

    client.post("/staff/pause/", {"pause": "resume", "next": BOARD})

    shop.refresh_from_db()
    assert paused_until == at + dt.timedelta(minutes=30)
    assert "Paused: customers cannot order here until" in html
    assert shop.paused_until is None


@pytest.mark.parametrize("choice", ["", "5", "-1", "forever"])
def test_a_pause_that_is_not_offered_is_refused(client, shop, choice):
    response = client.post("/staff/pause/", {"pause": choice})

    shop.refresh_from_db()
    assert response.status_code == 400
    assert shop.paused_until is None


def test_until_tomorrow_is_the_shops_own_midnight(shop, at):
    assert pause_until("tomorrow", shop, at) == dt.datetime(2026, 3, 10, 23, 0, tzinfo=dt.UTC)
    assert {value for value, _ in PAUSES} == {"15", "30", "60", "tomorrow"}


@pytest.mark.usefixtures("pages_drawn_anew")
@pytest.mark.parametrize("path", [BOARD, "/staff/live/"])
def test_the_number_of_queries_does_not_grow_with_the_orders(client, shop, path, django_assert_num_queries):
    make_open_order("preparing", shop=shop)
    client.get(path)
    with django_assert_num_queries(6):
        client.get(path)

    for _ in range(19):
        make_open_order("preparing", shop=shop)

    with django_assert_num_queries(6):
        client.get(path)


@pytest.mark.parametrize("address", ["/staff/", "/staff/scan/", "/staff/recall/"])
def test_a_staff_page_declares_its_language(client, default_language, address):
    default_language("ru")

    response = client.get(address)

    assert response["Content-Language"] == "ru"
    assert '<html lang="ru">' in response.content.decode()
