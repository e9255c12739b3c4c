"""The how-to "Add a payment gateway" is enough: it builds a gateway in one file, and the shop sells with it."""

import datetime as dt
import hashlib
import hmac
import json
import re
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from checkout.tests.browsing import PERSON, add, submit, text_of
from common.actors import GUEST
from common.outbox.services import deliver_due
from orders.apps import OrdersConfig
from orders.gateways import registry
from orders.gateways.base import GatewayNotAuthenticated, PaymentUnknown
from orders.gateways.tests import toy_pay
from orders.gateways.tests.toy_pay import ToyPay
from orders.gateways.tests.toy_server import KEY, toy_server
from orders.models import GatewayOutage, Order, Payment, Refund
from orders.payments.reconcile import check_payment
from orders.payments.start import PaymentNotStarted, start_payment
from orders.presenters.wording import actor_word
from orders.services.cancel import cancel_order
from products.tests.factories import make_product, make_tree
from stock.tests.factories import make_shop
from tests.sources import ROOT

HOW_TO = ROOT / "docs/how-to/add-a-payment-gateway.md"
MAX_LINES = 60


@pytest.fixture
def toy(monkeypatch, settings):
    """Switch Toy Pay on as the how-to says, with a provider behind it."""
    monkeypatch.setattr(registry, "KNOWN", [*registry.KNOWN, ToyPay])
    settings.PAYMENT_GATEWAYS, settings.TOY_KEY = ["on_collection", "toy_pay"], KEY
    with toy_server() as server:
        settings.TOY_URL = server.url
        yield server


@pytest.fixture
def order(client, toy, at, stopped_clock):
    """Return an order whose buyer chose Toy Pay at the checkout and was sent there."""
    make_tree()
    make_product(title="Loaf", price="3.90", codes=("LOAF",), stock={make_shop(): "10"})
    add(client)
    client.get("/cart/")
    answer = submit(client, payment_method="toy_pay")
    order = Order.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, f"{toy.url}/pay/{order.payments.get().public_id}")
    return order


def tell(client, toy, order, state, *, key=KEY):
    """Send a notice as Toy Pay does."""
    payment = toy.payments[str(order.payments.get().public_id)]
    payment["state"] = state
    body = json.dumps({**payment, "event": f"evt_{state}"})
    signature = hmac.new(key.encode(), body.encode(), hashlib.sha256).hexdigest()
    address = "/payments/toy_pay/webhook/"
    return client.post(address, body, content_type="application/json", headers={"Toy-Signature": signature})


def state_of(order):
    order.refresh_from_db()
    return order.status, order.payments.get().state


# The how-to


def test_the_code_in_the_how_to_is_the_gateway():
    blocks = re.findall(r"^```python\n(.*?)^```$", HOW_TO.read_text(), re.MULTILINE | re.DOTALL)

    assert "\n".join(blocks) == Path(toy_pay.__file__).read_text()
    assert "\n".join(blocks).count("\n") <= MAX_LINES


# The shop


@pytest.mark.django_db
def test_the_checkout_offers_it_in_its_own_words(client, toy, order):
    add(client)

    text = text_of(client.get("/checkout/"))

    [choice] = re.findall(r'<label class="choice[^"]*"> <input[^>]*value="toy_pay".*?</label>', text)
    assert 'data-pay="now"' in choice
    assert "Toy Pay" in choice and "In the Toy app" in choice
    assert "demo_bank" not in text


@pytest.mark.django_db
def test_the_browser_may_send_the_form_to_its_page(client, toy, order):
    policy = client.get("/cart/").headers["Content-Security-Policy"]

    assert f"form-action 'self' {toy.url};" in f"{policy};"


@pytest.mark.django_db
def test_its_notice_pays_the_order(client, toy, order):
    assert state_of(order) == ("awaiting_payment", "pending")

    assert tell(client, toy, order, "captured").status_code == 200

    assert state_of(order) == ("placed", "captured")


@pytest.mark.django_db
def test_a_notice_with_a_wrong_signature_pays_nothing(client, toy, order):
    assert tell(client, toy, order, "captured", key="another").status_code == 401

    assert state_of(order) == ("awaiting_payment", "pending")


