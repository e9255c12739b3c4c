"""Emails: rendered on delivery, sent once, in the order's language, and only while still true."""

import datetime as dt
import re
from html.parser import HTMLParser

import pytest
from aiosmtpd.controller import Controller
from django.core import mail

from common.actors import GUEST, WORKER
from common.models import OutboxMessage
from common.outbox.services import deliver_due
from orders.models import Order, OrderLine
from orders.payments.inbox import receive_and_process
from orders.payments.start import start_payment
from orders.presenters.allergens import allergens_of, may_contain_of
from orders.services.cancel import cancel_order
from orders.services.change_status import undo
from orders.services.expire import expire_orders
from orders.tests.factories import make_order, take_to_ready
from orders.tests.fake_bank import notice
from stock.models import ShopDay
from tests.servers import free_port

pytestmark = pytest.mark.django_db
MINUTE = dt.timedelta(minutes=1)
DAY = dt.timedelta(days=1)
LIMIT = 60 * 1024


def deliver(at):
    """Deliver the messages of orders; other apps test their own."""
    OutboxMessage.objects.exclude(event__startswith="order.").exclude(event__startswith="payment.").delete()
    deliver_due(at=at)
    failed = OutboxMessage.objects.exclude(last_error="")
    assert not failed.exists(), list(failed.values("event", "last_error"))
    return mail.outbox


def say(order, state, at, **changes):
    payment = start_payment(order_id=order.pk, return_url="http://shop.example/", actor=GUEST, at=at)
    body = notice(payment, state, **changes)
    receive_and_process(
        gateway="demo_bank", event_id=body["id"], kind=body["type"], payment_public_id=str(payment.public_id),
        body=body, at=at,
    )  # fmt: skip
    return payment


def html_of(message):
    return next(content for content, kind in message.alternatives if kind == "text/html")


class Checker(HTMLParser):
    """A parser that counts tags left open."""

    VOID = {"meta", "img", "br", "link", "input"}

    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attrs):
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def make_mail(event, order, at):
    """Cause the event and return its email."""
    if event == "received":
        deliver(at + 3 * MINUTE)
    elif event == "paid":
        say(order, "captured", at)
        deliver(at + 3 * MINUTE)
    elif event == "payment_failed":
        say(order, "failed", at)
        OutboxMessage.objects.filter(event="order.received").delete()
        deliver(at + 3 * MINUTE)
    elif event == "payment_checked":
        say(order, "captured", at, amount="1.00")
        deliver(at + 3 * MINUTE)
    elif event == "ready":
        take_to_ready(order, at)
        OutboxMessage.objects.filter(event="order.received").delete()
        deliver(at + 3 * MINUTE)
    elif event == "cancelled":
        cancel_order(order_id=order.pk, reason="", actor=GUEST, at=at)
        deliver(at + 3 * MINUTE)
    elif event == "expired":
        take_to_ready(order, at)
        expire_orders(at=at + 2 * DAY)
        deliver(at + 2 * DAY + MINUTE)
    elif event == "refunded":
        say(order, "captured", at)
        cancel_order(order_id=order.pk, reason="", actor=GUEST, at=at)
        deliver(at + MINUTE)
        deliver(at + 2 * MINUTE)
    return mail.outbox[-1]


EVENTS = ["received", "paid", "payment_failed", "payment_checked", "ready", "cancelled", "expired", "refunded"]


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.violates("I22b")  # other messages are deleted
def test_every_email_is_complete_small_and_in_text_and_html(at, bank, event, language):
    online = event in ("paid", "payment_failed", "payment_checked", "refunded")
    order = make_order(at, online=online, language=language)

    message = make_mail(event, order, at)

    html, number = html_of(message), f"{order.number[:4]} {order.number[4:]}"
    checker = Checker()
    checker.feed(html)
    assert checker.open == []
    assert message.to == ["mira@example.com"] and number in message.subject
    for text in (message.body, html):
        assert number in text and "Butter croissant" in text and f"/orders/{order.token}/" in text
        assert "{{" not in text and "{%" not in text and "None" not in text
    assert f'lang="{language}"' in html
    assert ("/ru/orders/" in message.body) == (language == "ru")
    assert len(message.message().as_bytes()) <= LIMIT


def test_an_order_paid_at_the_counter_is_confirmed_at_once_with_its_code(at):
    order = make_order(at)

    message = deliver(at)[0]

    assert "Ready Tuesday 10 March, 10:20 at Canal" in message.subject
    assert [part.get("Content-ID") for part in message.message().walk() if part.get("Content-ID")] == ["<qr>"]
    assert 'src="cid:qr"' in html_of(message)
    assert order.collect_secret not in message.body


def test_a_paid_order_gets_one_email_not_two(at, bank):
    order = make_order(at, online=True)
    say(order, "captured", at)

    deliver(at + 5 * MINUTE)

    assert ["You paid" in message.body for message in mail.outbox] == [True]


def test_the_message_id_is_stable(at):
    order = make_order(at)
    deliver(at)
    OutboxMessage.objects.update(done_at=None, due_at=at)

    deliver(at)

    first, second = (message.extra_headers["Message-ID"] for message in mail.outbox)
    assert first == second == f"<order.received.{order.number}@127.0.0.1>"


def test_the_ready_email_is_sent_only_after_ten_seconds_and_not_after_an_undo(at):
    order = take_to_ready(make_order(at), at)
    deliver(at + dt.timedelta(seconds=9))
    before = len(mail.outbox)

    undo(order_id=order.pk, actor=WORKER, at=at + dt.timedelta(seconds=9))
    deliver(at + MINUTE)

    assert len(mail.outbox) == before


