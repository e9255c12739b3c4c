"""Refund documents: the money, the goods, the history, and each refusal."""

import itertools
from decimal import Decimal as D

import pytest

from common.models import OutboxMessage
from common.outbox.services import deliver_due
from orders.models import (
    Order,
    OrderEvent,
    OrderSettings,
    Payment,
    Refund,
    RefundDocument,
    RefundDocumentLine,
)
from orders.payments.balance import due, kept
from orders.payments.by_hand import repeat_refund
from orders.permissions import NotAllowed
from orders.presenters.history import event_text
from orders.refund_shares import AboveLimit, MoreThanKept, MoreThanLeft, NotHandedOver, NothingToRefund, RefundedLine
from orders.services.cancel import cancel_order
from orders.services.erase import erase_contacts
from orders.services.hand_over import hand_over
from orders.services.refund import SumChanged, refund_all, refund_amount, refund_lines
from orders.tests.factories import actor_of, make_basket, make_order, make_person, take_to
from orders.tests.test_cancel import pay
from stock.models import StockLevel, StockMovement

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
BOUGHT = (("3", "3.50", "0.50"), ("0.333", "19.99", "0"), ("7", "1.43", "0"))
TOTAL, TAX = D("26.67"), D("2.43")


@pytest.fixture
def olga():
    return actor_of(make_person("owner", name="Olga Berg"))


@pytest.fixture
def order(at, olga):
    """Return an order of three lines, paid in cash and handed over."""
    return collected(at, olga)


def collected(at, actor, taken="cash", **extra):
    order = take_to(make_basket(at, *BOUGHT, **extra), "ready", at)
    hand_over(order_id=order.pk, nonce="n", taken=taken, actor=actor, at=at, shop_ids=[order.shop_id])
    order.refresh_from_db()
    return order


class Desk:
    """Somebody who refunds; each call is a new document unless it repeats the nonce."""

    serial = itertools.count()

    def __init__(self, order, actor, at):
        self.order, self.actor, self.at = order, actor, at

    def _said(self, said):
        more = {"reason": "damaged", "note": "", "nonce": f"nonce-{next(self.serial)}"}
        return {"order_id": self.order.pk, "actor": self.actor, "at": self.at, **more, **said}

    def lines(self, quantities, goods="kept", **said):
        rows = {line.position: line.pk for line in self.order.lines.all()}
        wanted = {rows[position]: RefundedLine(D(quantity), goods) for position, quantity in quantities.items()}
        return refund_lines(lines=wanted, **self._said(said))

    def amount(self, amount, **said):
        return refund_amount(amount=D(amount), **self._said(said))

    def all(self, goods="kept", **said):
        return refund_all(goods=goods, **self._said(said))


@pytest.fixture
def desk(order, olga, at):
    return Desk(order, olga, at)


def refunds():
    return list(Refund.objects.order_by("id").values_list("amount", "state", "paid_out"))


def on_hand(order):
    return [
        StockLevel.objects.get(sku=line.sku_id, shop=order.shop_id).on_hand for line in order.lines.order_by("position")
    ]


# The money.


def test_a_line_is_refunded_with_its_discount_and_tax(desk, order, at):
    document = desk.lines({1: "1"}, note="burnt", nonce="first")

    line = document.lines.get()
    assert (document.kind, document.amount, document.tax_amount) == ("lines", D("3.33"), D("0.30"))
    assert (document.reason, document.note, document.actor_label, document.at) == ("damaged", "burnt", "Olga", at)
    assert (line.quantity, line.amount, line.tax_amount, line.goods) == (D(1), D("3.33"), D("0.30"), "kept")
    assert refunds() == [(D("3.33"), "done", "cash")]
    assert (kept(order), due(Order.objects.get())) == (TOTAL - D("3.33"), 0)
    assert Order.objects.get().waived == D("3.33")


@pytest.mark.parametrize("turn", itertools.permutations((1, 2, 3)), ids=str)
def test_three_lines_in_six_orders_refund_the_same_sum(desk, order, turn):
    whole = {position: quantity for position, (quantity, _, _) in enumerate(BOUGHT, start=1)}

    for position in turn:
        desk.lines({position: whole[position]})

    made = RefundDocument.objects.all()
    assert (sum(one.amount for one in made), sum(one.tax_amount for one in made)) == (TOTAL, TAX)
    assert (kept(order), order.total) == (0, TOTAL)


