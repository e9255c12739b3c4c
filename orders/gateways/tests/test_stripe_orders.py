"""A shop that sells with Stripe: notices in any form, lost ones, refunds, money that nobody keeps."""

import datetime as dt
import json
from decimal import Decimal

import pytest
from stripe import WebhookSignature

from common.actors import GUEST
from common.outbox.services import deliver_due
from orders.gateways.base import BadSignature
from orders.gateways.stripe import Stripe
from orders.gateways.tests.stripe_server import SECRET_KEY, WEBHOOK_SECRET
from orders.models import GatewayOutage, Order, Payment, PaymentEvent, Refund
from orders.payments.inbox import process
from orders.payments.reconcile import check_payment, reconcile
from orders.payments.start import PaymentNotStarted, start_payment
from orders.services.cancel import cancel_order
from orders.services.expire import expire_orders
from orders.tests.factories import make_order

MINUTE = dt.timedelta(minutes=1)
WEBHOOK = "/payments/stripe/webhook/"


def event_of(stripe, kind):
    return next(event for event in reversed(stripe.events) if event["type"] == kind)


def tell(client, body, signature):
    headers = {"Stripe-Signature": signature}
    return client.post(WEBHOOK, body, content_type="application/json", headers=headers).status_code


@pytest.fixture
def order(at, stripe, stopped_clock):
    return make_order(at, online=True, gateway="stripe")


@pytest.fixture
def payment(order, at):
    return start_payment(order_id=order.pk, return_url="https://shop.example/back/", actor=GUEST, at=at)


def state_of(order):
    order.refresh_from_db()
    last = order.payments.last()
    return order.status, last.state, last.note


@pytest.mark.django_db
def test_an_order_is_paid_by_notices(client, stripe, order, payment, at):
    stripe.pay(payment.provider_ref)
    assert tell(client, *stripe.signed(event_of(stripe, "checkout.session.completed"), at=at.timestamp())) == 200
    authorised = event_of(stripe, "payment_intent.amount_capturable_updated")

    assert tell(client, *stripe.signed(authorised, at=at.timestamp())) == 200

    assert state_of(order) == ("awaiting_payment", "authorised", "")
    deliver_due(at=at)
    assert state_of(order) == ("placed", "captured", "")
    captured = stripe.signed(event_of(stripe, "payment_intent.succeeded"), at=at.timestamp())
    assert [tell(client, *captured) for _ in range(2)] == [200, 200]
    assert state_of(order) == ("placed", "captured", "")
    assert Payment.objects.get().provider_ref == payment.provider_ref
    stored = json.dumps(list(PaymentEvent.objects.values_list("body", flat=True)))
    assert "Mila" not in stored and "mila@" not in stored


@pytest.mark.django_db
def test_an_order_is_paid_although_all_notices_were_lost(stripe, order, payment, at):
    stripe.pay(payment.provider_ref)

    assert reconcile(at=at + 2 * MINUTE) == 1

    assert state_of(order) == ("placed", "captured", "")


@pytest.mark.django_db
def test_money_that_comes_after_the_order_ended_is_let_go(stripe, order, payment, at):
    stripe.pay(payment.provider_ref)
    Payment.objects.update(ask_at=at + dt.timedelta(hours=1))
    cancel_order(order_id=order.pk, reason="", actor=GUEST, at=at)

    check_payment(payment_id=payment.pk, at=at)

    assert state_of(order) == ("cancelled", "cancelled", "")
    assert [intent["status"] for intent in stripe.intents.values()] == ["canceled"]


@pytest.mark.django_db
def test_a_card_that_was_declined_leaves_the_page_open(client, stripe, order, payment, at):
    stripe.decline(payment.provider_ref)

    assert tell(client, *stripe.signed(stripe.events[-1], at=at.timestamp())) == 200

    assert state_of(order) == ("awaiting_payment", "pending", "")
    stripe.expire(payment.provider_ref)
    tell(client, *stripe.signed(stripe.events[-1], at=at.timestamp()))
    assert state_of(order) == ("awaiting_payment", "cancelled", "")


@pytest.mark.django_db
def test_an_expired_order_asks_stripe_before_it_ends(stripe, order, payment, at):
    stripe.pay(payment.provider_ref)

    expire_orders(at=at + 31 * MINUTE)

    assert state_of(order) == ("placed", "captured", "")


@pytest.mark.django_db
def test_a_cancelled_order_is_refunded(stripe, order, payment, at):
    stripe.pay(payment.provider_ref)
    check_payment(payment_id=payment.pk, at=at)
    cancel_order(order_id=order.pk, reason="", actor=GUEST, at=at)

    deliver_due(at=at)

    [(refund_id, refund)] = stripe.refunds.items()
    assert (Refund.objects.get().state, Refund.objects.get().provider_ref) == ("done", refund_id)
    assert refund["metadata"] == {"key": str(Refund.objects.get().key), "payment": str(payment.public_id)}


