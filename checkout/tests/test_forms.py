"""The checkout form: what it accepts as typed, what it says when it does not."""

import pytest

from checkout.forms import ContactForm, normalise_phone
from stock.models import Shop

NUMBER = "+31205550142"
DUTCH = [
    "+31 20 555 0142",
    "+31205550142",
    "+31-20-555-0142",
    "+31 (20) 555 01 42",
    "+31 (0)20 555 0142",
    "0031 20 555 0142",
    "020 555 0142",
    "020-5550142",
    "(020) 555 0142",
    "020.555.0142",
    "020/555 01 42",
    "  020\u00a0555\u20110142 ",
    "\uff0b\uff13\uff11 20 555 0142",
]
RUSSIAN = [
    "+7 912 345-67-89",
    "+7 (912) 345 67 89",
    "+79123456789",
    "8 (912) 345-67-89",
    "8-912-345-67-89",
    "8 912 345 67 89",
    "89123456789",
    "912 345-67-89",
    "(912) 345 6789",
    "7 912 345 67 89",
    "8.912.345.67.89",
    "810 7 912 345 67 89",
]
GOOD = {
    "shop": "canal",
    "name": "Mila Berg",
    "phone": "020 555 0142",
    "email": "mila@example.com",
    "payment_method": "on_collection",
    "confirmed_total": "7.80",
}


def form(**typed):
    shop = Shop(pk=1, code="canal", letter="A", name={"en": "Canal"})
    return ContactForm({**GOOD, **typed}, shops=[shop])


@pytest.mark.parametrize("typed", DUTCH)
def test_a_phone_may_be_spelt_in_many_ways(typed):
    checked = form(phone=typed)

    assert checked.is_valid(), checked.errors
    assert checked.cleaned_data["phone"] == NUMBER
    assert checked["phone"].value() == typed


@pytest.mark.parametrize("typed", RUSSIAN)
def test_a_russian_phone_may_be_spelt_in_many_ways(settings, typed):
    settings.PHONENUMBER_DEFAULT_REGION = "RU"

    assert normalise_phone(typed) == "+79123456789"


@pytest.mark.parametrize("typed", ["", "12", "call me", "+31 20 555 0142 999 999", "++31", "0", "555-0142", "\x00"])
def test_what_is_no_phone_is_refused(typed):
    checked = form(phone=typed)

    assert not checked.is_valid()
    assert list(checked.errors) == ["phone"]
    assert checked["phone"].value() == typed


@pytest.mark.parametrize("name", ["", "   ", ".", "—", "x" * 151])
def test_what_is_no_name_is_refused(name):
    assert list(form(name=name).errors) == ["name"]


@pytest.mark.parametrize("name", ["Mo", "Мила Берг", "村上", "O'Neil-Šmid Jr.", "علي"])
def test_a_name_of_any_script_will_do(name):
    assert form(name=f"  {name}  ").is_valid()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("shop", "elsewhere"),
        ("shop", ""),
        ("email", "mila@"),
        ("email", ""),
        ("payment_method", "barter"),
        ("payment_method", ""),
        ("comment", "x" * 501),
        ("confirmed_total", ""),
        ("confirmed_total", "a lot"),
        ("confirmed_total", "NaN"),
        ("confirmed_total", "1.234"),
    ],
)
def test_a_wrong_field_is_named(field, value):
    assert list(form(**{field: value}).errors) == [field]


def test_only_three_things_are_typed():
    fields = form().fields.items()

    typed = [name for name, field in fields if getattr(field.widget, "input_type", "") in ("text", "tel", "email")]

    assert typed == ["name", "phone", "email"]


def test_ways_to_pay_follow_the_settings(settings):
    settings.PAYMENT_GATEWAYS = ["demo_bank"]

    assert [code for code, _ in form().fields["payment_method"].choices] == ["demo_bank"]