def test_everything_is_refunded_after_a_part(desk, order):
    desk.lines({1: "1"})
    desk.amount("0.10")

    document = desk.all("written_off")

    assert (document.kind, document.amount) == ("full", TOTAL - D("3.43"))
    assert sum(RefundDocument.objects.values_list("tax_amount", flat=True)) == TAX
    assert [line.quantity for line in document.lines.order_by("line__position")] == [D(2), D("0.333"), D(7)]
    assert sum(line.amount for line in document.lines.all()) == document.amount
    with pytest.raises(NothingToRefund):
        desk.all()


def test_money_taken_by_card_is_refunded_by_card_unless_said_otherwise(at, olga):
    desk = Desk(collected(at, olga, taken="card"), olga, at)

    desk.amount("1")
    desk.amount("2", paid_out="cash")

    assert refunds() == [(D(1), "done", "card"), (D(2), "done", "cash")]


def test_money_paid_online_is_refunded_by_the_bank(at, olga, bank):
    order = make_basket(at, *BOUGHT, online=True)
    pay(order, at)
    take_to(order, "ready", at)
    hand_over(order_id=order.pk, nonce="n", taken=None, actor=olga, at=at, shop_ids=[order.shop_id])

    document = Desk(order, olga, at).lines({3: "7"}, paid_out="cash")

    assert (refunds(), kept(order)) == ([(D("10.01"), "pending", "")], TOTAL - D("10.01"))
    deliver_due(at=at)
    assert refunds() == [(D("10.01"), "done", "")]
    assert Refund.objects.get().document == document
    assert OutboxMessage.objects.filter(event="order.refunded").count() == 1


def test_the_newest_payment_is_refunded_first(at, olga):
    order = collected(at, olga)
    Payment.objects.update(amount=D("20"))
    Payment.objects.create(
        order=order, gateway="on_collection", amount=D("6.67"), currency="EUR", state="captured", taken="card",
        created_at=at, captured_at=at,
    )  # fmt: skip

    document = Desk(order, olga, at).amount("10")

    assert refunds() == [(D("6.67"), "done", "card"), (D("3.33"), "done", "cash")]
    assert document.refunds.count() == 2


def test_an_amount_of_an_open_order_is_not_charged_again_at_the_counter(at, olga, bank):
    order = make_order(at, online=True)
    pay(order, at)

    document = Desk(order, olga, at).amount("2", reason="goodwill")

    order.refresh_from_db()
    assert (document.tax_amount, kept(order), due(order), order.waived) == (D("0.18"), D("3.20"), 0, D(2))
    order = take_to(order, "ready", at)
    assert hand_over(order_id=order.pk, nonce="n", taken=None, actor=olga, at=at, shop_ids=[order.shop_id]).code == (
        "handed_over"
    )


def test_cancelling_afterwards_refunds_the_rest(at, olga, bank):
    order = make_order(at, online=True)
    pay(order, at)
    Desk(order, olga, at).amount("2")

    cancel_order(order_id=order.pk, reason="", actor=olga, at=at)

    assert [amount for amount, _, _ in refunds()] == [D(2), D("3.20")]


def test_the_buyer_is_told_of_each_refund_and_why(desk, at, mailoutbox):
    desk.lines({1: "1"}, reason="missing")

    deliver_due(at=at)

    mail = next(mail for mail in mailoutbox if "refunded" in mail.subject)
    assert "€3.33 refunded" in mail.subject
    assert "Something was missing from your order. We have refunded €3.33 in cash at the counter." in mail.body


# The goods.


def test_goods_go_back_to_the_shelf(desk, order):
    assert on_hand(order) == [D(17), D("19.667"), D(13)]

    desk.lines({1: "2", 2: "0.333"}, goods="shelf")

    assert on_hand(order) == [D(19), D(20), D(13)]
    assert set(StockMovement.objects.filter(kind="return").values_list("reference", "reason", "quantity")) == {
        (order.number, "damaged", D(2)),
        (order.number, "damaged", D("0.333")),
    }


def test_goods_written_off_are_recorded_and_do_not_go_back(desk, order):
    desk.lines({1: "2"}, goods="written_off")

    assert on_hand(order)[0] == D(17)
    kinds = StockMovement.objects.filter(reference=order.number, kind__in=["return", "waste"])
    assert list(kinds.order_by("id").values_list("kind", "quantity")) == [("return", D(2)), ("waste", D(-2))]


def test_goods_that_the_buyer_keeps_do_not_move(desk, order):
    desk.lines({1: "2"})
    desk.amount("1")

    assert on_hand(order)[0] == D(17)
    assert not StockMovement.objects.filter(kind="return").exists()


# History and repetition.


