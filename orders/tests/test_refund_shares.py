"""Shares of refunds: exact to the cent in any order and any portions, and never more than there is."""

import itertools
from dataclasses import replace
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.refund_shares import (
    MoreThanKept,
    MoreThanLeft,
    NotHandedOver,
    NothingToRefund,
    Refundable,
    RefundableLine,
    RefundedLine,
    RefundRefused,
    plan_all,
    plan_amount,
    plan_lines,
    share,
)

LINES = {
    1: RefundableLine(1, "Loaf", "pc", D(3), D("10.00"), D("0.91")),
    2: RefundableLine(2, "Ham", "kg", D("0.333"), D("6.65"), D("0.61")),
    3: RefundableLine(3, "Tea", "pc", D(7), D("9.99"), D("1.73")),
}
TOTAL, TAX = D("26.64"), D("3.25")
WHOLE = Refundable("EUR", TOTAL, TOTAL, TAX, LINES, is_handed_over=True)


def shelf(**quantities):
    return {int(key[1:]): RefundedLine(D(quantity), "shelf") for key, quantity in quantities.items()}


def after(refundable: Refundable, plan) -> Refundable:
    """Return what can be refunded after a plan was carried out."""
    lines = dict(refundable.lines)
    for one in plan.lines:
        lines[one.line.key] = replace(one.line, refunded=one.line.refunded + one.quantity)
    return replace(
        refundable,
        kept=refundable.kept - plan.amount,
        gross_left=refundable.gross_left - plan.amount,
        tax_left=refundable.tax_left - plan.tax_amount,
        lines=lines,
    )


cents = st.integers(0, 10**6).map(lambda number: D(number) / 100)
portions = st.lists(st.integers(1, 5000).map(lambda number: D(number) / 1000), min_size=1, max_size=12)


@given(portions, cents, cents, st.randoms())
def test_any_portions_in_any_order_sum_to_the_line(parts, gross, tax, random):
    line = RefundableLine(1, "Ham", "kg", sum(parts), gross, min(tax, gross))
    random.shuffle(parts)

    found = []
    for part in parts:
        found.append(share(line, part, "EUR"))
        line = replace(line, refunded=line.refunded + part)

    assert (sum(amount for amount, _ in found), sum(tax for _, tax in found)) == (line.gross, line.tax)
    assert min(min(pair) for pair in found) >= 0


@given(portions, cents)
def test_a_share_is_less_than_a_cent_from_the_exact_one(parts, gross):
    line = RefundableLine(1, "Ham", "kg", sum(parts), gross, D(0))

    for part in parts:
        amount, _ = share(line, part, "EUR")
        assert abs(amount - gross * part / line.quantity) < D("0.01") + D("1e-20")
        line = replace(line, refunded=line.refunded + part)


def test_a_currency_without_cents_is_shared_in_whole_units():
    line = RefundableLine(1, "Tea", "pc", D(3), D(100), D(9))

    assert [share(replace(line, refunded=D(done)), D(1), "JPY")[0] for done in range(3)] == [33, 34, 33]


@pytest.mark.parametrize("order", itertools.permutations((1, 2, 3)), ids=str)
def test_three_lines_refunded_in_six_orders_sum_to_the_same(order):
    left, made = WHOLE, []

    for key in order:
        plan = plan_lines(left, {key: RefundedLine(LINES[key].quantity, "kept")})
        made.append(plan)
        left = after(left, plan)

    assert {one.lines[0].line.key: one.amount for one in made} == {key: line.gross for key, line in LINES.items()}
    assert (sum(one.amount for one in made), sum(one.tax_amount for one in made)) == (TOTAL, TAX)
    assert (left.kept, left.tax_left) == (0, 0)


@pytest.mark.parametrize("order", itertools.permutations((1, 3, 1, 3, 2)), ids=str)
def test_halves_of_lines_in_any_order_sum_to_the_same(order):
    left, halves = WHOLE, {1: [D(1), D(2)], 2: [D("0.333")], 3: [D(4), D(3)]}

    made = []
    for key in order:
        plan = plan_lines(left, {key: RefundedLine(halves[key].pop(), "kept")})
        made.append(plan)
        left = after(left, plan)

    assert (sum(one.amount for one in made), sum(one.tax_amount for one in made)) == (TOTAL, TAX)


