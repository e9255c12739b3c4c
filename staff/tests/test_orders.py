"""Order information: search, masking, the audited reveal, history, cancelling with a reason."""

import datetime as dt

import pytest
from django.urls import reverse

from accounts.models import AuditEntry
from common.actors import WORKER
from orders.limits import UNKNOWN_CODES
from orders.models import Order, Payment, Refund
from orders.services.cancel import cancel_order
from staff.access import Desk
from staff.presenters.details import build_details
from staff.tests.factories import (
    make_cancelled,
    make_collected,
    make_employee,
    make_open_order,
    make_shop,
    sign_in,
)
from tests.markup import squeezed
from tests.moments import AT

PHONE = "+31205550112"


def page(client, order: Order) -> str:
    return client.get(reverse("staff:order", args=[order.number])).content.decode()


def test_a_number_leads_to_the_order(client, shop):
    order = make_open_order("placed", shop=shop)

    response = client.post("/staff/find/", {"q": f"{order.number[:4].lower()} {order.number[4:]}\ufeff"})

    assert (response.status_code, response.headers["Location"]) == (303, reverse("staff:order", args=[order.number]))


def test_a_secret_leads_to_its_own_address(client, shop):
    order = make_open_order("placed", shop=shop)

    response = client.post("/staff/find/", {"q": f"http://x/c/{order.collect_secret}/"})

    assert response.headers["Location"] == reverse("collect", args=[order.collect_secret])


@pytest.mark.parametrize(
    "typed",
    [
        "020 555 0112",
        "+31 20 555 01 12",
        "0031205550112",
        "020-5550112 x7",
        "\uff10\uff12\uff10 555 0112",
        "\u202a+31 20 555 0112\u202c",
    ],
)
def test_a_full_phone_number_finds_orders_masked(client, shop, settings, typed):
    settings.PHONENUMBER_DEFAULT_REGION = "NL"
    order = make_open_order("placed", shop=shop, phone=PHONE)
    other = make_open_order("placed", shop=make_shop(), phone=PHONE)

    html = client.post("/staff/find/", {"q": typed}).content.decode()

    assert order.number in html
    assert other.number not in html
    assert "M••• J•••" in html
    assert "Mira" not in html
    assert PHONE not in html


@pytest.mark.parametrize("typed", ["555 0112", "0112", "+3120555", "Mira", "mira@example.com"])
def test_a_part_of_a_number_a_name_or_an_address_finds_nothing(client, shop, settings, typed):
    settings.PHONENUMBER_DEFAULT_REGION = "NL"
    order = make_open_order("placed", shop=shop, phone=PHONE)

    response = client.post("/staff/find/", {"q": typed})

    assert response.status_code == 404
    assert order.number not in response.content.decode()


@pytest.mark.parametrize("typed", ["", "  "])
def test_an_empty_search_is_refused_at_its_field_and_not_counted(client, typed):
    for _ in range(UNKNOWN_CODES.amount + 1):
        response = client.post("/staff/find/", {"q": typed})

    html = squeezed(response)
    assert response.status_code == 422
    assert "<title>Error: " in html
    assert 'aria-describedby="find-hint find-error"' in html
    assert client.post("/staff/find/", {"q": typed, "mode": "scan"}).headers["Location"] == "/staff/scan/"


def test_the_query_is_escaped(client):
    html = client.post("/staff/find/", {"q": '"><script>alert(1)</script>'}).content.decode()

    assert "<script>alert" not in html


def test_the_page_masks_the_customer(client, shop):
    order = make_open_order("placed", shop=shop, phone=PHONE)

    html = page(client, order)

    assert "Mira J." in html
    assert "Jansen" not in html
    assert PHONE not in html
    assert "mira@example.com" not in html
    assert "••• 12" in html
    assert AuditEntry.objects.count() == 0


def test_showing_the_number_is_audited_and_expires(client, shop, anna, at, stopped_clock):
    order = make_open_order("placed", shop=shop, phone=PHONE)

    response = client.post(reverse("staff:show-phone", args=[order.number]), {"reason": "call"})

    entry = AuditEntry.objects.get()
    assert response.status_code == 303
    assert PHONE in page(client, order)
    assert (entry.actor, entry.action, entry.target, entry.note) == (anna, "reveal", f"order:{order.number}", "phone")
    assert entry.reason == "call"
    stopped_clock(at + dt.timedelta(minutes=1))
    assert PHONE not in page(client, order)