def test_the_history_says_how_much_why_and_who(desk, order):
    desk.lines({1: "1"}, reason="wrong_item", note="rye instead of wheat")

    event = OrderEvent.objects.latest("id")
    assert (event.code, event.is_step, event.actor_label) == ("refund_made", False, "Olga")
    assert event_text(event) == "Made a refund of €3.33. Reason: Wrong item. rye instead of wheat"


def test_a_repeated_submit_gets_the_first_document(desk):
    first = desk.lines({1: "1"}, nonce="same")

    assert desk.lines({1: "1"}, nonce="same") == first
    assert desk.amount("5", nonce="same") == first
    assert len(refunds()) == 1


def test_a_refund_repeated_by_hand_still_belongs_to_its_document(at, olga, bank, monkeypatch):
    order = make_order(at, online=True)
    pay(order, at)
    document = Desk(order, olga, at).amount("2")
    Refund.objects.update(state="failed")

    again = repeat_refund(refund_id=Refund.objects.get().pk, actor=olga, at=at)

    assert (again.document, again.amount) == (document, D(2))
    assert [state for _, state, _ in refunds()] == ["replaced", "pending"]


# Refusals: nothing is written.


@pytest.fixture
def unchanged(order):
    yield
    assert (RefundDocument.objects.count(), RefundDocumentLine.objects.count(), Refund.objects.count()) == (0, 0, 0)
    assert Order.objects.get(pk=order.pk).waived == 0


@pytest.mark.usefixtures("unchanged")
def test_more_than_there_is_is_refused(desk):
    with pytest.raises(MoreThanLeft):
        desk.lines({1: "4"})
    with pytest.raises(MoreThanKept):
        desk.amount("26.68")


@pytest.mark.usefixtures("unchanged")
def test_another_sum_than_the_person_saw_is_refused(desk):
    with pytest.raises(SumChanged) as refused:
        desk.lines({1: "1"}, expected=D("3.34"))

    assert refused.value.extra == {"amount": D("3.33")}
    with pytest.raises(SumChanged):
        desk.all(expected=D("26"))


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("said", [{"reason": "because"}, {"reason": ""}, {"nonce": ""}], ids=str)
def test_what_our_pages_never_send_is_an_error(desk, said):
    with pytest.raises(ValueError, match="known reason"):
        desk.amount("1", **said)


def test_goods_that_are_still_here_are_refunded_by_cancelling(at, olga, bank):
    order = make_order(at, online=True)
    pay(order, at)
    desk = Desk(order, olga, at)

    with pytest.raises(NotHandedOver):
        desk.lines({1: "1"})
    with pytest.raises(NotHandedOver):
        desk.all()
    assert refunds() == []


def test_an_order_that_is_not_paid_or_was_cancelled_has_nothing_to_refund(at, olga, bank):
    unpaid, gone = make_order(at), make_order(at, online=True)
    pay(gone, at)
    cancel_order(order_id=gone.pk, reason="", actor=olga, at=at)

    for order in (unpaid, gone):
        with pytest.raises(NothingToRefund):
            Desk(order, olga, at).amount("1")
    assert RefundDocument.objects.count() == 0


# Rights and limits.


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("role", [None, "courier", "editor", "price_manager"])
def test_others_may_not_refund(order, at, role):
    with pytest.raises(NotAllowed):
        Desk(order, actor_of(make_person(role)), at).amount("1")


@pytest.mark.parametrize(
    ("role", "employees", "managers", "allowed"),
    [
        ("employee", None, None, "0"),
        ("employee", "0", None, "0"),
        ("employee", "5", "3", "5"),
        ("shop_manager", "5", "3", "3"),
        ("shop_manager", None, "0", "0"),
        ("shop_manager", "5", None, None),
        ("owner", "5", "3", None),
    ],
)
def test_roles_refund_up_to_their_limit_of_one_order(order, at, role, employees, managers, allowed):
    OrderSettings.objects.create(
        employee_refund_limit=employees and D(employees), manager_refund_limit=managers and D(managers)
    )
    desk = Desk(order, actor_of(make_person(role)), at)

    if allowed is None:
        assert desk.all().amount == TOTAL
        return
    with pytest.raises(AboveLimit):
        desk.amount(D(allowed) + D("0.01"))
    if D(allowed):
        desk.amount("1")
        desk.amount(D(allowed) - 1)
        with pytest.raises(AboveLimit, match="Ask a manager"):
            desk.amount("0.01")
    assert sum(RefundDocument.objects.values_list("amount", flat=True)) == D(allowed)


def test_erasing_the_buyer_blanks_the_note(desk, order, at):
    desk.lines({1: "1"}, note="Mira brought it back")
    desk.lines({1: "1"})

    erase_contacts([order])

    assert set(RefundDocument.objects.values_list("note", flat=True)) == {""}
