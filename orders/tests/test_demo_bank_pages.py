"""The demo bank's hosted page, its refunds and its notices."""

import uuid
from decimal import Decimal
from urllib.parse import urlsplit

import pytest

from common import clock
from orders.gateways.base import GatewayRefused
from orders.gateways.demo_bank import signing
from orders.gateways.demo_bank.adapter import DemoBank
from orders.gateways.demo_bank.server.config import Faults, from_environment, parse_faults
from orders.gateways.demo_bank.server.pages import payment_page
from orders.tests.bank_server import SECRET, http_call, kinds, request_of, submit, wait_for

NOW = 1_773_133_200


def payment_of(**changed):
    """Return a payment as stored in the bank's ledger."""
    payment = {"reference": "4QX7K2MD", "amount": "23.18", "currency": "EUR", "language": "en", "expires_at": None}
    return {**payment, **changed}


# The buyer's page


def test_the_page_shows_the_amount_and_runs_no_script(real_bank):
    started = DemoBank().create(request_of())

    status, headers, body = http_call(real_bank, "GET", urlsplit(started.redirect_url).path)

    text = body.decode()
    assert status == 200 and text.count("€23.18") == 3 and "EUR" not in text
    assert "<h1>Vitrine, order 4QX7 K2MD</h1>" in text
    assert "<script" not in text and "style=" not in text and " on" + "click" not in text
    assert "script-src" not in headers["Content-Security-Policy"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]


def test_the_page_is_in_the_buyers_language(real_bank):
    started = DemoBank().create(request_of(language="ru"))

    text = http_call(real_bank, "GET", urlsplit(started.redirect_url).path)[2].decode()
    assert '<button name="action" value="go">Оплатить 23,18\xa0€</button>' in text


@pytest.mark.parametrize(
    ("amount", "currency", "language", "shown"),
    [
        ("2.60", "EUR", "en", "€2.60"),
        ("1234.50", "EUR", "en", "€1,234.50"),
        ("500", "JPY", "en", "500\xa0JPY"),
        ("1234.50", "RUB", "ru", "1\xa0234,50\xa0₽"),
        ("2.60", "CHF", "ru", "2,60\xa0CHF"),
    ],
)
def test_money_is_formatted_for_the_buyers_language(amount, currency, language, shown):
    text = payment_page(payment_of(amount=amount, currency=currency, language=language), {}, "Zerno", NOW)

    assert f'<p class="sum">{shown}</p>' in text


@pytest.mark.parametrize(
    ("expires_at", "shown"),
    [(None, ""), (NOW + 841, "Expires in 15 min"), (NOW + 1, "Expires in 1 min"), (NOW - 5, "")],
)
def test_the_page_says_when_it_expires(expires_at, shown):
    assert f'<p class="meta">{shown}</p>' in payment_page(payment_of(expires_at=expires_at), {}, "Zerno", NOW)


def test_the_page_shows_the_name_that_the_owner_gave_the_shop():
    assert "<h1>Mrs &amp; Mr Zerno, order 4QX7 K2MD</h1>" in payment_page(payment_of(), {}, "Mrs & Mr Zerno", NOW)


@pytest.mark.parametrize(("given", "name"), [("Zerno", "Zerno"), ("", "Vitrine")])
def test_the_shops_name_comes_from_the_environment(monkeypatch, given, name):
    monkeypatch.setenv("DEMO_BANK_SECRET", SECRET)
    monkeypatch.setenv("DEMO_BANK_SHOP_NAME", given)

    assert from_environment().shop_name == name


def test_opening_the_page_changes_nothing(real_bank):
    request = request_of()
    path = urlsplit(DemoBank().create(request).redirect_url).path

    for _ in range(3):
        http_call(real_bank, "GET", f"{path}?outcome=pay&action=go")

    assert DemoBank().fetch(request.key).state == "pending"