@pytest.mark.django_db
@pytest.mark.parametrize("body", [b"[]", b"5", b"{}", b'{"event": 5}', b'{"event": "e", "state": "captured"}'])
def test_a_signed_notice_without_its_fields_is_refused(client, toy, order, body):
    signature = hmac.new(KEY.encode(), body, hashlib.sha256).hexdigest()

    answer = client.post(
        "/payments/toy_pay/webhook/", body, content_type="application/json", headers={"Toy-Signature": signature}
    )

    assert (answer.status_code, state_of(order)) == (400, ("awaiting_payment", "pending"))


@pytest.mark.django_db
def test_a_returning_browser_makes_the_shop_ask_it(client, toy, order):
    toy.payments[str(order.payments.get().public_id)]["state"] = "captured"

    client.get(f"/orders/{order.token}/return/")

    assert state_of(order) == ("placed", "captured")


@pytest.mark.django_db
def test_authorised_money_is_captured(client, toy, order, at):
    tell(client, toy, order, "authorised")

    check_payment(payment_id=order.payments.get().pk, at=at)

    assert state_of(order) == ("placed", "captured")


@pytest.mark.django_db
def test_a_cancelled_order_is_refunded_there(client, toy, order, at):
    tell(client, toy, order, "captured")
    cancel_order(order_id=order.pk, reason="", actor=GUEST, at=at)

    deliver_due(at=at)

    refund = Refund.objects.get()
    assert (refund.state, refund.provider_ref) == ("done", f"back_{str(refund.key)[:8]}")
    assert toy.refunds == {str(refund.key): {"key": str(refund.key), "amount": str(order.total)}}


@pytest.mark.django_db
def test_the_history_names_it(client, toy, order):
    tell(client, toy, order, "captured")

    event = order.events.order_by("-id").first()

    assert (event.to_status, actor_word(event.actor_label)) == ("placed", "Toy Pay")


@pytest.mark.django_db
def test_it_serves_its_payments_when_no_longer_offered(client, toy, order, settings):
    settings.PAYMENT_GATEWAYS = ["on_collection"]

    assert tell(client, toy, order, "captured").status_code == 200

    assert state_of(order) == ("placed", "captured")
    add(client)
    assert submit(client, payment_method="toy_pay", **PERSON).status_code == 422


@pytest.mark.django_db
def test_its_outage_is_not_an_answer(client, toy, order, settings, at):
    settings.TOY_KEY = "another"
    order.payments.update(redirect_url="")

    with pytest.raises(PaymentNotStarted):
        start_payment(order_id=order.pk, return_url="http://shop.example/", actor=GUEST, at=at)

    assert Payment.objects.get().state == "pending"
    assert GatewayOutage.objects.get().is_stranger


def test_an_unknown_payment_is_told_apart_from_an_unknown_shop(toy, settings):
    with pytest.raises(PaymentUnknown):
        ToyPay().void("11111111-2222-3333-4444-555555555555")
    settings.TOY_URL = f"{toy.url}/wrong"
    with pytest.raises(GatewayNotAuthenticated):
        ToyPay().refund("11111111-2222-3333-4444-555555555555", Decimal("1.00"), "x")


# Starting


def start_shop():
    OrdersConfig("orders", registry).ready()


def test_the_shop_starts_with_it(toy):
    start_shop()


@pytest.mark.parametrize("name", ["TOY_URL", "TOY_KEY"])
def test_the_shop_does_not_start_without_its_settings(toy, settings, name):
    setattr(settings, name, "")

    with pytest.raises(ImproperlyConfigured, match=f"^Set {name}: the gateway 'toy_pay' needs it. Or remove 'toy_pay'"):
        start_shop()


def test_the_shop_starts_without_settings_of_gateways_not_offered(toy, settings):
    settings.TOY_KEY, settings.PAYMENT_GATEWAYS = "", ["on_collection"]

    start_shop()


def test_its_variables_are_described(toy):
    assert [variable.name for variable in registry.variables()][-2:] == ["TOY_URL", "TOY_KEY"]


def test_parse_event_gets_the_time_for_signatures_that_carry_one(toy, at):
    body = json.dumps({"event": "e", "state": "captured", "key": "k"}).encode()
    signature = hmac.new(KEY.encode(), body, hashlib.sha256).hexdigest()

    event = ToyPay().parse_event(body, {"Toy-Signature": signature}, at=at - dt.timedelta(days=1))

    assert (event.event_id, event.kind, event.key) == ("e", "captured", "k")
