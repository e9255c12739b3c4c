"""Each invariant finds its planted violation."""

import datetime as dt
from decimal import Decimal

import pytest

from common.actors import WORKER
from common.models import OutboxMessage
from common.registry import invariants
from orders.invariants import ORDER_EMAILS
from orders.models import HandOver, Order, OrderEvent, OrderLine, Payment, PaymentEvent, Refund
from orders.payments.settle import place_paid
from orders.services.cancel import cancel_order
from orders.services.change_status import MAILS, undo
from orders.services.hand_over import hand_over
from orders.tests.factories import make_order, take_to_ready

pytestmark = [pytest.mark.django_db, pytest.mark.violates]


def found(id, at):
    return list(next(check for check in invariants() if check.id == id).find(at))


def make_payment(order, at, **extra):
    values = {"gateway": "demo_bank", "amount": order.total, "currency": "EUR", "state": "captured", "created_at": at}
    return Payment.objects.create(order=order, **{**values, **extra})


def only(ids, at):
    """Return the violated invariants of orders."""
    return {check.id for check in invariants() if check.id in ids and list(check.find(at))}


ALL = {"I07", "I09", "I09b", "I10", "I10b", "I10c", "I10d", "I11", "I12", "I14", "I15", "I34", "I35", "I36"}


def test_a_fresh_order_violates_nothing(at):
    make_order(at)
    make_order(at, online=True)

    assert only(ALL, at) == set()


def test_i07_finds_a_line_that_is_not_quantity_times_price(at):
    make_order(at)
    OrderLine.objects.update(amount=Decimal("5.21"))
    Order.objects.update(goods_total=Decimal("5.21"), total=Decimal("5.21"))

    assert only(ALL, at) == {"I07"}


def test_i07_finds_a_total_that_is_not_the_sum_of_its_lines(at):
    make_order(at)
    Order.objects.update(goods_total=Decimal("9"), total=Decimal("9"))

    assert only(ALL, at) == {"I07"}


def test_i07_finds_a_tax_that_differs_from_the_lines(at):
    make_order(at)
    Order.objects.update(tax_total=Decimal("9"))

    assert only(ALL, at) == {"I07"}


def with_lines(order, amounts, taxes):
    """Give an order a line at 9 % for each amount."""
    line = order.lines.get()
    for position, (amount, tax) in enumerate(zip(amounts, taxes, strict=True), start=1):
        line.pk, line.position, line.quantity, line.unit_price = None, position + 10, Decimal(1), Decimal(amount)
        line.amount, line.tax_rate, line.tax_amount = Decimal(amount), Decimal("0.09"), Decimal(tax)
        line.save()
    order.lines.filter(position__lt=10).delete()
    total = sum(map(Decimal, amounts))
    Order.objects.update(goods_total=total, total=total, tax_total=sum(map(Decimal, taxes)))


@pytest.mark.parametrize(
    ("taxes", "broken"),
    [
        (["0.28"] * 2 + ["0.27"] * 8, set()),
        (["0.27"] * 10, set()),
        (["0.28"] + ["0.27"] * 9, {"I07"}),
        (["0.28"] * 3 + ["0.27"] * 7, {"I07"}),
    ],
    ids=["once for the rate", "line by line, as before", "neither", "too much"],
)
def test_i07_finds_a_rates_tax_that_is_not_computed_from_its_sum(at, taxes, broken):
    with_lines(make_order(at), ["3.30"] * 10, taxes)

    assert only({"I07"}, at) == broken


@pytest.mark.parametrize("paid", [None, "USD", "0.01 less"])
def test_i09_finds_a_completed_order_that_is_not_paid(at, paid):
    order = make_order(at)
    HandOver.objects.create(order=order, nonce="n", actor_label="x", at=at)
    OrderEvent.objects.create(order=order, from_status="placed", to_status="ready", actor_label="x", at=at)
    Order.objects.update(status="completed")
    if paid == "USD":
        make_payment(order, at, currency="USD")
    elif paid:
        make_payment(order, at, amount=order.total - Decimal("0.01"))

    assert found("I09", at)


def test_i10_finds_more_refunded_than_captured(at):
    payment = make_payment(make_order(at), at)
    for _ in range(2):
        Refund.objects.create(payment=payment, amount=Decimal("3"), reason="x", created_at=at, state="done")

    assert only(ALL, at) == {"I10"}


def test_i10_finds_a_refund_of_an_uncaptured_payment(at):
    payment = make_payment(make_order(at), at, state="failed")
    Refund.objects.create(payment=payment, amount=Decimal("1"), reason="x", created_at=at)

    assert only(ALL, at) == {"I10"}


def test_i11_finds_two_successful_payments_without_a_refund(at):
    order = make_order(at)
    make_payment(order, at)
    make_payment(order, at)

    assert only(ALL, at) == {"I11"}


@pytest.mark.parametrize("case", ["waits", "silent"])
def test_i12_finds_a_notice_that_waits_or_has_no_outcome(at, case):
    PaymentEvent.objects.create(
        gateway="demo_bank",
        event_id="e",
        kind="x",
        received_at=at - dt.timedelta(minutes=6),
        processed_at=at if case == "silent" else None,
    )

    assert only(ALL, at) == {"I12"}


@pytest.mark.parametrize("change", [{"number": "ABC"}, {"number": "ABCDEFGU"}, {"collect_secret": "short"}])
def test_i14_finds_malformed_names(at, change):
    make_order(at)
    Order.objects.update(**change)

    assert only(ALL, at) == {"I14"}