def test_one_reveal_opens_one_order(client, shop):
    first = make_open_order("placed", shop=shop, phone=PHONE)
    second = make_open_order("placed", shop=shop, phone=PHONE)

    client.post(reverse("staff:show-phone", args=[first.number]), {"reason": "collect"})

    assert PHONE not in page(client, second)


def test_opening_the_page_does_not_reveal(client, shop):
    order = make_open_order("placed", shop=shop, phone=PHONE)

    assert client.get(reverse("staff:show-phone", args=[order.number])).status_code == 405
    assert AuditEntry.objects.count() == 0


def test_the_history_says_who_and_when_and_which_steps_follow(at, shop, anna, client, stopped_clock):
    order = make_open_order("preparing", at, shop=shop)
    stopped_clock(at + dt.timedelta(days=1))

    html = squeezed(page(client, order))

    assert html.index("New, the customer") < html.index("Preparing, the system") < html.index("Ready</span>")
    assert "10 Mar" in html


@pytest.mark.violates("I22")  # no worker has run since
def test_an_employee_sees_closed_orders_of_a_day_a_manager_all(shop, client, at):
    old = make_collected(at - dt.timedelta(days=3), shop=shop)
    recent = make_collected(shop=shop)

    assert client.get(reverse("staff:order", args=[old.number])).status_code == 404
    assert client.get(reverse("staff:order", args=[recent.number])).status_code == 200
    manager = sign_in(make_employee(shop, role="shop_manager"))
    assert manager.get(reverse("staff:order", args=[old.number])).status_code == 200


def test_payment_and_refund_are_shown(at, shop, stopped_clock):
    client = sign_in(make_employee(shop, role="owner"))
    order = make_open_order("placed", at, shop=shop)
    payment = Payment.objects.create(
        order=order, gateway="demo_bank", amount=order.total, currency="EUR", state="captured", created_at=at
    )
    cancel_order(order_id=order.pk, reason="no flour", actor=WORKER, at=at)
    Refund.objects.filter(payment=payment).update(state="done", done_at=at)
    stopped_clock(at + dt.timedelta(days=1))

    html = page(client, order)

    assert "Online: Paid" in html
    assert "Refunded 10 Mar, 10:00" in html
    assert "no flour" in html


@pytest.mark.parametrize(
    ("status", "texts"),
    [
        ("placed", ["Start preparing", "Cancel order"]),
        ("preparing", ["Mark as ready", "Back to new", "Cancel order"]),
        ("ready", ["Hand over", "Back to preparing", "Cancel order"]),
    ],
)
def test_the_buttons_follow_the_table(client, shop, status, texts):
    every = {"Start preparing", "Mark as ready", "Hand over", "Back to new", "Back to preparing", "Cancel order"}
    html = page(client, make_open_order(status, shop=shop)).replace("Handed over", "")

    assert {text for text in every if text in html} == set(texts)


def test_a_closed_order_has_no_buttons(client, shop):
    html = page(client, make_cancelled(shop=shop))

    assert "/step/" not in html
    assert "/cancel/" not in html
    assert "/hand-over/" not in html


def test_cancelling_keeps_the_reason(client, shop):
    order = make_open_order("preparing", shop=shop)

    response = client.post(
        reverse("staff:cancel", args=[order.number]), {"reason": "Oven is broken", "version": order.version}
    )

    order.refresh_from_db()
    assert response.status_code == 303
    assert (order.status, order.cancel_reason) == ("cancelled", "shop")
    assert order.events.order_by("-id").first().note == "Oven is broken"


@pytest.mark.parametrize("reason", ["", "   ", "x" * 201])
def test_cancelling_without_a_good_reason_is_refused(client, shop, reason):
    order = make_open_order("preparing", shop=shop)

    response = client.post(reverse("staff:cancel", args=[order.number]), {"reason": reason, "version": order.version})

    assert response.status_code == 422
    assert Order.objects.get(pk=order.pk).status == "preparing"
    assert reason.strip() in response.content.decode()


def test_cancelling_an_order_moved_by_a_colleague_is_refused(client, shop):
    order = make_open_order("preparing", shop=shop)

    response = client.post(
        reverse("staff:cancel", args=[order.number]), {"reason": "Oven", "version": order.version - 1}
    )

    assert response.status_code == 409
    assert "is already “Preparing”, by the system" in response.content.decode()
    assert Order.objects.get(pk=order.pk).status == "preparing"


