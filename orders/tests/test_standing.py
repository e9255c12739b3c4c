"""The standing of an order's money: every combination of status and payments, with words on every face."""

import datetime as dt
from decimal import Decimal

import pytest

from orders.models import Order, Payment, Refund
from orders.presenters.money import (
    IF_CANCELLED,
    TO_STAFF,
    TO_THE_BUYER,
    WHEN_CANCELLED,
    WHEN_RECEIVED,
    money_words,
    staff_words,
)
from orders.standing import Standing, stand

S = Standing
AT = dt.datetime(2026, 3, 10, 9, 0, tzinfo=dt.UTC)
TOTAL = Decimal("5.20")
WAITING, GOING_ON, CANCELLED = "awaiting_payment", "placed", "cancelled"


def make_payment(state, *refunds, amount="5.20", currency="EUR", note=""):
    payment = Payment(pk=1, state=state, amount=Decimal(amount), currency=currency, note=note)
    rows = [Refund(state=kind, amount=Decimal(back), reason="order_cancelled") for kind, back in refunds]
    payment._prefetched_objects_cache = {"refunds": rows}
    return payment


def make_order(status, *, total=TOTAL, waived="0", expires_at=AT + dt.timedelta(minutes=30)):
    return Order(
        status=status, total=total, waived=Decimal(waived), currency="EUR", expires_at=expires_at,
        payment_method="demo_bank",
    )  # fmt: skip


# The outcome of the bank's answers in each of an order's three situations.
CELLS = {
    "no payment": ((), S.UNPAID, S.AT_COUNTER, S.NOTHING_CHARGED),
    "pending": ((make_payment("pending"),), S.WAITING, S.AT_COUNTER, S.MAY_STILL_COME),
    "authorised": ((make_payment("authorised"),), S.APPROVED, S.AT_COUNTER, S.MAY_STILL_COME),
    "failed": ((make_payment("failed"),), S.FAILED, S.AT_COUNTER, S.NOTHING_CHARGED),
    "cancelled": ((make_payment("cancelled"),), S.UNFINISHED, S.AT_COUNTER, S.NOTHING_CHARGED),
    "settled": ((make_payment("settled"),), S.UNFINISHED, S.AT_COUNTER, S.SETTLED),
    "parked": ((make_payment("parked"),), S.CHECKING, S.AT_COUNTER, S.CHECKING),
    "parked, then a new try": ((make_payment("parked"), make_payment("pending")), S.CHECKING, S.AT_COUNTER, S.CHECKING),
    "failed, then a new try": (
        (make_payment("failed"), make_payment("pending")), S.WAITING, S.AT_COUNTER, S.MAY_STILL_COME,
    ),
    "captured": ((make_payment("captured"),), None, S.PAID, S.REFUND_CHECKED),
    "captured, parked another": (
        (make_payment("captured"), make_payment("parked")), None, S.PAID, S.CHECKING,
    ),
    "captured less": ((make_payment("captured", amount="3.20"),), None, S.PART_PAID, S.REFUND_CHECKED),
    "refund pending": ((make_payment("captured", ("pending", "5.20")),), S.UNFINISHED, S.AT_COUNTER, S.REFUND_COMING),
    "refund done": ((make_payment("captured", ("done", "5.20")),), S.UNFINISHED, S.AT_COUNTER, S.REFUNDED),
    "refund failed": ((make_payment("captured", ("failed", "5.20")),), S.UNFINISHED, S.AT_COUNTER, S.REFUND_CHECKED),
    "refund outside": ((make_payment("captured", ("outside", "5.20")),), S.UNFINISHED, S.AT_COUNTER, S.REFUNDED),
    "refund replaced": (
        (make_payment("captured", ("replaced", "5.20"), ("done", "5.20")),), S.UNFINISHED, S.AT_COUNTER, S.REFUNDED,
    ),
    "half refunded, half failed": (
        (make_payment("captured", ("done", "2.00"), ("failed", "3.20")),), S.UNFINISHED, S.AT_COUNTER, S.REFUND_CHECKED,
    ),
    "paid twice, one refunded": (
        (make_payment("captured"), make_payment("captured", ("done", "5.20"))), None, S.PAID, S.REFUND_CHECKED,
    ),
    "other currency, refunded": (
        (make_payment("captured", ("done", "5.20"), currency="USD"),), S.UNFINISHED, S.AT_COUNTER, S.REFUNDED,
    ),
}  # fmt: skip
UNPAID = (S.UNPAID, S.WAITING, S.APPROVED, S.FAILED, S.UNFINISHED, S.CHECKING, S.AT_COUNTER)
DUE = {**dict.fromkeys(UNPAID, TOTAL), S.PART_PAID: Decimal("2.00")}
PAIRS = [
    pytest.param(status, payments, expected, id=f"{case}, {status}")
    for case, (payments, *columns) in CELLS.items()
    for statuses, expected in zip(
        ([WAITING], [GOING_ON, "preparing", "ready", "in_transit", "completed"], [CANCELLED]), columns, strict=True
    )
    for status in statuses
    if expected is not None
]


