"""Needs attention: open matters are listed for people who may decide, decisions work, conflicts are reported."""

import datetime as dt
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.module_loading import autodiscover_modules

from accounts.models import AuditEntry
from common.actors import GUEST
from common.models import OutboxMessage
from common.outbox.services import Lane, _lanes, enqueue
from orders.attention import seen_of, seen_of_request
from orders.attention_list import count_attention
from orders.models import Order, OrderEvent, Payment, Refund
from orders.presenters.history import event_text
from orders.services.cancel import cancel_order
from orders.services.cancel_requests import ask_to_cancel
from orders.tests.conftest import bank  # noqa: F401 - a fixture
from orders.tests.factories import actor_of
from orders.tests.fake_bank import notice
from orders.tests.test_payments import say, start
from staff.presenters.attention import MESSAGES
from staff.tests.factories import make_employee, make_order, make_shop, sign_in
from tests.markup import squeezed
from tests.moments import AT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bank")]
LIST = "/staff/attention/"


@pytest.fixture
def manager(shop):
    return sign_in(make_employee(shop, role="shop_manager"))


def park(shop, **changes):
    order = make_order(AT, shop=shop, online=True)
    payment = start(order, AT)
    say(payment, notice(payment, "captured", **{"amount": "5.19", **changes}), AT)
    return Payment.objects.get(pk=payment.pk)


def refuse(shop):
    order = make_order(AT, shop=shop, online=True)
    payment = start(order, AT)
    say(payment, notice(payment, "captured"), AT)
    cancel_order(order_id=order.pk, reason="", actor=GUEST, at=AT)
    Refund.objects.update(state="failed")
    return Refund.objects.get()


def give_up(order=None):
    event, payload = ("order.ready", {"order_id": order.pk}) if order else ("stock.band_changed", {"sku_id": 1})
    enqueue(event=event, key=uuid.uuid4().hex, payload=payload, at=AT)
    message = OutboxMessage.objects.order_by("-id").first()
    OutboxMessage.objects.filter(pk=message.pk).update(parked_at=AT, attempts=18, last_error="SMTP: refused")
    return message


def decide(client, name, key, verb, **data):
    return client.post(reverse(f"staff:attention-{name}", args=[key, verb]), data)


def test_a_parked_payment_is_listed_with_its_possible_decisions(manager, shop):
    payment = park(shop)

    text = squeezed(manager.get(LIST))

    assert "The bank reported a different amount." in text
    assert '<dd class="num">€5.20</dd>' in text and "€5.19, Paid" in text
    assert "Accept €5.19 as paid" in text and "€0.01 less is due" in text
    assert "Refund €5.19" in text and "Ask the bank again" in text and "Settled outside the bank" in text
    assert f"/staff/orders/{payment.order.number}/" in text


def test_an_empty_list_says_so(manager):
    assert "Nothing needs your attention." in manager.get(LIST).content.decode()


@pytest.mark.parametrize("verb", ["accept", "refund", "close"])
def test_a_decision_about_a_payment_works_from_the_page(manager, shop, verb):
    payment = park(shop)

    answer = decide(manager, "payment", payment.public_id, verb, seen=seen_of(payment), note="Asked the bank")

    payment.refresh_from_db()
    assert (answer.status_code, answer["Location"]) == (303, LIST)
    assert payment.state == {"close": "settled"}.get(verb, "captured")
    event = payment.order.events.exclude(note="").get()
    assert (event.note, event.actor_label) == ("Asked the bank", "Anna")
    assert "Nothing needs your attention." in manager.get(LIST).content.decode()


@pytest.fixture
def asked(shop):
    order = make_order(AT, shop=shop)
    Payment.objects.create(
        order=order, gateway="demo_bank", amount=order.total, currency="EUR", state="captured", created_at=AT
    )
    anna = make_employee(shop)
    ask_to_cancel(order_id=order.pk, reason="Oven is broken", actor=actor_of(anna), at=AT)
    return order


def shown(order):
    return seen_of_request(order, order.events.filter(code="cancel_requested").last())


def test_a_request_to_cancel_is_listed_and_counted_in_its_shop_only(manager, asked):
    elsewhere = make_shop()

    text = squeezed(manager.get(LIST))

    assert "A colleague asked to cancel a paid order" in text and "Oven is broken" in text
    assert "Cancel and refund €5.20" in text and "Do not cancel" in text
    assert count_attention([asked.shop_id], is_owner=False, at=AT) == 1
    assert count_attention([elsewhere.pk], is_owner=False, at=AT) == 0


def test_granting_a_request_cancels_and_refunds_for_the_reason_given(manager, asked):
    answer = decide(manager, "order", asked.number, "cancel", seen=shown(asked))

    asked.refresh_from_db()
    assert (answer.status_code, asked.status, asked.cancel_reason) == (303, "cancelled", "shop")
    assert Refund.objects.get().amount == asked.total
    assert asked.events.get(to_status="cancelled", from_status="placed").note == "Oven is broken"
    assert "Nothing needs your attention." in manager.get(LIST).content.decode()


