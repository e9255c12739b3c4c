"""Downloading one's own data."""

import csv
import io
import json
import zipfile
from decimal import Decimal
from urllib.parse import urlencode

import pytest

from accounts.exports import as_json, as_zip
from accounts.models import AuditEntry, CourierApplication, Notice
from accounts.tests.factories import PASSWORD, give_second_factor, make_address, make_customer
from accounts.tests.helpers import sign_in
from checkout.tests.factories import make_cart
from common.registry import export_of, personal_fields
from orders.models import Order
from orders.tests.documents import invoice, paid
from orders.tests.factories import make_order, make_seller
from products.tests.factories import make_product
from stock.models import ShopChoice
from stock.tests.factories import make_shop

pytestmark = pytest.mark.django_db
PAGE = "/account/privacy/"


@pytest.fixture
def mila(client):
    user = make_customer(email="mila@example.com", name="Mila Berg", phone="+31205550142")
    sign_in(client, "mila@example.com", PASSWORD)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return user


def download(client, form: str):
    return client.post(f"{PAGE}download/", {"form": form})


def tables(content: bytes) -> dict[str, list[dict]]:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return {
            name.removesuffix(".csv"): list(csv.DictReader(io.StringIO(packed.read(name).decode("utf-8-sig"))))
            for name in packed.namelist()
        }


def test_it_holds_what_is_kept_of_the_person_and_nobody_elses(client, mila, at):
    mine = make_order(at, user=mila)
    Order.objects.update(comment="Ring twice")
    foreign = make_order(at, user=make_customer(email="ben@example.com", phone="+31205550143"))

    answer = download(client, "json")

    found = json.loads(answer.content)
    assert answer.headers["Content-Type"] == "application/json"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "no-store" in answer.headers["Cache-Control"]
    assert found["account"][0]["phone"] == "+31205550142"
    assert [row["number"] for row in found["orders"]] == [mine.number]
    assert found["orders"][0]["comment"] == "Ring twice"
    assert {row["order_number"] for row in found["order_lines"]} == {mine.number}
    assert Decimal(found["orders"][0]["total"]) == mine.total
    assert foreign.number not in answer.content.decode()
    assert "ben@example.com" not in answer.content.decode()


def test_guest_orders_of_a_proven_address_are_in_it(client, mila, at):
    guest = make_order(at, email="Mila@Example.com")

    assert [row["number"] for row in export_of(mila.pk)["orders"]] == [guest.number]


def test_the_cart_is_in_it(client, mila, at):
    make_product(codes=("LOAF",), stock={make_shop("canal"): "9"})
    cart = make_cart(at, LOAF="2")
    cart.user = mila
    cart.save()

    assert [(row["article"], row["quantity"]) for row in export_of(mila.pk)["cart"]] == [("LOAF", Decimal(2))]


def test_every_personal_field_of_a_customer_is_in_it(client, mila, at):
    """A field added to the map of personal data has to be added to the export, or named here with the reason."""
    not_theirs = {
        # Of those who work here.
        ("orders.OrderEvent", "actor_label"), ("orders.OrderEvent", "note"), ("orders.HandOver", "actor_label"),
        ("orders.RefundDocument", "actor_label"), ("orders.RefundDocument", "note"), ("orders.CashDay", "actor_label"),
        ("orders.Document", "actor_label"),
        ("accounts.AuditEntry", "reason"), ("accounts.AuditEntry", "actor_label"),
        ("accounts.Registration", "actor_label"), ("accounts.CourierApplication", "decided_label"),
        ("stock.StockMovement", "actor_label"), ("products.Price", "actor_label"), ("products.SkuEvent", "actor_label"),
        # Of people who have no account yet, or only a link that was asked for.
        ("accounts.SignUp", "email"), ("accounts.SignUp", "name"), ("accounts.SignUp", "phone"),
        ("accounts.MailRequest", "email"), ("accounts.SignUp", "password"),
        # The account's own phone once more, for ten minutes.
        ("accounts.PhoneCode", "phone"),
        # Secrets: what one signs in with, and what a browser is signed in with.
        ("accounts.User", "password"), ("mfa.Authenticator", "data"), ("accounts.UserSession", "session_data"),
        # A gateway's own messages; what they say of a payment is among the payments.
        ("orders.PaymentEvent", "body"),
        # Never written here.
        ("account.EmailConfirmation", "key"),
    }  # fmt: skip
    make_seller()
    invoice(paid(at, user=mila), at)
    make_address(mila)
    give_second_factor(mila)
    ShopChoice.objects.create(user=mila, shop=make_shop())
    CourierApplication.objects.create(user=mila, created_at=at)
    Notice.objects.create(user=mila, email="before@example.com", created_at=at)
    section = {
        "accounts.CourierApplication": "courier_applications",
        "accounts.User": "account", "accounts.Address": "addresses", "accounts.UserSession": "sessions",
        "stock.ShopChoice": "shop", "account.EmailAddress": "email_addresses", "orders.Order": "orders",
        "mfa.Authenticator": "second_factor", "accounts.Notice": "notices", "orders.Document": "documents",
    }  # fmt: skip
    found = export_of(mila.pk)

    for declared in personal_fields():
        key = (declared.model, declared.field)
        assert key in not_theirs or declared.field in found[section[declared.model]][0], key


def test_tables_open_in_a_spreadsheet_and_hold_no_formula(client, mila, at):
    make_order(at, user=mila)
    Order.objects.update(name="Мила, Berg", comment='=HYPERLINK("http://evil.example")')

    found = tables(download(client, "zip").content)

    assert found["orders"][0]["comment"].startswith("'=")
    assert found["orders"][0]["name"] == "Мила, Berg"
    assert found["account"][0]["phone"] == "'+31205550142"
    assert "cart" not in found


def test_both_forms_hold_the_same_rows(mila, at):
    make_order(at, user=mila)
    sections = export_of(mila.pk)

    assert {name: len(rows) for name, rows in tables(as_zip(sections)).items()} == {
        name: len(rows) for name, rows in json.loads(as_json(sections)).items() if rows
    }


def test_the_password_is_asked_for_first(client, mila):
    client.logout()
    sign_in(client, "mila@example.com", PASSWORD)

    assert download(client, "json").headers["Location"] == PAGE
    asked = client.get(PAGE).headers["Location"]
    assert asked == f"/accounts/reauthenticate/?{urlencode({'next': PAGE})}"
    assert client.post(asked, {"password": PASSWORD, "next": PAGE}).headers["Location"] == PAGE
    assert client.get(PAGE).status_code == 200
    assert not AuditEntry.objects.filter(action="account.export").exists()


def test_it_is_recorded_and_limited(client, mila):
    answers = [download(client, "json").status_code for _ in range(11)]

    assert answers == [200] * 10 + [429]
    assert AuditEntry.objects.filter(action="account.export", target=f"user:{mila.pk}").count() == 10


@pytest.mark.parametrize("form", ["", "xml", "json\x00"])
def test_an_unknown_form_is_refused(client, mila, form):
    assert download(client, form).status_code == 400


def test_a_get_downloads_nothing(client, mila):
    assert client.get(f"{PAGE}download/").status_code == 405
