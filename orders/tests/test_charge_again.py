"""Refunds that the bank makes by itself: a person says whether they were agreed or are to be charged again."""

import datetime as dt
from decimal import Decimal

import pytest

from common.actors import WORKER
from common.errors import DomainError
from orders.attention_list import attention_in, count_attention
from orders.gateways.base import RefundFacts
from orders.invariants import people_decide
from orders.models import OrderEvent
from orders.payments.balance import due
from orders.payments.by_hand import accept_payment, agree_to_refund, charge_again
from orders.services.hand_over import hand_over
from orders.tests.factories import actor_of, make_order, make_person, make_shop, take_to_ready
from orders.tests.fake_bank import notice
from orders.tests.test_by_hand import owner, reload, rows
from orders.tests.test_payments import say, start

pytestmark = pytest.mark.django_db
__all__ = ["owner"]


@pytest.fixture
def refunded(at, bank):
    """Return a function that makes the bank refund amounts of a paid order by itself."""

    def make(*amounts, order=None):
        order = order or make_order(at, online=True)
        payment = start(order, at)
        facts = tuple(RefundFacts(f"ref_{order.number}_{n}", "", Decimal(amount)) for n, amount in enumerate(amounts))
        say(payment, notice(payment, "captured"), at)
        say(payment, notice(payment, "captured", refunds=facts), at)
        return reload(order, payment)[0]

    return make


def decide(service, order, actor, at, *, seen, note="Spoke to the customer"):
    return service(order_id=order.pk, seen=seen, note=note, actor=actor, at=at)


def listed(order, at):
    found = attention_in([order.shop_id], is_owner=False, at=at)
    assert count_attention([order.shop_id], is_owner=False, at=at) == len(found)
    return [one.order.pk for one in found.given_away]


def hand(order, at, taken=None):
    take_to_ready(order, at)
    return hand_over(
        order_id=order.pk, nonce="a-nonce-of-ours", taken=taken, actor=WORKER, at=at, shop_ids=[order.shop_id]
    )


def test_a_partial_refund_that_was_not_agreed_is_charged_at_the_counter(at, refunded, owner):
    order = refunded("2.00")
    assert due(order) == 0

    decide(charge_again, order, owner, at, seen="2.00")

    order.refresh_from_db()
    assert (due(order), order.waived) == (Decimal("2.00"), 0)
    event = order.events.last()
    assert (event.code, event.params) == ("charged_again", {"amount": "2.00", "currency": "EUR"})
    assert (event.note, event.actor_id) == ("Spoke to the customer", owner.user_id)
    answer = hand(order, at)
    assert (answer.code, answer.amount) == ("unpaid", Decimal("2.00"))


def test_an_amount_waived_by_a_person_stays_waived(at, bank, owner):
    order = make_order(at, online=True)
    payment = start(order, at)
    say(payment, notice(payment, "captured", amount="5.19"), at)
    payment.refresh_from_db()
    seen = "parked:amount_differs:captured:5.19:EUR"
    accept_payment(payment_id=payment.pk, seen=seen, note="", actor=owner, at=at)
    own = (RefundFacts("ref_own", "", Decimal("2.00")),)
    say(payment, notice(payment, "captured", amount="5.19", refunds=own), at)

    decide(charge_again, order, owner, at, seen="2.00")

    order.refresh_from_db()
    assert (due(order), order.waived) == (Decimal("2.00"), Decimal("0.01"))


def test_an_order_refunded_in_full_waits_for_a_person(at, refunded):
    part, whole = refunded("2.00"), refunded("5.20")

    assert listed(part, at) == []
    assert listed(whole, at) == [whole.pk]


def test_two_refunds_of_the_whole_amount_count_as_a_full_refund(at, refunded, owner):
    order = refunded("2.00", "3.20")
    assert listed(order, at) == [order.pk]

    decide(charge_again, order, owner, at, seen="5.20")

    order.refresh_from_db()
    assert (due(order), listed(order, at)) == (Decimal("5.20"), [])


def test_an_agreed_refund_leaves_the_list_and_is_not_charged(at, refunded, owner):
    order = refunded("5.20")

    decide(agree_to_refund, order, owner, at, seen="5.20")

    order.refresh_from_db()
    assert (due(order), order.waived, listed(order, at)) == (0, Decimal("5.20"), [])
    assert order.events.last().code == "refund_agreed"
    assert hand(order, at).code == "handed_over"


@pytest.mark.parametrize("service", [charge_again, agree_to_refund])
def test_a_stale_page_does_not_overrule_a_colleagues_decision(at, refunded, owner, service):
    order = refunded("5.20")
    decide(agree_to_refund, order, owner, at, seen="5.20")
    before = rows()

    with pytest.raises(DomainError) as late:
        decide(service, order, owner, at, seen="5.20")

    assert (late.value.code, rows()) == ("already_dealt_with", before)


def test_an_agreed_refund_can_be_charged_after_all(at, refunded, owner):
    order = refunded("5.20")
    decide(agree_to_refund, order, owner, at, seen="5.20")

    decide(charge_again, order, owner, at, seen="5.20:agreed")

    order.refresh_from_db()
    assert due(order) == Decimal("5.20")


@pytest.mark.parametrize("case", ["employee", "another amount", "handed over"])
@pytest.mark.parametrize("service", [charge_again, agree_to_refund])
def test_a_refused_decision_changes_nothing(at, refunded, owner, service, case):
    order = refunded("2.00")
    actor = actor_of(make_person("employee")) if case == "employee" else owner
    if case == "handed over":
        assert hand(order, at).code == "handed_over"
    before = rows()

    with pytest.raises(DomainError):
        decide(service, order, actor, at, seen="1.00" if case == "another amount" else "2.00")

    assert rows() == before


def test_agreeing_to_a_refund_needs_a_note(at, refunded, owner):
    order = refunded("5.20")

    with pytest.raises(DomainError, match="Say how it was settled"):
        decide(agree_to_refund, order, owner, at, seen="5.20", note=" ")

    assert listed(order, at) == [order.pk]


def test_it_is_charged_again_only_once(at, refunded, owner):
    order = refunded("2.00")
    decide(charge_again, order, owner, at, seen="2.00")

    with pytest.raises(DomainError, match="has changed since you opened the page"):
        decide(charge_again, order, owner, at, seen="2.00")

    assert OrderEvent.objects.filter(code="charged_again").count() == 1


def test_other_shops_do_not_see_the_matter(at, refunded):
    refunded("5.20")

    assert attention_in([make_shop().pk], is_owner=True, at=at).given_away == []


def test_an_order_refunded_in_full_waits_for_three_days_at_most(at, refunded):
    order = refunded("5.20")

    assert [row["id"] for row in people_decide(at + dt.timedelta(days=3, minutes=1))] == [order.pk]
    assert list(people_decide(at + dt.timedelta(days=2))) == []
