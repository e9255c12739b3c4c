"""Names of plain rows in the CMS are unique, even if two people save at the same moment."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.test.utils.form_data import inline_formset, nested_form_data

from accounts.models import User
from products.models import Attribute, Supplier, TaxClass
from products.tests.test_admin_forms import shop_data
from stock.models import Shop
from stock.tests.factories import make_shop
from tests.sessions import Beside, open_transaction

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def admin():
    client = Client()
    client.force_login(User.objects.create_superuser("root@example.com", "secret", name="Root"))
    return client


def attribute_data(code):
    names = {"name_0": "Size", "name_1": "", "code": code, "kind": "choice", "unit": "", "sort_order": "0"}
    return nested_form_data({**names, "values": inline_formset([])})


def tax_data(code):
    rate = {"rate": "20", "since": "2020-01-01"}
    return nested_form_data({"name_0": "Standard", "name_1": "", "code": code, "rates": inline_formset([rate])})


def supplier_data(code):
    return {"name": "Mill", "code": code, "is_active": "on"}


FORMS = [
    (Shop, "shops", "code", lambda: shop_data(code="NEW"), "Another shop has this code."),
    (Shop, "shops", "letter", lambda: shop_data(letter="NEW"), "Another shop has this letter."),
    (Attribute, "attributes", "code", lambda: attribute_data("NEW"), "Another attribute has this code."),
    (TaxClass, "tax-classes", "code", lambda: tax_data("NEW"), "Another tax class has this code."),
    (Supplier, "suppliers", "code", lambda: supplier_data("NEW"), "Another supplier has this code."),
]
NAMES = [f"{model.__name__} {column}" for model, _, column, _, _ in FORMS]


def other_row(model, **fields):
    if model is Shop:
        return make_shop(**{"code": "other", "letter": "A", **fields})
    return model.objects.create(**{"code": "other", "name": "Other", **fields})


def filled(data, column, value):
    return {**data(), column: value}


@pytest.mark.parametrize(("model", "name", "column", "data", "message"), FORMS, ids=NAMES)
def test_a_name_already_taken_is_refused_at_its_field(admin, model, name, column, data, message):
    other_row(model, **{column: "Z"})

    response = admin.post(reverse(f"{name}:add"), filled(data, column, "Z"))

    assert response.status_code == 200
    assert response.context["form"].errors == {column: [message]}
    assert model.objects.count() == 1


@pytest.mark.parametrize(("model", "name", "column", "data", "message"), FORMS, ids=NAMES)
def test_a_name_taken_meanwhile_is_refused_at_its_field(admin, model, name, column, data, message):
    other = other_row(model)
    with open_transaction() as session:
        session.execute(f"UPDATE {model._meta.db_table} SET {column} = 'Z' WHERE id = %s", [other.pk])
        rival = Beside(lambda: admin.post(reverse(f"{name}:add"), filled(data, column, "Z")))
        rival.wait_until_blocked()
        session.connection.commit()

    response = rival.join()
    assert response.status_code == 200
    assert response.context["form"].errors == {column: [message]}
    assert model.objects.count() == 1


def test_a_letter_taken_meanwhile_leaves_the_shop_unchanged(admin):
    other, mine = make_shop(code="other", letter="A"), make_shop(code="mine", letter="B")
    with open_transaction() as session:
        session.execute("UPDATE stock_shop SET letter = 'Z' WHERE id = %s", [other.pk])
        rival = Beside(
            lambda: admin.post(reverse("shops:edit", args=[mine.pk]), shop_data(code="mine", letter="Z", name_0="New"))
        )
        rival.wait_until_blocked()
        session.connection.commit()

    response = rival.join()
    assert response.context["form"].errors == {"letter": ["Another shop has this letter."]}
    mine.refresh_from_db()
    assert (mine.letter, mine.name["en"]) == ("B", "Mine")


def test_a_special_day_added_meanwhile_is_refused(admin):
    mine, day = make_shop(code="mine", letter="B"), dt.date(2026, 12, 25)
    days = inline_formset([{"date": str(day), "opens": "", "closes": "", "note_0": "Closed", "note_1": ""}])
    with open_transaction() as session:
        session.execute("INSERT INTO stock_shopday (shop_id, date, note) VALUES (%s, %s, '{}')", [mine.pk, day])
        rival = Beside(
            lambda: admin.post(reverse("shops:edit", args=[mine.pk]), shop_data(code="mine", letter="B", days=days))
        )
        rival.wait_until_blocked()
        session.connection.commit()

    response = rival.join()
    assert response.status_code == 200
    assert len(response.context["form"].errors["__all__"]) == 1
    assert mine.days.count() == 1