@pytest.mark.django_db
@pytest.mark.violates("I34")
def test_a_refund_that_comes_back_waits_for_a_person(client, stripe, order, payment, at):
    stripe.pay(payment.provider_ref)
    check_payment(payment_id=payment.pk, at=at)
    cancel_order(order_id=order.pk, reason="", actor=GUEST, at=at)
    deliver_due(at=at)
    early = event_of(stripe, "charge.refunded")

    stripe.fail_refund(next(iter(stripe.refunds)))
    for event in (stripe.events[-1], early):
        assert tell(client, *stripe.signed(event, at=at.timestamp())) == 200

    assert [one.state for one in Refund.objects.all()] == ["failed"]
    assert order.events.last().code == "refund_refused"


@pytest.mark.django_db
def test_a_refund_at_stripes_dashboard_is_taken_over(client, stripe, order, payment, at):
    intent = stripe.pay(payment.provider_ref)
    check_payment(payment_id=payment.pk, at=at)

    stripe.refund_there(intent["id"], 100)
    assert tell(client, *stripe.signed(event_of(stripe, "charge.refunded"), at=at.timestamp())) == 200

    assert list(Refund.objects.values_list("state", "amount")) == [("done", Decimal("1.00"))]


@pytest.mark.django_db
def test_a_notice_that_stripe_must_explain_waits_for_stripe(client, stripe, order, payment, at, settings):
    intent = stripe.pay(payment.provider_ref)
    check_payment(payment_id=payment.pk, at=at)
    stripe.refund_there(intent["id"], 100)
    settings.STRIPE_SECRET_KEY = "sk_test_wrong"

    tell(client, *stripe.signed(event_of(stripe, "charge.refunded"), at=at.timestamp()))
    process(at=at + 2 * dt.timedelta(hours=1))

    assert not Refund.objects.exists()
    assert PaymentEvent.objects.filter(processed_at=None).count() == 1
    settings.STRIPE_SECRET_KEY = SECRET_KEY
    assert process(at=at + dt.timedelta(hours=3)) == 1
    assert list(Refund.objects.values_list("state", "amount")) == [("done", Decimal("1.00"))]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "note"), [({"amount": 519}, "amount_differs"), ({"livemode": True}, "merchant_differs")]
)
def test_a_payment_that_differs_is_parked(client, stripe, order, payment, at, change, note):
    stripe.pay(payment.provider_ref, **change)

    tell(client, *stripe.signed(event_of(stripe, "payment_intent.amount_capturable_updated"), at=at.timestamp()))
    deliver_due(at=at)

    assert state_of(order) == ("awaiting_payment", "parked", note)
    assert [intent["status"] for intent in stripe.intents.values()] == ["requires_capture"]


@pytest.mark.django_db
def test_notices_that_prove_nothing_change_nothing(client, stripe, order, payment, at):
    stripe.pay(payment.provider_ref)
    event = event_of(stripe, "payment_intent.amount_capturable_updated")
    now = at.timestamp()
    body, signature = stripe.signed(event, at=now)
    altered = body.replace(b'"amount": 520', b'"amount": 521')
    assert altered != body
    refused = [
        (body, ""),
        (body, "t=1"),
        (body, f"t={int(now)},v1="),
        (body, "t=x,v1=y"),
        (altered, signature),
        (json.dumps(event, indent=1).encode(), signature),
        stripe.signed(event, at=now, secret="whsec_other"),
        stripe.signed(event, at=now - 301),
        stripe.signed(event, at=now + 301),
        (b"\xff\xfe", signature),
    ]

    assert [tell(client, *one) for one in refused] == [401] * len(refused)

    assert not PaymentEvent.objects.exists()
    assert tell(client, *stripe.signed(event, at=now - 299, secret="whsec_old")) == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    "body", ["[]", "5", "{}", '{"id": "evt_1", "data": {"object": []}}', '{"id": 5}', '{"a": 1e400}']
)
def test_a_signed_notice_without_its_fields_is_refused(client, stripe, order, payment, at, body):
    signature = WebhookSignature.generate_signature_header(body, WEBHOOK_SECRET, int(at.timestamp()))

    assert tell(client, body.encode(), signature) == 400


@pytest.mark.django_db
def test_a_notice_about_anything_else_is_kept_with_a_reason(client, stripe, order, payment, at):
    event = {
        "id": "evt_1",
        "type": "customer.created",
        "data": {"object": {"object": "customer", "email": "m@x.example"}},
    }

    assert tell(client, *stripe.signed(event, at=at.timestamp())) == 200

    stored = PaymentEvent.objects.get()
    assert (stored.outcome, stored.body) == ("refused: unknown payment", {})


@pytest.mark.django_db
def test_an_outage_is_noted_and_the_order_kept(stripe, order, at, settings):
    settings.STRIPE_SECRET_KEY = "sk_test_wrong"

    with pytest.raises(PaymentNotStarted):
        start_payment(order_id=order.pk, return_url="https://shop.example/", actor=GUEST, at=at)

    assert GatewayOutage.objects.get().is_stranger
    assert Order.objects.get().status == "awaiting_payment"


def test_empty_secrets_match_nothing(stripe, settings, at):
    settings.STRIPE_WEBHOOK_SECRET = ","
    body, signature = stripe.signed({"id": "evt_1"}, secret="", at=at.timestamp())

    with pytest.raises(BadSignature):
        Stripe().parse_event(body, {"Stripe-Signature": signature}, at=at)
