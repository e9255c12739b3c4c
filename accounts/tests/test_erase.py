"""Deleting an account: nothing that says who it was is left, and the books stay."""

import datetime as dt
from decimal import Decimal

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.core import mail
from django.db import connection

from accounts.models import CourierApplication, MailRequest, Notice, PhoneCode, SignUp, User, UserSession
from accounts.services.change_email import request_email_change
from accounts.services.contact import set_phone
from accounts.services.erase import StillNeeded, WorksHere, erase_account
from accounts.services.lock import AccountGone
from accounts.services.passwords import choose_password
from accounts.tests.factories import PASSWORD, make_customer, make_sign_up, make_staff
from accounts.tests.helpers import sign_in
from checkout.models import Cart
from checkout.tests.factories import make_cart
from common.actors import SETUP
from common.outbox.services import deliver_due
from common.registry import export_of
from orders.models import Order, OrderEvent, OrderLine, Payment
from orders.services.cancel import cancel_order
from orders.tests.factories import make_order
from products.tests.factories import make_product
from stock.tests.factories import make_shop

pytestmark = pytest.mark.django_db
# Rows that no service leaves so.
planted = pytest.mark.violates
CANARIES = ("canary", "555 0177", "5550177")
LATER = dt.timedelta(minutes=5)


@pytest.fixture
def mila(at) -> User:
    return make_customer(email="canary@example.com", name="Canary Berg", phone="+31205550177")


def an_order(at, user: User | None) -> Order:
    """Return an order of theirs that has ended."""
    order = make_order(at, user=user, email="Canary@example.com", phone="+31205550177")
    Order.objects.filter(pk=order.pk).update(name="Canary Berg", comment="Ask for Canary")
    return cancel_order(order_id=order.pk, reason="Canary called", actor=SETUP, at=at)


def everything() -> str:
    """Return every row of every table as text."""
    text = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            text.append(f"{table}: {cursor.fetchall()}")
    return "\n".join(text)


def found() -> list[str]:
    """Return the tables in which a canary is."""
    lines = everything().splitlines()
    return [line.partition(":")[0] for line in lines if any(canary in line.lower() for canary in CANARIES)]


def test_no_table_holds_a_word_of_them(mila, at):
    an_order(at, user=mila)
    an_order(at, user=None)
    SignUp.objects.create(email="canary@example.com", name="Canary", password="!", created_at=at)
    CourierApplication.objects.create(user=mila, message="Canary would like to deliver", created_at=at)
    PhoneCode.objects.create(user=mila, phone="+31205550177", salt="0" * 32, created_at=at)
    MailRequest.objects.create(email="canary@example.com", kind=MailRequest.Kind.choices[0][0], created_at=at)
    assert {"accounts_user", "account_emailaddress", "orders_order", "accounts_signup"} <= set(found())

    erase_account(user_id=mila.pk, at=at + LATER)

    assert found() == []


def test_the_books_stay(mila, at):
    order = an_order(at, user=mila)
    lines = list(OrderLine.objects.values())
    total = Order.objects.get(pk=order.pk).total

    erase_account(user_id=mila.pk, at=at + LATER)

    kept = Order.objects.get(pk=order.pk)
    assert (kept.total, kept.user_id, kept.number) == (total, mila.pk, order.number)
    assert list(OrderLine.objects.values()) == lines


def test_nobody_elses_data_is_touched(mila, at):
    other = make_customer(email="ben@example.com", name="Ben Holt", phone="+31205550178")
    theirs, guest = make_order(at, user=other), make_order(at, email="guest@example.com")
    cart = Cart.objects.create(user=other, created_at=at, updated_at=at)
    before = Order.objects.filter(pk__in=[theirs.pk, guest.pk]).order_by("pk").values()

    erase_account(user_id=mila.pk, at=at + LATER)

    assert list(Order.objects.filter(pk__in=[theirs.pk, guest.pk]).order_by("pk").values()) == list(before)
    other.refresh_from_db()
    assert (other.email, other.name, other.is_active) == ("ben@example.com", "Ben Holt", True)
    assert Cart.objects.get() == cart


def test_events_of_staff_keep_their_names_and_those_of_the_customer_do_not(mila, at):
    order = an_order(at, user=mila)
    for user, label in ((mila, "Canary"), (make_staff("employee"), "Anna")):
        OrderEvent.objects.create(
            order=order, from_status="cancelled", to_status="cancelled", note="Canary", at=at, actor=user,
            actor_label=label,
        )  # fmt: skip

    erase_account(user_id=mila.pk, at=at + LATER)

    events = OrderEvent.objects.filter(order=order).order_by("-pk")[:2]
    assert [(event.actor_label, event.note) for event in events] == [("Anna", ""), ("customer", "")]


@planted
@pytest.mark.parametrize("status", ["awaiting_payment", "placed", "preparing", "ready"])
def test_an_order_under_way_holds_the_account(mila, at, status):
    order = make_order(at, user=mila)
    Order.objects.filter(pk=order.pk).update(status=status)
    before = everything()

    with pytest.raises(StillNeeded) as refused:
        erase_account(user_id=mila.pk, at=at + LATER)

    assert order.number[:4] in refused.value.extra["reasons"][0]
    assert everything() == before


@planted
@pytest.mark.parametrize("state", [Payment.State.PENDING, Payment.State.AUTHORISED, Payment.State.PARKED])
def test_money_that_is_not_settled_holds_the_account(mila, at, state):
    order = an_order(at, user=mila)
    Payment.objects.create(
        order=order, gateway="demo_bank", amount=Decimal("7.80"), currency="EUR", state=state, created_at=at
    )

    with pytest.raises(StillNeeded, match="cannot be deleted yet"):
        erase_account(user_id=mila.pk, at=at + LATER)

    assert User.objects.get(pk=mila.pk).name == "Canary Berg"