def test_a_declined_request_leaves_the_list_and_the_order_unchanged(manager, asked):
    answer = decide(manager, "order", asked.number, "keep", seen=shown(asked), note="We bake tomorrow")

    asked.refresh_from_db()
    assert (answer.status_code, asked.status, Refund.objects.count()) == (303, "placed", 0)
    assert event_text(asked.events.last()) == "Declined to cancel the order. We bake tomorrow"
    assert "Nothing needs your attention." in manager.get(LIST).content.decode()


@pytest.mark.parametrize("verb", ["cancel", "keep"])
@pytest.mark.parametrize("seen", ["0", "1", "", "x", "9" * 5000, "１:1", "-1:1"])
def test_a_request_is_not_decided_unseen(manager, asked, verb, seen):
    answer = decide(manager, "order", asked.number, verb, seen=seen)

    assert answer.status_code == 409
    assert (Order.objects.get().status, asked.events.last().code) == ("placed", "cancel_requested")


@pytest.mark.parametrize("verb", ["cancel", "keep"])
def test_a_request_is_decided_only_once(manager, asked, verb):
    seen = shown(asked)
    decide(manager, "order", asked.number, "keep", seen=seen)

    answer = decide(manager, "order", asked.number, verb, seen=seen)

    assert answer.status_code == 409
    assert "This request is closed" in answer.content.decode()
    assert Order.objects.get().status == "placed"


@pytest.mark.parametrize("verb", ["cancel", "keep"])
def test_a_stale_page_does_not_decide_about_a_newer_request(manager, asked, shop, verb):
    seen = shown(asked)
    decide(manager, "order", asked.number, "keep", seen=seen)
    ask_to_cancel(order_id=asked.pk, reason="No flour", actor=actor_of(make_employee(shop)), at=AT)

    answer = decide(manager, "order", asked.number, verb, seen=seen)

    assert answer.status_code == 409
    assert (Order.objects.get().status, asked.events.last().note) == ("placed", "No flour")


def test_a_request_disappears_when_the_order_ends_another_way(manager, asked):
    cancel_order(order_id=asked.pk, reason="", actor=GUEST, at=AT)

    assert "Nothing needs your attention." in manager.get(LIST).content.decode()


def test_a_declined_request_can_be_made_again(manager, asked, shop):
    decide(manager, "order", asked.number, "keep", seen=shown(asked))

    ask_to_cancel(order_id=asked.pk, reason="No flour", actor=actor_of(make_employee(shop)), at=AT)

    assert "No flour" in manager.get(LIST).content.decode()


def test_the_bank_is_asked_again_from_the_page(manager, shop):
    payment = park(shop)

    answer = decide(manager, "payment", payment.public_id, "ask")

    assert answer.status_code == 303


def test_a_silent_bank_is_reported_and_the_list_kept(manager, shop, bank):  # noqa: F811
    payment = park(shop)
    bank.is_down = True

    answer = decide(manager, "payment", payment.public_id, "ask")

    assert answer.status_code == 503
    assert "The bank is not answering right now." in answer.content.decode()
    assert "Accept €5.19" in answer.content.decode()


@pytest.mark.parametrize("verb", ["repeat", "close"])
def test_a_refused_refund_is_repeated_or_settled_from_the_page(manager, shop, verb):
    refund = refuse(shop)
    assert "Request €5.20 again" in manager.get(LIST).content.decode()

    answer = decide(manager, "refund", refund.key, verb, note="In cash")

    refund.refresh_from_db()
    assert answer.status_code == 303
    assert refund.state == {"repeat": "replaced", "close": "outside"}[verb]


def test_settling_without_a_note_is_refused_and_the_form_stays_open(manager, shop):
    payment = park(shop)

    answer = decide(manager, "payment", payment.public_id, "close", seen=seen_of(payment), note=" ")

    assert answer.status_code == 422
    assert "Say how it was settled." in answer.content.decode() and "<details open>" in answer.content.decode()
    assert Payment.objects.get().state == "parked"


def test_a_note_that_is_too_long_is_refused_and_kept(manager, shop):
    payment = park(shop)

    answer = decide(manager, "payment", payment.public_id, "close", seen=seen_of(payment), note="x" * 201)

    assert answer.status_code == 422
    assert "Keep the note to 200 characters." in answer.content.decode() and "x" * 201 in answer.content.decode()
    assert Payment.objects.get().state == "parked"


def test_a_second_decision_is_told_who_was_first(manager, shop):
    payment = park(shop)
    seen = seen_of(payment)
    decide(manager, "payment", payment.public_id, "accept", seen=seen)
    events = OrderEvent.objects.count()

    answer = decide(manager, "payment", payment.public_id, "refund", seen=seen)

    assert answer.status_code == 409
    assert "This payment has changed since you opened the page." in answer.content.decode()
    assert (OrderEvent.objects.count(), Refund.objects.count()) == (events, 0)