def test_several_lines_at_once_are_the_sum_of_their_shares():
    plan = plan_lines(WHOLE, shelf(l1="1", l3="2"))

    assert [(one.line.key, one.amount, one.tax_amount) for one in plan.lines] == [
        (1, D("3.33"), D("0.30")),
        (3, D("2.85"), D("0.49")),
    ]
    assert (plan.amount, plan.tax_amount) == (D("6.18"), D("0.79"))


@pytest.mark.parametrize(
    ("wanted", "refusal"),
    [
        ({}, NothingToRefund),
        (shelf(l1="0"), MoreThanLeft),
        (shelf(l1="-1"), MoreThanLeft),
        (shelf(l1="4"), MoreThanLeft),
        (shelf(l1="1.5"), MoreThanLeft),
        (shelf(l2="0.334"), MoreThanLeft),
        (shelf(l9="1"), RefundRefused),
    ],
    ids=["nothing", "zero", "less than nothing", "too many", "half a loaf", "too heavy", "of another order"],
)
def test_quantities_that_are_not_there_are_refused(wanted, refusal):
    with pytest.raises(refusal):
        plan_lines(WHOLE, wanted)


def test_a_line_is_refunded_once():
    left = after(WHOLE, plan_lines(WHOLE, shelf(l1="3")))

    with pytest.raises(MoreThanLeft, match="Loaf has already been refunded"):
        plan_lines(left, shelf(l1="1"))


def test_goods_that_are_still_here_are_not_refunded_by_line():
    waiting = replace(WHOLE, is_handed_over=False)

    with pytest.raises(NotHandedOver):
        plan_lines(waiting, shelf(l1="1"))
    with pytest.raises(NotHandedOver):
        plan_all(waiting, "kept")
    assert plan_amount(waiting, D("5")).amount == D("5")


def test_a_line_without_an_article_does_not_go_back_to_the_shelf():
    gone = replace(WHOLE, lines={1: replace(LINES[1], has_sku=False)})

    with pytest.raises(RefundRefused, match="no longer in the catalogue"):
        plan_lines(gone, shelf(l1="1"))
    assert plan_lines(gone, {1: RefundedLine(D(1), "kept")}).amount == D("3.33")


def test_a_line_that_costs_nothing_is_not_refunded_by_itself():
    free = replace(WHOLE, lines={1: replace(LINES[1], gross=D(0), tax=D(0))})

    with pytest.raises(NothingToRefund):
        plan_lines(free, shelf(l1="1"))


@pytest.mark.parametrize("amount", ["0", "-1", "0.001", "1.005"])
def test_an_amount_that_is_none_is_refused(amount):
    with pytest.raises(NothingToRefund):
        plan_amount(WHOLE, D(amount))


def test_no_more_is_refunded_than_is_kept():
    left = after(WHOLE, plan_amount(WHOLE, D("20")))

    with pytest.raises(MoreThanKept, match=r"Only €6\.64 of this order is left"):
        plan_amount(left, D("6.65"))
    with pytest.raises(MoreThanKept):
        plan_lines(left, shelf(l1="3"))
    with pytest.raises(NothingToRefund, match="We hold no money"):
        plan_amount(after(left, plan_all(left, "kept")), D("0.01"))


@given(st.lists(cents, max_size=5), st.lists(st.sampled_from((1, 2, 3)), max_size=3))
def test_amounts_lines_and_the_rest_sum_to_the_order(amounts, keys):
    left, made = WHOLE, []
    for step in (*amounts, *keys):
        try:
            plan = (
                plan_amount(left, step)
                if isinstance(step, D)
                else plan_lines(left, {step: RefundedLine(left.lines[step].left, "kept")})
            )
        except RefundRefused:
            continue
        made.append(plan)
        left = after(left, plan)
    if left.kept:
        made.append(plan_all(left, "kept"))

    assert (sum(one.amount for one in made), sum(one.tax_amount for one in made)) == (TOTAL, TAX)
    for plan in made:
        assert sum(one.amount for one in plan.lines) <= plan.amount
        assert sum(one.tax_amount for one in plan.lines) <= plan.tax_amount


def test_everything_takes_all_lines_that_are_left_and_the_delivery():
    left = replace(after(WHOLE, plan_lines(WHOLE, shelf(l1="1"))), kept=D("27.31"), gross_left=D("27.31"))

    plan = plan_all(left, "written_off")

    assert plan.amount == D("27.31")
    assert [(one.line.key, one.quantity, one.amount, one.goods) for one in plan.lines] == [
        (1, D(2), D("6.67"), "written_off"),
        (2, D("0.333"), D("6.65"), "written_off"),
        (3, D(7), D("9.99"), "written_off"),
    ]
