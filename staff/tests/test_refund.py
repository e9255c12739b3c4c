"""Refunds on the panel: what is offered, the sum before it is made, the refund, each refusal. No script is needed."""

import re
from decimal import Decimal as D

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from orders.models import Order, OrderSettings, Refund, RefundDocument
from orders.services.hand_over import hand_over
from orders.services.refund import refund_amount
from orders.tests.conftest import bank  # noqa: F401 - a fixture
from orders.tests.factories import actor_of, make_basket, make_order, take_to
from orders.tests.test_cancel import pay
from staff.tests.factories import make_cancelled, make_collected, make_employee, make_open_order, make_shop, sign_in
from stock.models import StockMovement
from tests.markup import squeezed
from tests.moments import AT

pytestmark = pytest.mark.django_db
NONCE = "nonce-0001"


@pytest.fixture
def boss(shop):
    return make_employee(shop, role="shop_manager", name="Berta Manager")


@pytest.fixture
def desk(boss):
    return sign_in(boss)


def basket(shop, *, online=False, taken="cash", delivery="0"):
    """Return an order of three lines that was handed over."""
    order = make_basket(
        AT, ("3", "3.50", "0.50"), ("0.333", "19.99", "0"), ("7", "1.43", "0"), shop=shop, online=online
    )
    Order.objects.filter(pk=order.pk).update(delivery_total=D(delivery), total=order.total + D(delivery))
    if online:
        pay(order, AT)
    order = take_to(order, "ready", AT)
    hand_over(
        order_id=order.pk, nonce="n", taken=None if online else taken, actor=actor_of(make_employee(shop)), at=AT,
        shop_ids=[shop.pk],
    )  # fmt: skip
    order.refresh_from_db()
    return order


def address(order):
    return reverse("staff:refund", args=[order.number])


def filled(order, quantities=None, goods="shelf", **more):
    rows = {line.position: line.pk for line in order.lines.all()}
    fields = {"kind": "lines", "reason": "damaged", "note": "", "nonce": NONCE, "amount": "", "goods": "kept"}
    for position, quantity in (quantities or {}).items():
        fields |= {f"quantity_{rows[position]}": quantity, f"goods_{rows[position]}": goods}
    return {**fields, **more}


def send(client, order, status=200, **fields):
    response = client.post(address(order), fields)
    assert response.status_code == status, response.content.decode()
    return squeezed(response.content.decode())