@pytest.mark.parametrize(
    ("form", "state"),
    [
        ({"outcome": "pay"}, "captured"),
        ({"outcome": "decline"}, "failed"),
        ({"outcome": "silent"}, "captured"),
        ({"action": "cancel"}, "cancelled"),
        ({"outcome": "late"}, "pending"),
    ],
    ids=["pay", "decline", "silent", "cancel", "late"],
)
def test_the_buyer_decides_and_returns_to_the_shop(real_bank, form, state):
    request = request_of()
    started = DemoBank().create(request)

    status, headers, _ = submit(real_bank, started, **form)

    assert (status, headers["Location"]) == (303, request.return_url)
    assert DemoBank().fetch(request.key).state == state


def test_a_closed_page_accepts_no_further_decision(real_bank):
    request = request_of()
    started = DemoBank().create(request)
    submit(real_bank, started, outcome="decline")

    submit(real_bank, started, outcome="pay")

    assert DemoBank().fetch(request.key).state == "failed"
    assert "closed" in http_call(real_bank, "GET", urlsplit(started.redirect_url).path)[2].decode()


@pytest.mark.parametrize("form", [{"outcome": "gift"}, {"action": "steal"}, {"delay": "x"}, {"surplus": "1"}])
def test_an_unknown_decision_is_refused(real_bank, form):
    request = request_of()
    started = DemoBank().create(request)

    assert submit(real_bank, started, **form)[0] == 400
    assert DemoBank().fetch(request.key).state == "pending"


def test_a_page_that_does_not_exist_is_a_plain_404(real_bank):
    assert http_call(real_bank, "GET", "/pay/rubbish")[0] == 404
    assert http_call(real_bank, "POST", "/pay/rubbish", b"outcome=pay")[0] == 404


# Refunds


def test_a_refund_is_idempotent_and_never_exceeds_the_captured_amount(real_bank):
    request = request_of()
    submit(real_bank, DemoBank().create(request), outcome="pay")
    key = str(uuid.uuid4())

    first = DemoBank().refund(request.key, Decimal("20.00"), key)
    second = DemoBank().refund(request.key, Decimal("20.00"), key)

    assert first == second
    with pytest.raises(GatewayRefused):
        DemoBank().refund(request.key, Decimal("3.19"), str(uuid.uuid4()))
    assert [refund.amount for refund in DemoBank().fetch(request.key).refunds] == [Decimal("20.00")]


def test_an_uncaptured_payment_cannot_be_refunded(real_bank):
    request = request_of()
    DemoBank().create(request)

    with pytest.raises(GatewayRefused):
        DemoBank().refund(request.key, Decimal("1.00"), str(uuid.uuid4()))


def test_authorised_money_is_captured_once(real_bank):
    request = request_of()
    DemoBank().create(request)
    real_bank.book.authorise(real_bank.book.find(request.key)["id"])

    assert DemoBank().capture(request.key).state == "captured"
    assert DemoBank().capture(request.key).state == "captured"


def test_a_part_of_authorised_money_is_captured_and_the_rest_released(real_bank):
    request = request_of()
    DemoBank().create(request)
    real_bank.book.authorise(real_bank.book.find(request.key)["id"])

    for _ in range(2):
        facts = DemoBank().capture(request.key, amount=Decimal("20.00"))
        assert (facts.state, facts.amount, facts.taken) == ("captured", request.amount, Decimal("20.00"))

    for amount in (None, Decimal("20.01"), request.amount):
        with pytest.raises(GatewayRefused):
            DemoBank().capture(request.key, amount=amount)
    with pytest.raises(GatewayRefused):
        DemoBank().refund(request.key, Decimal("20.01"), str(uuid.uuid4()))
    DemoBank().refund(request.key, Decimal("20.00"), str(uuid.uuid4()))


def test_more_than_was_authorised_is_not_captured(real_bank):
    request = request_of()
    DemoBank().create(request)
    real_bank.book.authorise(real_bank.book.find(request.key)["id"])

    with pytest.raises(GatewayRefused):
        DemoBank().capture(request.key, amount=request.amount + Decimal("0.01"))

    assert DemoBank().fetch(request.key).state == "authorised"


