"""Long random sequences of steps on one order, compared with a model of a dozen lines."""

import datetime as dt
import os

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from common.actors import GUEST, WORKER
from common.errors import DomainError
from common.money import ZERO
from common.outbox.services import deliver_due
from common.registry import invariants
from orders.gateways.base import GatewayUnavailable
from orders.models import Order, Payment
from orders.payments.balance import kept
from orders.payments.inbox import receive_and_process
from orders.payments.start import NotPayable, start_payment
from orders.services.cancel import cancel_order
from orders.services.change_status import change_status, undo
from orders.services.expire import expire_orders
from orders.services.hand_over import hand_over
from orders.tests.factories import make_order, make_shop, make_sku
from orders.tests.fake_bank import FakeBank, notice, put_in_place
from stock.models import Reservation, StockLevel
from tests.moments import AT

CHECKED = {"I01", "I02", "I07", "I09", "I10", "I11", "I12", "I14", "I15", "I34"}
LIVE = {"awaiting_payment", "placed", "preparing", "ready"}


class LifeOfAnOrder(RuleBasedStateMachine):
    """Steps in any order and at any time; the model knows only the order's possible statuses afterwards.

    The test is marked `violates` because its rows are rolled back example by example and checked inside.
    """

    def __init__(self):
        super().__init__()
        self.now = AT
        self.sid = transaction.savepoint()
        self.shop, self.sku = make_shop(), make_sku()
        self.order = make_order(AT, online=True, shop=self.shop, sku=self.sku, stock="3")
        self.status, self.attempts = "awaiting_payment", []

    def teardown(self):
        transaction.savepoint_rollback(self.sid)

    def tick(self, seconds):
        self.now += dt.timedelta(seconds=seconds)

    def expect(self, allowed, action):
        """Take the step; it must succeed exactly if the model allows it."""
        try:
            with transaction.atomic():
                action()
            done = True
        except DomainError:
            done = False
        assert done == allowed

    @rule(seconds=st.integers(1, 900))
    def time_passes(self, seconds):
        self.tick(seconds)

    @rule()
    def the_buyer_starts_to_pay(self):
        try:
            payment = start_payment(order_id=self.order.pk, return_url="http://s/", actor=GUEST, at=self.now)
        except NotPayable:
            is_approved = self.order.payments.filter(state="authorised").exists()
            assert self.status != "awaiting_payment" or is_approved or self.now >= AT + dt.timedelta(minutes=30)
        else:
            assert self.status == "awaiting_payment"
            self.attempts.append(payment)

    @precondition(lambda self: self.attempts)
    @rule(data=st.data(), state=st.sampled_from(["pending", "authorised", "captured", "failed", "cancelled"]))
    def the_bank_speaks(self, data, state):
        payment = data.draw(st.sampled_from(self.attempts))
        body = notice(payment, state)
        receive_and_process(
            gateway="demo_bank", event_id=body["id"], kind="x", payment_public_id=str(payment.public_id),
            body=body, at=self.now,
        )  # fmt: skip
        if state == "captured" and self.status == "awaiting_payment":
            self.status = "placed"
        elif state == "captured" and self.status == "cancelled":
            self.order.refresh_from_db()
            self.status = self.order.status  # late money: placed again, or refunded (checked below)
            assert self.status in ("placed", "cancelled")

    @rule(to=st.sampled_from(["placed", "preparing", "ready", "completed", "cancelled"]))
    def staff_take_a_step(self, to):
        allowed = (self.status, to) in {("placed", "preparing"), ("preparing", "ready")}
        self.expect(allowed, lambda: change_status(order_id=self.order.pk, to=to, actor=WORKER, at=self.now))
        self.status = to if allowed else self.status

    @rule()
    def staff_recall(self):
        back = {"preparing": "placed", "ready": "preparing"}
        changed = Order.objects.get(pk=self.order.pk).status_changed_at
        allowed = self.status in back and self.now - changed <= dt.timedelta(minutes=60)
        self.expect(allowed, lambda: undo(order_id=self.order.pk, actor=WORKER, at=self.now))
        self.status = back[self.status] if allowed else self.status

    @rule(actor=st.sampled_from([GUEST, WORKER]))
    def somebody_cancels(self, actor):
        allowed = self.status in (LIVE if actor == WORKER else {"awaiting_payment", "placed"})
        self.expect(allowed, lambda: cancel_order(order_id=self.order.pk, reason="", actor=actor, at=self.now))
        self.status = "cancelled" if allowed else self.status

    @rule(nonce=st.sampled_from(["a", "b"]), taken=st.sampled_from([None, "cash"]))
    def somebody_scans(self, nonce, taken):
        answer = hand_over(
            order_id=self.order.pk, nonce=nonce, taken=taken, actor=WORKER, at=self.now, shop_ids=[self.shop.pk]
        )
        if self.status == "ready":
            assert answer.code == "handed_over"  # paid online, otherwise it would not be ready
            self.status = "completed"
        else:
            assert answer.code in ("not_ready", "cancelled", "already_collected", "handed_over")
            assert answer.code != "handed_over" or self.status == "completed"

    @rule()
    def the_sweep_runs(self):
        expired = self.status == "awaiting_payment" and self.now >= AT + dt.timedelta(minutes=30)
        assert expire_orders(at=self.now) == int(expired)
        self.status = "cancelled" if expired else self.status

    @rule()
    def the_worker_delivers(self):
        deliver_due(at=self.now)

    @invariant()
    def model_and_rows_agree(self):
        self.order.refresh_from_db()
        assert self.order.status == self.status
        held = Reservation.objects.filter(reference=self.order.number, state="held").exists()
        assert held == (self.status in LIVE)
        assert StockLevel.objects.get(shop=self.shop).reserved == (2 if held else 0)
        expected = self.order.total if self.status in LIVE | {"completed"} else ZERO
        assert kept(self.order) == (ZERO if self.status == "awaiting_payment" else expected)
        assert Payment.objects.filter(order=self.order, state="parked").count() == 0
        broken = {check.id for check in invariants() if check.id in CHECKED and list(check.find(self.now))}
        assert not broken, broken


@pytest.mark.django_db
@pytest.mark.violates
def test_every_sequence_of_steps_agrees_with_the_model(monkeypatch):
    fake = FakeBank()
    put_in_place(fake, monkeypatch)
    monkeypatch.setattr(fake, "fetch", lambda key: _silent())
    quick = settings(
        max_examples=int(os.environ.get("EXAMPLES", "15")),
        stateful_step_count=30,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
    )

    run_state_machine_as_test(LifeOfAnOrder, settings=quick)


def _silent():
    raise GatewayUnavailable("only notices tell in this model")