def test_i14_finds_a_hand_over_of_an_incomplete_order(at):
    HandOver.objects.create(order=make_order(at), nonce="n", actor_label="x", at=at)

    assert only(ALL, at) == {"I14"}


@pytest.mark.parametrize(
    ("source", "target", "hours"),
    [("placed", "completed", 1), ("preparing", "ready", 1), ("placed", "preparing", -1), ("", "placed", 1)],
    ids=["no such step", "not from there", "back in time", "a second beginning"],
)
def test_i15_finds_an_impossible_history(at, source, target, hours):
    order = make_order(at)
    moment = at + dt.timedelta(hours=hours)
    OrderEvent.objects.create(order=order, from_status=source, to_status=target, actor_label="x", at=moment)
    Order.objects.update(status=target)

    assert "I15" in only(ALL, at)


def test_i15_finds_a_status_without_its_history(at):
    make_order(at)
    Order.objects.update(status="preparing")

    assert only(ALL, at) == {"I15"}


def test_i15_finds_a_delivery_completed_without_its_steps(at):
    order = take_to_ready(make_order(at), at)
    hand_over(order_id=order.pk, nonce="n", taken="cash", actor=WORKER, at=at, shop_ids=[order.shop_id])
    Order.objects.update(fulfilment="delivery")

    assert only(ALL, at) == {"I15"}


def test_i34_finds_money_of_a_cancelled_order_that_nobody_refunds(at):
    order = make_order(at)
    OrderEvent.objects.create(order=order, from_status="placed", to_status="cancelled", actor_label="x", at=at)
    Order.objects.update(status="cancelled")
    payment = make_payment(order, at)
    Refund.objects.create(payment=payment, amount=order.total, reason="x", created_at=at, state="failed")

    assert only(ALL, at) == {"I34"}


@pytest.mark.parametrize("waived", ["0.00", "5.19"])
def test_i09b_finds_an_online_order_that_continues_unpaid(at, waived):
    order = make_order(at, online=True)
    OrderEvent.objects.create(order=order, from_status=order.status, to_status="placed", actor_label="x", at=at)
    Order.objects.update(status="placed", waived=Decimal(waived))

    assert only(ALL, at) == {"I09b"}


def test_i09b_ignores_waived_amounts(at):
    order = make_order(at, online=True)
    OrderEvent.objects.create(order=order, from_status=order.status, to_status="placed", actor_label="x", at=at)
    Order.objects.update(status="placed", waived=Decimal("0.01"))
    make_payment(order, at, amount=order.total - Decimal("0.01"))

    assert only(ALL, at) == set()


def park(order, at, **extra):
    return make_payment(
        order, at, state="parked", note="amount_differs", reported_state="captured", reported_amount=Decimal("1.94"),
        reported_currency="EUR", **extra,
    )  # fmt: skip


def test_i35_finds_money_at_the_bank_for_an_order_that_has_ended(at):
    order = make_order(at, online=True)
    OrderEvent.objects.create(order=order, from_status=order.status, to_status="cancelled", actor_label="x", at=at)
    Order.objects.update(status="cancelled")
    park(order, at)

    assert only(ALL, at) == {"I35"}


def test_i35_finds_a_hold_with_an_expiry_while_a_payment_is_being_checked(at):
    park(make_order(at, online=True), at)
    Order.objects.update(expires_at=at - dt.timedelta(minutes=3))

    assert only(ALL, at) == {"I35"}


@pytest.mark.parametrize("case", ["parked", "refused refund"])
def test_i36_finds_a_request_unanswered_for_days(at, case):
    order = make_order(at, online=case == "parked")
    long_ago = at - dt.timedelta(days=3, minutes=1)
    if case == "parked":
        park(order, long_ago)
    else:
        refund = {"amount": Decimal("1"), "reason": "x", "state": "failed", "created_at": long_ago}
        Refund.objects.create(payment=make_payment(order, at), **refund)

    assert only(ALL, at) == {"I36"}


KEYS = {
    "received": "order.received:{order.number}",
    "ready": "order.ready:{order.number}:{order.version}",
    "cancelled": "order.cancelled:{order.number}:{order.version}",
    "paid": "order.paid:{order.number}:{order.version}",
}


def arrive(status, at):
    """Return an order that reached `status` in the usual way."""
    order = make_order(at, online=status == "paid")
    if status == "ready":
        order = take_to_ready(order, at)
    elif status == "cancelled":
        order = cancel_order(order_id=order.pk, reason="", actor=WORKER, at=at)
    elif status == "paid":
        make_payment(order, at)
        place_paid(order, WORKER, at)
    return order


@pytest.mark.parametrize("status", KEYS)
def test_i22b_finds_an_order_without_an_email(at, status):
    order = arrive(status, at)
    before = found("I22b", at)
    OutboxMessage.objects.filter(event=f"order.{status}").delete()

    rows = found("I22b", at)

    assert before == []
    assert [row["order"] for row in rows] == [order.number]
    assert KEYS[status].format(order=order).startswith(rows[0]["email"])


def test_i22b_ignores_orders_whose_messages_were_purged(at):
    arrive("cancelled", at - dt.timedelta(days=30))
    OutboxMessage.objects.all().delete()

    assert found("I22b", at) == []


def test_i22b_ignores_an_email_withdrawn_with_its_step(at):
    order = arrive("ready", at)

    undo(order_id=order.pk, actor=WORKER, at=at)

    assert found("I22b", at) == []


def test_i22b_looks_for_the_email_of_every_status_that_has_one():
    assert set(MAILS.values()) <= set(ORDER_EMAILS)