@pytest.mark.parametrize("state", ["pending", "authorised"])
def test_uncaptured_money_is_released_once(real_bank, sink, state):
    request = request_of()
    started = DemoBank().create(request)
    if state == "authorised":
        real_bank.book.authorise(real_bank.book.find(request.key)["id"])

    assert DemoBank().void(request.key).state == "cancelled"
    assert DemoBank().void(request.key).state == "cancelled"

    submit(real_bank, started, outcome="pay")
    real_bank.book.tick()
    assert DemoBank().fetch(request.key).state == "cancelled"
    with pytest.raises(GatewayRefused):
        DemoBank().capture(request.key)
    wait_for(lambda: kinds(sink).count("payment.cancelled") == 1)


def test_late_money_does_not_arrive_after_a_void(real_bank):
    request = request_of()
    submit(real_bank, DemoBank().create(request), outcome="late")

    DemoBank().void(request.key)
    with real_bank.book._writing() as db:
        db.execute("UPDATE payment SET late_at = 1 WHERE late_at IS NOT NULL")
    real_bank.book.tick()

    assert DemoBank().fetch(request.key).state == "cancelled"


@pytest.mark.parametrize("outcome", ["pay", "decline"])
def test_a_closed_payment_cannot_be_voided(real_bank, outcome):
    request = request_of()
    submit(real_bank, DemoBank().create(request), outcome=outcome)
    before = DemoBank().fetch(request.key)

    with pytest.raises(GatewayRefused):
        DemoBank().void(request.key)

    assert DemoBank().fetch(request.key) == before


# Notices


def test_notices_are_signed_and_contain_the_whole_state(real_bank, sink):
    request = request_of()
    submit(real_bank, DemoBank().create(request), outcome="pay")
    wait_for(lambda: len(sink.notices) == 3)

    body, header = next(notice for notice in sink.notices if b"payment.captured" in notice[0])
    event = DemoBank().parse_event(body, {signing.HEADER: header}, at=clock.now())
    facts = DemoBank().read_facts(event.body)

    assert sorted(kinds(sink)) == ["payment.authorised", "payment.captured", "payment.created"]
    assert (event.key, facts.state, facts.amount) == (request.key, "captured", Decimal("23.18"))


def test_a_notice_not_accepted_by_the_shop_is_sent_again(real_bank, sink):
    sink.answers = [500]

    DemoBank().create(request_of())

    wait_for(lambda: len(sink.notices) == 2)
    assert sink.notices[0][0] == sink.notices[1][0]


def test_a_silent_bank_sends_nothing(real_bank, sink):
    started = DemoBank().create(request_of())
    wait_for(lambda: len(sink.notices) == 1)

    submit(real_bank, started, outcome="silent")

    assert real_bank.book.due_notices() == []


def test_faults_on_demand_duplicate_notices_and_change_the_amount(real_bank, sink):
    request = request_of()
    started = DemoBank().create(request)

    submit(real_bank, started, outcome="pay", duplicate="3", amount="-1")

    wait_for(lambda: kinds(sink).count("payment.captured") == 3)
    assert DemoBank().fetch(request.key).amount == Decimal("23.17")


def test_a_late_payment_arrives_after_the_session(real_bank, sink):
    request = request_of()
    started = DemoBank().create(request)
    submit(real_bank, started, outcome="late")
    row = real_bank.book.find(request.key)
    assert row["late_at"] > real_bank.config.now()

    with real_bank.book._writing() as db:
        db.execute("UPDATE payment SET late_at = 1")

    wait_for(lambda: DemoBank().fetch(request.key).state == "captured")


@pytest.mark.parametrize("values", [{"delay": "-1"}, {"duplicate": "1000"}, {"drop": "yes"}, {"x": "1"}])
def test_faults_out_of_range_are_refused(values):
    with pytest.raises(ValueError):
        parse_faults(values)


def test_faults_are_read_from_a_query():
    assert parse_faults({"delay": "0.5", "drop": "1", "currency": "USD"}) == Faults(0.5, 1, True, 0, "USD")
