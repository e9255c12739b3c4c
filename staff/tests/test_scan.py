"""Handing over by scan: each answer, replay, payment at the counter, hostile codes, guessing."""

import datetime as dt
import logging
import re

import pytest
from django.urls import reverse

from orders import numbers
from orders.limits import UNKNOWN_CODES
from orders.models import HandOver, Order, Payment
from staff.tests.factories import (
    hostile_line,
    make_cancelled,
    make_collected,
    make_employee,
    make_open_order,
    make_shop,
    sign_in,
)
from tests.markup import squeezed

NONCE = "a-nonce-of-our-own"


def address(order: Order) -> str:
    return reverse("collect", args=[order.collect_secret])


def pay(order: Order) -> None:
    paid = {"amount": order.total, "currency": "EUR", "created_at": order.placed_at, "captured_at": order.placed_at}
    Payment.objects.create(order=order, gateway="demo_bank", state="captured", **paid)


def state(order: Order) -> tuple:
    order.refresh_from_db()
    return (order.status, order.version, order.events.count(), Payment.objects.count(), HandOver.objects.count())


def answer(response) -> tuple[int, str]:
    html = response.content.decode()
    return response.status_code, html.split('data-code="')[1].split('"')[0]


def test_scanning_shows_the_order_and_changes_nothing(client, shop):
    order = make_open_order("ready", shop=shop)
    pay(order)
    before = state(order)

    response = client.get(address(order))

    html = response.content.decode()
    assert answer(response) == (200, "offered")
    assert "Mira J. · paid €5.20" in html
    assert "2 Butter croissant" in html
    assert "Hand over" in html
    assert "http-equiv" not in html
    assert state(order) == before


@pytest.mark.parametrize(("waived", "told"), [("2.00", "Mira J. · paid €3.20"), ("5.20", "Mira J. · nothing to pay")])
def test_a_waived_amount_is_not_shown_as_paid(client, shop, waived, told):
    order = make_open_order("ready", shop=shop)
    Order.objects.update(waived=waived)
    if waived != "5.20":
        pay(order)
        Payment.objects.update(amount="3.20")

    html = client.get(address(order)).content.decode()

    assert told in html


def test_the_button_hands_over(client, shop, anna):
    order = make_open_order("ready", shop=shop)
    pay(order)

    response = client.post(address(order), {"nonce": NONCE, "taken": ""})
    after = client.get(response.headers["Location"])

    html = after.content.decode()
    assert response.status_code == 303
    assert answer(after) == (200, "handed_over")
    assert "Handed over" in html
    assert 'http-equiv="refresh" content="20;url=/staff/scan/"' in html
    assert state(order)[0] == "completed"
    assert HandOver.objects.get().actor == anna


def test_an_unpaid_order_asks_how_it_was_paid_and_how_much(client, shop):
    order = make_open_order("ready", shop=shop)
    before = state(order)

    shown = client.get(address(order))
    asked = client.post(address(order), {"nonce": NONCE})

    assert answer(shown) == (200, "unpaid")
    assert answer(asked) == (409, "unpaid")
    for html in (shown.content.decode(), asked.content.decode()):
        assert "Take €5.20" in html
        assert "Cash, hand over" in html
        assert "Card, hand over" in html
    assert state(order) == before


def test_an_amount_that_changed_since_the_scan_is_asked_for_again(client, shop):
    order = make_open_order("ready", shop=shop)
    asked = re.search(r'name="asked" value="([^"]+)"', client.get(address(order)).content.decode())[1]
    Order.objects.update(waived="2.00")
    before = state(order)

    changed = client.post(address(order), {"nonce": NONCE, "taken": "cash", "asked": asked})
    html = changed.content.decode()

    assert asked == "5.2"
    assert answer(changed) == (409, "amount_changed")
    assert "Take €3.20" in html and 'name="asked" value="3.2"' in html
    assert "The amount has changed since this order was scanned." in html
    assert state(order) == before
    assert client.post(address(order), {"nonce": NONCE, "taken": "cash", "asked": "3.20"}).status_code == 303


def test_cash_for_an_order_paid_meanwhile_is_returned(client, shop):
    order = make_open_order("ready", shop=shop)
    pay(order)

    changed = client.post(address(order), {"nonce": NONCE, "taken": "cash", "asked": "5.20"})

    html = changed.content.decode()
    assert answer(changed) == (409, "amount_changed")
    assert "Return any money taken, then hand over." in html
    assert "Cash, hand over" not in html


@pytest.mark.parametrize("asked", ["-1", "1e9", "NaN", "5.201", "x", "9" * 20])
def test_an_amount_never_shown_changes_nothing(client, shop, asked):
    order = make_open_order("ready", shop=shop)
    before = state(order)

    assert client.post(address(order), {"nonce": NONCE, "taken": "cash", "asked": asked}).status_code in (400, 409)
    assert state(order) == before