def make_paid(shop):
    order = make_open_order("preparing", shop=shop)
    Payment.objects.create(
        order=order, gateway="demo_bank", amount=order.total, currency="EUR", state="captured", created_at=AT
    )
    return order


def cancel(client, order, **data):
    url = reverse("staff:cancel", args=[order.number])
    return client.post(url, {"reason": "Oven is broken", "version": order.version, **data})


def test_an_employee_can_request_to_cancel_a_paid_order(client, shop):
    html = squeezed(page(client, make_paid(shop)))

    assert "Cancelling it refunds €5.20, so a manager has to do it" in html
    assert "Ask a manager to cancel" in html and "Cancel order " not in html


def test_a_paid_order_is_not_cancelled_by_an_employee_and_the_reason_is_kept(client, shop):
    order = make_paid(shop)

    response = cancel(client, order)

    html = squeezed(response)
    assert response.status_code == 409
    assert "This order is paid. Cancelling it would refund €5.20: ask a manager." in html
    assert 'value="Oven is broken"' in html
    assert (Order.objects.get().status, Refund.objects.count()) == ("preparing", 0)


def test_an_employee_asks_once_and_sees_that_a_manager_was_asked(client, shop):
    order = make_paid(shop)

    assert cancel(client, order, ask="1").status_code == 303
    html = page(client, order)
    again = cancel(client, order, ask="1")

    assert "A manager has been asked to cancel this order." in html
    assert f"/staff/orders/{order.number}/cancel/" not in html
    assert again.status_code == 409
    assert order.events.filter(code="cancel_requested").count() == 1


def test_what_needs_attention_is_inside_the_first_part_of_the_order(client, shop):
    order = make_paid(shop)
    cancel(client, order, ask="1")
    manager = sign_in(make_employee(shop, role="shop_manager"))

    asked = page(client, order)
    to_decide = page(manager, order)

    for html, text in ((asked, "A manager has been asked to cancel"), (to_decide, "panel panel--rim")):
        before_items = html[: html.index('<section class="orderinfo__part')]
        first_part = before_items[before_items.index('<div class="orderinfo__part') :]
        inside = first_part[: first_part.index(text)]
        assert inside.count("<div") > inside.count("</div>")


def test_a_manager_cancels_a_paid_order_at_once(shop):
    order = make_paid(shop)

    response = cancel(sign_in(make_employee(shop, role="shop_manager")), order)

    assert response.status_code == 303
    assert (Order.objects.get().status, Refund.objects.get().amount) == ("cancelled", order.total)


def test_the_panel_is_a_fragment_of_the_page(client, shop):
    order = make_open_order("placed", shop=shop)

    html = client.get(reverse("staff:order", args=[order.number]), {"panel": "1"}).content.decode()

    assert "<html" not in html
    assert order.number in html


@pytest.mark.violates
@pytest.mark.usefixtures("pages_drawn_anew")
def test_details_make_as_many_queries_for_many_lines_as_for_one(
    client, shop, anna, at, django_assert_num_queries, django_assert_max_num_queries
):
    order = make_open_order("placed", shop=shop)
    page(client, order)
    with django_assert_max_num_queries(15) as few:
        page(client, order)
    line = order.lines.get()
    for position in range(2, 21):
        line.pk, line.position = None, position
        line.save(force_insert=True)

    with django_assert_num_queries(len(few)):
        page(client, order)


def test_details_of_an_order_awaiting_payment_are_shown(shop, anna, at):
    order = make_open_order("placed", at, shop=shop, online=True)
    desk = Desk(anna, "employee", [shop], shop)
    found = desk.order(order.number.lower(), at)

    info = build_details(found, desk=desk, at=at, show_phone=False)

    assert info.step is None
    assert next(row.label for row in info.timeline) == "Not paid yet"
    assert info.due_text == "due in 20 min"


def test_a_promise_for_another_day_is_said_once(shop, anna, at):
    order = make_open_order("placed", at, shop=shop)
    Order.objects.filter(pk=order.pk).update(promised_at=at + dt.timedelta(days=1))
    desk = Desk(anna, "employee", [shop], shop)

    info = build_details(desk.order(order.number.lower(), at), desk=desk, at=at, show_phone=False)

    assert info.promised == "11 Mar, 10:00"
    assert info.due_text == ""