# Messages


def test_a_parked_message_is_retried_and_audited(manager, shop):
    message = give_up(make_order(AT, shop=shop))
    assert "The email that says the order is ready" in manager.get(LIST).content.decode()

    answer = decide(manager, "message", message.pk, "retry")

    message.refresh_from_db()
    assert (answer.status_code, message.parked_at, message.attempts) == (303, None, 1)
    assert AuditEntry.objects.get().action == "outbox.retry"
    OutboxMessage.objects.filter(pk=message.pk).delete()


def test_a_parked_message_is_dropped_with_a_note(manager, shop):
    message = give_up(make_order(AT, shop=shop))

    answer = decide(manager, "message", message.pk, "close", note="Called them")

    message.refresh_from_db()
    assert (answer.status_code, message.parked_at) == (303, None)
    assert message.done_at is not None and AuditEntry.objects.get().action == "outbox.close"


def test_a_refund_that_never_reached_the_bank_is_settled_by_hand(manager, shop):
    refund = refuse(shop)
    Refund.objects.update(state="pending")
    message = OutboxMessage.objects.get(event="payment.refund")
    OutboxMessage.objects.filter(pk=message.pk).update(parked_at=AT)

    decide(manager, "message", message.pk, "close", note="In cash")

    refund.refresh_from_db()
    assert (refund.state, refund.payment.order.events.last().code) == ("outside", "refund_closed")


@pytest.mark.violates("I23")
def test_a_message_about_no_order_is_listed_for_owners(manager, shop):
    message = give_up()
    owner = sign_in(make_employee(role="owner"))

    assert decide(manager, "message", message.pk, "retry").status_code == 404
    assert "stock.band_changed" in owner.get(LIST).content.decode()


# Visibility


@pytest.mark.violates("I34")
def test_matters_of_another_shop_are_not_listed(manager):
    elsewhere = make_shop()
    payment, refund = park(elsewhere), refuse(elsewhere)

    assert "Nothing needs your attention." in manager.get(LIST).content.decode()
    assert decide(manager, "payment", payment.public_id, "accept", seen=seen_of(payment)).status_code == 404
    assert decide(manager, "refund", refund.key, "repeat").status_code == 404
    assert Payment.objects.get(pk=payment.pk).state == "parked"


@pytest.mark.parametrize("role", ["employee", "courier", "editor", "price_manager"])
def test_people_who_may_not_refund_cannot_decide(shop, role):
    payment = park(shop)
    client = sign_in(make_employee(shop, role=role))

    assert client.get(LIST).status_code == 404
    assert decide(client, "payment", payment.public_id, "accept", seen=seen_of(payment)).status_code == 404
    assert Payment.objects.get().state == "parked"


def test_the_board_counts_open_matters_for_people_who_may_decide(manager, shop):
    park(shop)
    employee = sign_in(make_employee(shop))

    assert "1 matter about money or messages needs attention" in squeezed(manager.get("/staff/"))
    assert "needs attention" not in squeezed(employee.get("/staff/"))


def test_the_orders_page_offers_the_decision_or_names_who_decides(manager, shop):
    order = park(shop).order
    employee = sign_in(make_employee(shop))

    mine, theirs = (client.get(f"/staff/orders/{order.number}/").content.decode() for client in (manager, employee))

    assert "Accept €5.19 as paid" in mine
    assert "Accept €" not in theirs and "needs a manager’s decision" in theirs
    assert "Payment needs attention" in mine and "Payment needs attention" in theirs


@pytest.mark.parametrize("verb", ["", "delete", "accept/x"])
def test_an_unknown_decision_is_not_found(manager, shop, verb):
    payment = park(shop)

    assert manager.post(f"{LIST}payments/{payment.public_id}/{verb}/", {"seen": seen_of(payment)}).status_code == 404


@pytest.mark.usefixtures("pages_drawn_anew")
def test_the_list_makes_as_many_queries_for_many_as_for_one(manager, shop, django_assert_max_num_queries):
    park(shop)
    manager.get(LIST)  # identity and shops are cached from here on
    with CaptureQueriesContext(connection) as for_one:
        manager.get(LIST)
    for _ in range(4):
        park(shop)

    with django_assert_max_num_queries(min(len(for_one), 16)):
        assert manager.get(LIST).content.decode().count("Accept €5.19") == 5


def test_the_age_is_stated(manager, shop):
    park(shop)
    Payment.objects.update(created_at=AT - dt.timedelta(hours=2, minutes=5))

    assert "2 h 5 min ago" in manager.get(LIST).content.decode()
    assert Order.objects.get().status == "awaiting_payment"


def test_every_message_about_an_order_has_words_for_staff():
    autodiscover_modules("outbox_handlers")
    events = {event for event, lane in _lanes.items() if lane in (Lane.MAIL, Lane.BANK) and event.startswith("order.")}

    assert events - set(MESSAGES) == set()
