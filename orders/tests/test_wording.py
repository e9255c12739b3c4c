"""Words for statuses and actors."""

import pytest

from orders.models import Order
from orders.presenters.wording import WORDS, actor_word, short_status, state_word, step_word, then_text, tone_of

Status = Order.Status


def like(status, fulfilment="collection", payment_method="on_collection"):
    return Order(status=status, fulfilment=fulfilment, payment_method=payment_method)


def test_every_status_has_words():
    assert set(WORDS) == set(Status)


def test_staff_read_short_words():
    assert {status.value: short_status(status) for status in Status} == {
        "awaiting_payment": "Not paid yet",
        "placed": "New",
        "preparing": "Preparing",
        "ready": "Ready",
        "in_transit": "Out for delivery",
        "completed": "Handed over",
        "cancelled": "Cancelled",
    }
    assert [tone_of(status) for status in Status] == ["warn", "", "", "ok", "", "ok", "error"]


@pytest.mark.parametrize(
    ("order", "step", "state"),
    [
        (like("placed"), "Ordered", "Placed"),
        (like("placed", payment_method="demo_bank"), "Paid", "Placed"),
        (like("ready"), "Ready to collect", "Ready to collect"),
        (like("ready", "delivery"), "Ready", "Ready"),
        (like("in_transit", "delivery"), "On its way", "On its way"),
        (like("completed"), "Collected", "Collected"),
        (like("completed", "delivery"), "Delivered", "Delivered"),
        (like("cancelled"), "Cancelled", "Cancelled"),
    ],
    ids=lambda value: f"{value.status}-{value.fulfilment}" if isinstance(value, Order) else None,
)
def test_a_buyer_reads_the_words_for_their_kind_of_order(order, step, state):
    assert (step_word(order, order.status), state_word(order)) == (step, state)


@pytest.mark.parametrize("fulfilment", ["collection", "delivery"])
@pytest.mark.parametrize("status", [status for status in Status if status != Status.AWAITING_PAYMENT])
def test_every_status_names_the_next_step(status, fulfilment):
    assert then_text(like(status, fulfilment)).endswith(".")


@pytest.mark.parametrize(
    ("label", "word"),
    [("guest", "the customer"), ("worker", "the system"), ("demo_bank", "the bank"), ("Mira", "Mira")],
)
def test_machines_and_guests_have_words_and_people_their_names(label, word):
    assert actor_word(label) == word