def test_the_ready_email_says_how_long_it_is_kept_and_when_the_shop_is_open(at):
    take_to_ready(make_order(at), at)

    message = deliver(at + MINUTE)[-1]

    assert "We hold it until Wednesday 11 March, 20:00." in message.body
    assert "tomorrow" not in message.body + html_of(message)
    assert "7:00" in message.body and "20:00" in message.body


def test_no_email_mentions_a_failed_payment_that_was_repeated_with_success(at, bank):
    order = make_order(at, online=True)
    say(order, "failed", at)
    say(order, "captured", at)

    deliver(at + 5 * MINUTE)

    assert not [message for message in mail.outbox if "failed" in message.subject]


@pytest.mark.parametrize("state", ["failed", "parked"])
def test_a_failed_payment_is_reported_once(at, bank, state):
    order = make_order(at, online=True)
    say(order, "captured" if state == "parked" else "failed", at, **({"amount": "1.00"} if state == "parked" else {}))

    deliver(at + MINUTE)
    deliver(at + 5 * MINUTE)

    title = {"failed": "Payment failed", "parked": "We are checking your payment"}[state]
    assert [message.subject.partition(": ")[2] for message in mail.outbox] == [title]


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        (None, "Nothing was charged."),
        ("failed", "Nothing was charged."),
        ("pending", "If a payment for this order still goes through, we will refund it."),
        ("captured", "We are refunding €5.20 the way you paid; another email will tell you when it is done."),
    ],
)
@pytest.mark.violates("I22b")  # other messages are deleted
def test_the_cancellation_says_what_happens_to_the_money(at, bank, state, sentence):
    order = make_order(at, online=True)
    if state:
        say(order, state, at)
    cancel_order(order_id=order.pk, reason="", actor=GUEST, at=at)
    OutboxMessage.objects.exclude(event="order.cancelled").delete()

    message = deliver(at)[0]

    assert sentence in message.body and "If you paid" not in message.body


def test_an_erased_buyer_gets_no_email(at):
    make_order(at)
    Order.objects.update(email=None, name=None)

    assert deliver(at) == []


def test_a_name_is_escaped(at):
    make_order(at)
    Order.objects.update(name="<script>alert(1)</script>")

    message = deliver(at)[0]

    assert "<script" not in html_of(message)


def test_outbox_rows_contain_no_personal_data(at, bank):
    order = make_order(at, online=True)
    say(order, "captured", at)
    cancel_order(order_id=order.pk, reason="", actor=GUEST, at=at)

    everything = repr(list(OutboxMessage.objects.values()))

    assert not re.search(r"mira|jansen|5550112", everything, re.IGNORECASE)


class Sink:
    """A mail server that keeps the messages it receives."""

    def __init__(self):
        self.messages = []

    async def handle_DATA(self, server, session, envelope):
        self.messages.append(envelope)
        return "250 OK"


def test_an_email_goes_through_a_real_server(at, settings):
    sink = Sink()
    server = Controller(sink, hostname="127.0.0.1", port=free_port())
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = server.hostname, server.port
    try:
        make_order(at)
        deliver(at)
    finally:
        server.stop()

    envelope = sink.messages[0]
    assert envelope.rcpt_tos == ["mira@example.com"]
    assert b"multipart/related" in envelope.content and b"Content-ID: <qr>" in envelope.content


def test_an_email_waits_while_the_mail_server_is_down(at, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    make_order(at)
    OutboxMessage.objects.exclude(event="order.received").delete()

    assert deliver_due(at=at) == 0

    message = OutboxMessage.objects.get()
    assert (message.attempts, message.done_at) == (1, None)
    assert message.due_at > at


def test_an_allergen_of_two_lines_is_named_once():
    lines = [OrderLine(allergens="wheat, milk"), OrderLine(), OrderLine(allergens="rye, wheat")]

    assert allergens_of(lines) == "wheat, milk, rye"


def test_traces_are_named_once_and_not_if_the_allergen_is_contained():
    lines = [OrderLine(allergens="wheat", may_contain="sesame, nuts"), OrderLine(may_contain="wheat, nuts")]

    assert may_contain_of(lines) == "sesame, nuts"


def test_emails_name_traces_and_the_special_days_of_the_shop(at):
    order = make_order(at)
    OrderLine.objects.update(may_contain="sesame")
    ShopDay.objects.create(shop=order.shop, date=at.date() + dt.timedelta(days=3), note={"en": "stocktaking"})

    message = deliver(at)[0]

    for text in (message.body, html_of(message)):
        assert "May contain:" in text and "sesame" in text
        assert "Fri 13 Mar" in text and "closed" in text and "stocktaking" in text


class Refuser(Sink):
    """A mail server that refuses every recipient with `reply`."""

    def __init__(self, reply):
        super().__init__()
        self.reply = reply

    async def handle_RCPT(self, server, session, envelope, address, options):
        return self.reply


@pytest.mark.parametrize(
    ("reply", "is_final"),
    [
        ("550 5.1.1 no such user", True),
        ("550 5.7.1 relaying denied", False),
        ("550 unavailable", False),
        ("450 4.2.1 try later", False),
    ],
)
def test_a_refused_address_ends_the_email_and_is_noted_for_staff(at, settings, reply, is_final):
    server = Controller(Refuser(reply), hostname="127.0.0.1", port=free_port())
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = server.hostname, server.port
    try:
        order = make_order(at)
        OutboxMessage.objects.exclude(event="order.received").delete()
        deliver_due(at=at)
    finally:
        server.stop()

    message = OutboxMessage.objects.get()
    codes = list(order.events.values_list("code", flat=True))
    assert (message.done_at is not None) == is_final
    assert ("mail_refused" in codes) == is_final
    assert "mira" not in message.last_error and (is_final or "***@example.com" in message.last_error)