@pytest.mark.parametrize(("status", "payments", "expected"), PAIRS)
def test_a_combination_of_status_and_payments_has_its_standing(status, payments, expected):
    money = stand(make_order(status), payments, AT)

    assert money.standing == expected
    assert money.due == (0 if status == CANCELLED else DUE.get(expected, 0))


WAITS = {S.UNPAID, S.WAITING, S.APPROVED, S.FAILED, S.UNFINISHED, S.CHECKING}
ENDED = {S.NOTHING_CHARGED, S.MAY_STILL_COME, S.REFUND_COMING, S.REFUND_CHECKED, S.REFUNDED, S.SETTLED, S.CHECKING}
GOES_ON = set(S) - WAITS - ENDED


def test_every_standing_has_words_on_every_face():
    assert set(TO_THE_BUYER) == set(TO_STAFF) == set(S)
    assert set(IF_CANCELLED) == WAITS | GOES_ON
    assert set(WHEN_RECEIVED) == WAITS | GOES_ON
    assert set(WHEN_CANCELLED) == ENDED


@pytest.mark.parametrize(("status", "payments", "expected"), PAIRS)
def test_nobody_is_told_that_nothing_was_charged_while_money_may_be_at_the_bank(status, payments, expected):
    order = make_order(status)
    words = money_words(order, stand(order, payments, AT))
    sure = {S.NOTHING_CHARGED, S.UNPAID, S.FAILED, S.UNFINISHED, S.AT_COUNTER, S.FREE}

    said = f"{words.tag} {words.message} {words.if_cancelled} {words.when_cancelled} {words.when_received}"

    assert ("Nothing" not in said) or expected in sure
    assert "%(" not in said and staff_words(order, stand(order, payments, AT))[0]


@pytest.mark.parametrize("status", [WAITING, CANCELLED])
def test_page_and_emails_say_that_a_payment_is_being_checked(status):
    order = make_order(status, expires_at=None)
    words = money_words(order, stand(order, [make_payment("parked")], AT))

    assert words.tag == "Payment is being checked"
    assert words.message.startswith("We are checking your payment")
    assert (words.when_cancelled + words.when_received).count("We are checking your payment") == 2
    assert not words.can_pay


@pytest.mark.parametrize(
    ("waived", "payments", "standing", "due"),
    [
        ("0.01", [make_payment("captured", amount="5.19")], S.PAID, "0"),
        ("2.00", [make_payment("captured", ("done", "2.00"))], S.PART_REFUNDED, "0"),
        ("0", [make_payment("captured", ("done", "2.00"))], S.PART_PAID, "2.00"),
        ("5.20", [make_payment("captured", ("done", "5.20"))], S.PART_REFUNDED, "0"),
    ],
    ids=["accepted shortfall", "goodwill", "taken back", "all of it"],
)
def test_a_waived_amount_is_not_due(waived, payments, standing, due):
    money = stand(make_order(GOING_ON, waived=waived), payments, AT)

    assert (money.standing, money.due) == (standing, Decimal(due))


def test_a_free_order_has_nothing_due():
    assert stand(make_order(GOING_ON, total=Decimal(0)), [], AT).standing == S.FREE


@pytest.mark.parametrize(
    ("payments", "can_pay"),
    [
        ([], True),
        ([make_payment("pending")], True),
        ([make_payment("failed")], True),
        ([make_payment("authorised")], False),
        ([make_payment("parked")], False),
    ],
)
def test_the_buyer_can_pay_while_the_order_is_held_and_no_payment_is_pending(payments, can_pay):
    assert stand(make_order(WAITING), payments, AT).can_pay is can_pay
    assert stand(make_order(WAITING, expires_at=AT), payments, AT).can_pay is False


def test_a_failure_says_why():
    order = make_order(WAITING)
    words = money_words(order, stand(order, [make_payment("failed", note="insufficient_funds")], AT))

    assert words.message.startswith("The bank says there is not enough money on the card. We are keeping your order")