def hidden(html):
    """Return the hidden fields of a page, as its button sends them."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', html)
    return {name: value for name, value in found if name != "csrfmiddlewaretoken"}


# The page.


def test_the_order_leads_to_its_refund(desk, shop):
    paid, unpaid, gone = basket(shop), make_open_order("ready", shop=shop), make_cancelled(shop=shop)

    pages = [desk.get(reverse("staff:order", args=[one.number])).content.decode() for one in (paid, unpaid, gone)]

    assert [address(one) in html for one, html in zip((paid, unpaid, gone), pages, strict=True)] == [True, False, False]


def test_the_page_offers_items_an_amount_and_everything(desk, shop):
    html = squeezed(desk.get(address(basket(shop))).content.decode())

    assert "€26.67 is left to refund." in html
    assert [text in html for text in ("3 pc, €10.00", "333 g, €6.66", "7 pc, €10.01")] == [True] * 3
    assert re.findall(r'name="kind" value="(\w+)"[^>]*?( checked)?>', html) == [
        ("lines", " checked"), ("amount", ""), ("full", ""),
    ]  # fmt: skip
    assert "You may refund up to" not in html


def test_an_order_that_is_not_handed_over_offers_an_amount_only(desk, shop, bank):  # noqa: F811
    order = make_order(AT, shop=shop, online=True)
    pay(order, AT)

    html = squeezed(desk.get(address(order)).content.decode())

    assert "This order has not been handed over" in html
    assert 'type="radio"' not in html
    assert "quantity_" not in html


def test_an_order_without_money_says_so(desk, shop):
    html = squeezed(desk.get(address(make_open_order("ready", shop=shop))).content.decode())

    assert "We hold no money for this order" in html
    assert "Show the sum" not in html


def test_the_page_makes_no_query_for_each_line(desk, shop):
    one, many = make_collected(shop=shop), make_basket(AT, *[("2", "1.00", "0")] * 12, shop=shop)
    take_to(many, "ready", AT)
    actor = actor_of(make_employee(shop))
    hand_over(order_id=many.pk, nonce="m", taken="cash", actor=actor, at=AT, shop_ids=[shop.pk])
    counts = []

    for order in (one, one, many):
        with CaptureQueriesContext(connection) as seen:
            assert desk.get(address(order)).status_code == 200
        counts.append(len(seen))

    assert counts[1] == counts[2]


# The sum, then the refund.


def test_the_first_submit_shows_the_sum_and_makes_nothing(desk, shop):
    order = basket(shop)

    html = send(desk, order, **filled(order, {1: "1", 2: "0,1"}))

    assert "Refund €5.33 of" in html
    assert '<dt>1 pc Loaf 1</dt><dd class="num">€3.33</dd>' in html
    assert '<dt>100 g Loaf 2</dt><dd class="num">€2.00</dd>' in html
    assert "€5.33 in cash, from the till" in html
    assert "1 pc Loaf 1: back to the shelf" in html
    assert RefundDocument.objects.count() == 0


def test_the_second_submit_makes_the_refund_and_says_what_is_left_to_do(desk, shop, boss):
    order = basket(shop)
    shown = hidden(send(desk, order, **filled(order, {1: "1"}, note="burnt")))

    response = desk.post(address(order), {**shown, "confirm": "1"})

    document = RefundDocument.objects.get()
    assert (response.status_code, response.headers["Location"]) == (303, f"{address(order)}?made={document.pk}")
    assert (document.amount, document.reason, document.note, document.actor) == (D("3.33"), "damaged", "burnt", boss)
    assert StockMovement.objects.get(kind="return").quantity == 1
    html = squeezed(desk.get(response.headers["Location"]).content.decode())
    assert "Take €3.33 out of the till and hand it to the customer." in html
    page = squeezed(desk.get(reverse("staff:order", args=[order.number])).content.decode())
    assert "Made a refund of €3.33. Reason: Damaged. burnt" in page
    assert "Refunded in cash" in page


def test_pressing_twice_makes_one_refund(desk, shop):
    order = basket(shop)
    shown = {**filled(order, {1: "3"}), "confirm": "1"}

    answers = [desk.post(address(order), shown).headers["Location"] for _ in range(2)]

    assert answers[0] == answers[1]
    assert RefundDocument.objects.count() == 1


def test_everything_names_what_no_line_bears(desk, shop):
    order = basket(shop, delivery="2.00")
    everything = filled(order, kind="full") | {"goods": "written_off"}

    html = send(desk, order, **everything)

    assert "Refund €28.67 of" in html
    assert '<dt>Delivery and the rest</dt><dd class="num">€2.00</dd>' in html
    assert "7 pc Loaf 3: written off" in html
    assert desk.post(address(order), {**hidden(html), "confirm": "1"}).status_code == 303
    assert StockMovement.objects.filter(kind="waste").count() == 3


def test_lines_bear_no_more_than_is_left_of_the_money(desk, shop):
    order = basket(shop)
    first = {**filled(order, kind="amount", amount="5"), "nonce": "other-nonce", "confirm": "1"}
    desk.post(address(order), first)

    html = send(desk, order, **filled(order, kind="full"))

    assert "Refund €21.67 of" in html
    assert "Delivery and the rest" not in html


def test_money_paid_online_goes_the_way_it_came(desk, shop, bank):  # noqa: F811
    order = basket(shop, online=True)
    html = send(desk, order, **filled(order, kind="amount", amount="2.50"))
    assert "€2.50 the way it was paid online" in html
    assert "How do you pay it out?" not in desk.get(address(order)).content.decode()

    made = desk.post(address(order), {**hidden(html), "confirm": "1"})

    assert Refund.objects.get().state == "pending"
    assert "The bank has been asked to refund €2.50" in squeezed(desk.get(made.headers["Location"]).content.decode())


def test_a_payment_by_card_is_offered_to_the_card_and_may_be_paid_out_in_cash(desk, shop):
    order = basket(shop, taken="card")
    page = desk.get(address(order)).content.decode()
    assert '<option value="card" selected>' in page

    desk.post(address(order), filled(order, {1: "1"}, paid_out="cash", confirm="1"))

    assert Refund.objects.get().paid_out == "cash"


def test_changing_it_shows_the_form_as_it_was_filled_in(desk, shop):
    order = basket(shop)
    shown = hidden(send(desk, order, **filled(order, {1: "2"}, note="burnt")))

    html = send(desk, order, **shown, change="1")

    assert 'value="2"' in html
    assert 'value="burnt"' in html
    assert f'name="nonce" value="{NONCE}"' in html


# Refusals: what was entered stays, nothing is made.


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "Choose what to refund: enter a quantity."),
        ({"quantity": "4"}, "Of Loaf 1, only 3 pc is left to refund."),
        ({"quantity": "1.5"}, "Loaf 1 is sold by the piece: enter a whole number."),
        ({"quantity": "two"}, "Enter a quantity, for example 2."),
        ({"quantity": "-1"}, "Enter a quantity, for example 2."),
        ({"quantity": "1e3"}, "Enter a quantity, for example 2."),
        ({"quantity": "1", "reason": ""}, "Choose a reason."),
        ({"quantity": "1", "reason": "because"}, "Choose a reason."),
        ({"quantity": "1", "note": "x" * 201}, "Keep the note to 200 characters."),
        ({"kind": "amount"}, "Enter the amount to refund."),
        ({"kind": "amount", "amount": "26.68"}, "Only €26.67 of this order is left to refund."),
        ({"kind": "amount", "amount": "much"}, "Enter an amount, for example 5."),
        ({"kind": ""}, "Choose what to refund."),
        ({"kind": "half"}, "Choose what to refund."),
    ],
)
def test_what_cannot_be_refunded_is_refused_with_a_sentence(desk, shop, changes, sentence):
    order = basket(shop)
    changes = dict(changes)
    quantity = changes.pop("quantity", None)
    fields = {**filled(order, {1: quantity} if quantity else {}), "confirm": "1", **changes}

    html = send(desk, order, 422, **fields)

    assert sentence in html
    assert "<title> Error: Refund" in html or "<title>Error: Refund" in html
    assert not quantity or f'value="{quantity}"' in html
    assert RefundDocument.objects.count() == 0


def test_a_sum_that_has_changed_is_shown_anew(desk, shop, boss):
    order = basket(shop)
    shown = hidden(send(desk, order, **filled(order, kind="full")))
    said = {"reason": "other", "note": "", "nonce": "elsewhere", "actor": actor_of(boss), "at": AT}
    refund_amount(order_id=order.pk, amount=D("1"), **said)

    html = send(desk, order, 409, **shown, confirm="1")

    assert "Something else of this order was refunded meanwhile. Now it would be €25.67." in html
    assert hidden(html)["expected"] == "25.67"
    assert desk.post(address(order), {**hidden(html), "confirm": "1"}).status_code == 303


@pytest.mark.parametrize("made", ["0", "x", "999999", "1" * 30, "٣"])
def test_a_refund_that_is_not_of_this_order_is_a_missing_page(desk, shop, made):
    assert desk.get(f"{address(basket(shop))}?made={made}").status_code == 404


def test_an_order_of_another_shop_is_a_missing_page(desk, shop):
    elsewhere = make_collected(shop=make_shop())

    assert [desk.get(address(elsewhere)).status_code, desk.post(address(elsewhere)).status_code] == [404, 404]


# Limits.


def test_employees_refund_nothing_until_a_limit_is_set(client, shop):
    order = basket(shop)
    here = reverse("staff:order", args=[order.number])
    assert client.get(address(order)).status_code == 404
    assert client.post(address(order), filled(order, {1: "1"}, confirm="1")).status_code == 404
    assert address(order) not in client.get(here).content.decode()

    OrderSettings.objects.create(employee_refund_limit=D("5"))

    assert address(order) in client.get(here).content.decode()
    assert "You may refund up to €5.00 yourself." in squeezed(client.get(address(order)).content.decode())
    refused = send(client, order, 422, **filled(order, {1: "2"}))
    assert "You may refund up to €5.00 of this order. Ask a manager." in refused
    assert client.post(address(order), filled(order, {1: "1"}, confirm="1")).status_code == 303
    assert "You may refund up to €1.67 yourself." in squeezed(client.get(address(order)).content.decode())


def test_a_limit_that_is_used_up_says_so(client, shop):
    order = basket(shop)
    OrderSettings.objects.create(employee_refund_limit=D("3.33"))
    client.post(address(order), filled(order, {1: "1"}, confirm="1"))

    html = squeezed(client.get(address(order)).content.decode())

    assert "You have refunded as much of this order as you may. Ask a manager." in html
    assert address(order) not in client.get(reverse("staff:order", args=[order.number])).content.decode()