@pytest.mark.parametrize("way", ["cash", "card"])
def test_payment_taken_at_the_counter_is_recorded(client, shop, way):
    order = make_open_order("ready", shop=shop)

    client.post(address(order), {"nonce": NONCE, "taken": way})

    payment = Payment.objects.get(order=order)
    assert (payment.taken, payment.amount, payment.state) == (way, order.total, "captured")
    assert HandOver.objects.get().taken == way


def test_a_replay_with_the_same_nonce_gets_the_first_answer(client, shop):
    order = make_open_order("ready", shop=shop)
    client.post(address(order), {"nonce": NONCE, "taken": "cash"})
    before = state(order)

    again = client.post(address(order), {"nonce": NONCE, "taken": "cash"})
    shown = client.get(again.headers["Location"])

    assert again.status_code == 303
    assert answer(shown) == (200, "handed_over")
    assert state(order) == before


def test_a_second_scanner_sees_who_handed_over_and_when(client, shop, at, stopped_clock):
    order = make_collected(at, shop=shop)
    before = state(order)
    stopped_clock(at + dt.timedelta(minutes=34))

    shown = client.get(address(order))
    posted = client.post(address(order), {"nonce": NONCE, "taken": "cash"})

    assert answer(shown) == (200, "already_collected")
    assert answer(posted) == (409, "already_collected")
    assert "Handed over by the system at 10:00, 34 min ago, at Canal." in posted.content.decode()
    assert state(order) == before


@pytest.mark.parametrize(("status", "label"), [("placed", "Start preparing"), ("preparing", "Mark as ready")])
def test_an_order_that_is_not_ready_is_refused_and_its_next_step_offered(client, shop, status, label):
    order = make_open_order(status, shop=shop)
    before = state(order)

    posted = client.post(address(order), {"nonce": NONCE, "taken": "cash"})

    assert answer(client.get(address(order))) == (200, "not_ready")
    assert answer(posted) == (409, "not_ready")
    assert label in posted.content.decode()
    assert "€5.20 is still to be paid." in posted.content.decode()
    assert state(order) == before


def test_the_step_offered_leads_back_to_the_same_order(client, shop):
    order = make_open_order("preparing", shop=shop)

    response = client.post(
        reverse("staff:step", args=[order.number]), {"step": f"ready:{order.version}", "next": address(order)}
    )

    assert response.headers["Location"] == address(order)
    assert answer(client.get(address(order))) == (200, "unpaid")


def test_an_order_awaiting_payment_is_not_ready(client, shop):
    order = make_open_order("placed", shop=shop, online=True)

    response = client.get(address(order))

    html = squeezed(response)
    assert answer(response) == (200, "not_ready")
    assert "Not paid" in html and "Not ready" not in html
    assert "€5.20 is still to be paid online. The order is held until 10:30." in html
    assert "/step/" not in html


def test_a_cancelled_order_is_refused(client, shop):
    order = make_cancelled(shop=shop)
    before = state(order)

    posted = client.post(address(order), {"nonce": NONCE, "taken": "cash"})

    assert answer(posted) == (409, "cancelled")
    assert "Cancelled by the shop" in posted.content.decode()
    assert state(order) == before


def test_an_order_of_another_shop_names_the_shop_and_nothing_else(client):
    order = make_open_order("ready", shop=make_shop(name={"en": "Mill"}, address={"en": "3 Mill Lane"}))
    before = state(order)

    shown = client.get(address(order))
    posted = client.post(address(order), {"nonce": NONCE, "taken": "cash"})

    html = posted.content.decode()
    assert answer(shown) == (200, "wrong_shop")
    assert answer(posted) == (409, "wrong_shop")
    assert "This order waits at Mill, 3 Mill Lane." in html
    assert "Mira" not in html
    assert order.number not in html
    assert "croissant" not in html
    assert state(order) == before


def test_an_employee_of_both_shops_switches_and_hands_over(shop):
    mill = make_shop(name={"en": "Mill"})
    order = make_open_order("ready", shop=mill)
    client = sign_in(make_employee(shop, mill))
    shown = client.get(address(order))

    moved = client.get(f"{address(order)}?shop={mill.code}")

    assert answer(shown) == (200, "wrong_shop")
    assert "I am at Mill" in shown.content.decode()
    assert answer(moved) == (200, "unpaid")


def test_a_typed_number_of_an_employees_other_shop_asks_where_they_are(shop):
    mill = make_shop(name={"en": "Mill"})
    order = make_open_order("ready", shop=mill)
    client = sign_in(make_employee(shop, mill))
    before = state(order)

    found = client.post("/staff/find/", {"q": order.number, "mode": "scan"})["Location"]
    posted = client.post(found, {"nonce": NONCE, "taken": "cash"})

    assert answer(client.get(found)) == (200, "wrong_shop")
    assert answer(posted) == (409, "wrong_shop")
    assert state(order) == before
    assert answer(client.get(f"{found}?shop={mill.code}")) == (200, "unpaid")