def test_what_a_guest_ordered_under_the_address_holds_nobody(mila, at):
    """Anybody may type any address, and an order under way needs its contact."""
    order = make_order(at, email="CANARY@example.com", phone="+31205550199")

    erase_account(user_id=mila.pk, at=at + LATER)

    assert Order.objects.get(pk=order.pk).phone == "+31205550199"
    assert User.objects.get(pk=mila.pk).erased_at is not None


def test_what_comes_between_is_erased_too(mila, at, monkeypatch):
    """A second tab adds to the cart just before the account is locked."""
    lock = User.objects.select_for_update
    tabs = [1]

    def late(*args, **kwargs):
        if tabs:
            tabs.pop()
            Cart.objects.create(user=mila, created_at=at, updated_at=at)
        return lock(*args, **kwargs)

    monkeypatch.setattr(User.objects, "select_for_update", late)
    erase_account(user_id=mila.pk, at=at + LATER)

    assert not Cart.objects.exists()
    assert User.objects.get(pk=mila.pk).erased_at is not None


def test_an_erased_account_takes_nothing_any_more(mila, at):
    erase_account(user_id=mila.pk, at=at)

    with pytest.raises(AccountGone):
        request_email_change(user_id=mila.pk, email="canary@elsewhere.example", at=at)
    with pytest.raises(AccountGone):
        choose_password(user=mila, password="correct horse 9 battery", at=at)
    with pytest.raises(AccountGone):
        set_phone(user_id=mila.pk, phone="+31205550177", actor=SETUP, at=at)

    assert found() == []


@pytest.mark.parametrize("role", ["owner", "employee", "courier"])
def test_people_who_work_here_are_not_deleted(at, role):
    user = make_staff(role)

    with pytest.raises(WorksHere):
        erase_account(user_id=user.pk, at=at)


def test_twice_is_once(mila, at):
    erase_account(user_id=mila.pk, at=at)
    before = everything()

    erase_account(user_id=mila.pk, at=at + LATER)

    assert everything() == before


def test_nobody_signs_in_any_more_and_the_address_is_free(client, mila, at):
    sign_in(client, "canary@example.com", PASSWORD)

    erase_account(user_id=mila.pk, at=at)

    assert not UserSession.objects.exists()
    assert client.get("/account/orders/").status_code == 302
    assert not EmailAddress.objects.filter(email__iexact="canary@example.com").exists()
    assert make_customer(email="canary@example.com", phone="+31205550177").pk != mila.pk


def test_a_message_that_waits_goes_to_nobody(mila, at):
    make_product(codes=("LOAF",), stock={make_shop("canal"): "9"})
    an_order(at, user=mila)

    erase_account(user_id=mila.pk, at=at)
    while deliver_due(at=at + LATER, limit=100):
        pass

    assert [message.to for message in mail.outbox] == []


def test_the_page_deletes_and_says_so(client, mila, at):
    make_product(codes=("LOAF",), stock={make_shop("canal"): "9"})
    cart = make_cart(at, LOAF="1")
    Cart.objects.filter(pk=cart.pk).update(user=mila)
    an_order(at, user=mila)
    sign_in(client, "canary@example.com", PASSWORD)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})

    assert client.post("/account/privacy/delete/").status_code == 422
    assert User.objects.get(pk=mila.pk).erased_at is None
    answer = client.post("/account/privacy/delete/", {"sure": "1"})

    assert answer.status_code == 303
    assert "Your account is deleted" in client.get(answer.headers["Location"]).content.decode()
    assert User.objects.get(pk=mila.pk).erased_at is not None
    assert not Cart.objects.exists()
    assert client.get("/account/orders/").status_code == 302


def test_the_page_says_what_is_in_the_way(client, mila, at):
    order = make_order(at, user=mila)
    sign_in(client, "canary@example.com", PASSWORD)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})

    answer = client.post("/account/privacy/delete/", {"sure": "1"})

    assert answer.status_code == 409
    assert f"{order.number[:4]} {order.number[4:]} is still under way" in answer.content.decode()


def test_the_password_is_asked_for_first(client, mila):
    sign_in(client, "canary@example.com", PASSWORD)

    answer = client.post("/account/privacy/delete/", {"sure": "1"})

    assert "/accounts/reauthenticate/" in answer.headers["Location"]
    assert User.objects.get(pk=mila.pk).erased_at is None


def test_what_is_kept_of_a_deleted_person_is_nothing(mila, at):
    an_order(at, user=mila)

    erase_account(user_id=mila.pk, at=at)

    kept = export_of(mila.pk)
    assert kept["email_addresses"] == kept["cart"] == []
    assert kept["account"][0]["name"] is None
    assert {row["name"] for row in kept["orders"]} == {None}
    assert apps.get_model("accounts.User").objects.filter(pk=mila.pk).exists()


@pytest.mark.parametrize("has_other", [False, True])
def test_sign_ups_under_an_address_from_before_go_unless_another_account_has_it(mila, at, has_other):
    Notice.objects.create(user=mila, email="before@example.com", created_at=at)
    if has_other:
        make_customer(email="before@example.com")
    make_sign_up(email="before@example.com")
    MailRequest.objects.create(email="before@example.com", kind="reset", created_at=at)

    erase_account(user_id=mila.pk, at=at)

    assert [SignUp.objects.count(), MailRequest.objects.count()] == [int(has_other)] * 2