def test_a_typed_number_of_a_foreign_shop_is_not_called_unknown(client):
    order = make_open_order("ready", shop=make_shop(name={"en": "Mill"}))

    html = client.post("/staff/find/", {"q": order.number, "mode": "scan"}).content.decode()

    assert f"None of your shops has an open order {order.number[:4]} {order.number[4:]}." in html
    assert "Mill" not in html and "No order has this code" not in html


def test_a_number_typed_on_the_scan_page_leads_to_the_same_screen(client, shop):
    order = make_open_order("ready", shop=shop)

    found = client.post("/staff/find/", {"q": order.number, "mode": "scan"})
    shown = client.get(found.headers["Location"])

    assert found.status_code == 303
    assert answer(shown) == (200, "unpaid")
    done = client.post(found.headers["Location"], {"nonce": NONCE, "taken": "card"})
    assert answer(client.get(done.headers["Location"])) == (200, "handed_over")


@pytest.mark.parametrize(
    "code",
    [
        "0" * 26,
        "x",
        "0" * 300,
        "<script>alert(1)</script>",
        "' OR ''='",
        "%00",
        "..%2f..%2fetc",
        "{{7*7}}",
        "٤" * 26,
        "\u202e" * 26,
    ],
)
def test_a_hostile_or_unknown_code_is_refused_and_escaped(client, shop, code):
    make_open_order("ready", shop=shop)

    scanned = client.get("/c/" + code.replace("/", "%2F") + "/")
    typed = client.post("/staff/find/", {"q": code, "mode": "scan"})

    for response in (scanned, typed):
        assert response.status_code in (303, 404)
        assert "<script>alert" not in response.content.decode()
        assert "49" not in response.headers.get("Location", "")


@pytest.mark.parametrize(
    "data", [{}, {"nonce": ""}, {"nonce": "short"}, {"nonce": "<b>" * 9}, {"nonce": NONCE, "taken": "cheque"}]
)
def test_an_invalid_post_changes_nothing(client, shop, data):
    order = make_open_order("ready", shop=shop)
    before = state(order)

    response = client.post(address(order), data)

    assert answer(response) == (400, "tampered")
    assert state(order) == before


def test_hostile_names_are_escaped_on_the_screen(client, shop):
    order = make_open_order("ready", shop=shop)
    hostile_line(order)

    assert "<script>alert" not in client.get(address(order)).content.decode()


def test_a_nonce_in_the_address_proves_nothing(client, shop):
    order = make_open_order("ready", shop=shop)

    assert answer(client.get(f"{address(order)}?done={NONCE}")) == (200, "unpaid")
    assert state(order)[0] == "ready"


def test_a_person_guessing_codes_is_slowed_down_and_others_are_not(client, shop, caplog):
    order = make_open_order("ready", shop=shop)
    colleague = sign_in(make_employee(shop, name="Boris Wit"))

    with caplog.at_level(logging.WARNING, logger="orders.limits"):
        codes = [client.get(reverse("collect", args=[numbers.new_secret()])) for _ in range(UNKNOWN_CODES.amount + 20)]

    assert [answer(code) for code in codes[: UNKNOWN_CODES.amount]] == [(404, "unknown")] * UNKNOWN_CODES.amount
    assert [answer(code) for code in codes[UNKNOWN_CODES.amount :]] == [(429, "too_many")] * 20
    assert client.post("/staff/find/", {"q": "00000000"}).status_code == 429
    assert answer(colleague.get(address(order))) == (200, "unpaid")
    alerts = [record.getMessage() for record in caplog.records if record.name == "orders.limits"]
    assert len(alerts) == 1
    assert "20 unknown codes" in alerts[0]


def test_an_expired_order_is_refused(client, shop):
    order = make_cancelled(shop=shop)
    Order.objects.filter(pk=order.pk).update(cancel_reason="expired")

    assert "Expired" in client.get(address(order)).content.decode()


@pytest.mark.parametrize("prefix", ["", "/ru"])
def test_the_code_works_in_every_language(client, shop, prefix):
    order = make_open_order("ready", shop=shop)

    assert answer(client.get(f"{prefix}/c/{order.collect_secret}/")) == (200, "unpaid")


def test_the_secret_is_in_no_log(client, shop, caplog):
    order = make_cancelled(shop=shop)

    with caplog.at_level(logging.DEBUG):
        client.post(address(order), {"nonce": NONCE})

    assert order.collect_secret not in "".join(
        record.getMessage() for record in caplog.records if record.name.startswith("staff")
    )
