"""The checkout form: the input it accepts and its refusals."""

import pytest
from django import forms

from checkout.forms import ContactForm
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

    checked = form(phone=typed)

    assert checked.is_valid(), checked.errors
    assert checked.cleaned_data["phone"] == "+79123456789"


@pytest.mark.parametrize("typed", ["", "12", "call me", "+31 20 555 0142 999 999", "++31", "0", "555-0142", "\x00"])
def test_anything_but_a_phone_number_is_refused(typed):
    checked = form(phone=typed)

    assert not checked.is_valid()
    assert list(checked.errors) == ["phone"]
    assert checked["phone"].value() == typed


@pytest.mark.parametrize("name", ["", "   ", ".", "—", "x" * 151])
def test_anything_but_a_name_is_refused(name):
    assert list(form(name=name).errors) == ["name"]


@pytest.mark.parametrize("name", ["Mo", "Мила Берг", "村上", "O'Neil-Šmid Jr.", "علي"])
def test_a_name_in_any_script_is_accepted(name):
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


def test_only_three_fields_are_typed():
    fields = form().fields.items()

    typed = [name for name, field in fields if getattr(field.widget, "input_type", "") in ("text", "tel", "email")]

    assert typed == ["name", "phone", "email"]


def test_ways_to_pay_follow_the_settings(settings):
    settings.PAYMENT_GATEWAYS = ["demo_bank"]

    assert [code for code, _ in form().fields["payment_method"].choices] == ["demo_bank"]


@pytest.mark.parametrize("typed", ["+31205550142 ext 7", "020-5550142 x7", "020 555 0142 доб. 12", "020 555 0142 #3"])
def test_an_extension_is_refused_with_words_not_dropped(typed):
    checked = form(phone=typed)

    assert checked.errors == {"phone": ["We cannot keep an extension. Enter the phone number without it."]}
    assert checked["phone"].value() == typed


def test_a_foreign_number_without_its_country_code_is_refused_with_a_hint():
    assert form(phone="0151 23456789").errors == {
        "phone": [
            (
                "Enter a phone number with its area code, for example 010 123 4567; from abroad with +49 or your own "
                "country code."
            )
        ]
    }


INVISIBLE = ["\u200b", "\u200e", "\ufeff", "\u202e", "\u2060", "\u00ad", "\u034f", "\ufe0f"]


@pytest.mark.parametrize("mark", INVISIBLE)
def test_invisible_characters_are_removed_from_email_and_phone(mark):
    checked = form(email=f"{mark}mila@exa{mark}mple.com{mark}", phone=f"020{mark} 555 0142{mark}")

    assert checked.is_valid(), checked.errors
    assert checked.cleaned_data["email"] == "mila@example.com"
    assert checked.cleaned_data["phone"] == NUMBER


@pytest.mark.parametrize("mark", ["\u202e", "\u2066", "\u200e", "\ufeff", "\u200b", "\x07"])
def test_direction_marks_are_removed_from_name_and_note(mark):
    checked = form(name=f"Mila{mark} Berg", comment=f"ring{mark} twice\r\nplease")

    assert checked.is_valid(), checked.errors
    assert checked.cleaned_data["name"] == "Mila Berg"
    assert checked.cleaned_data["comment"] == "ring twice\nplease"


@pytest.mark.parametrize(
    "name", ["Zo\u00eb", "\u0646\u06cc\u200c\u0645\u0627", "\u0928\u094d\u200d\u092f", "\U0001f469\u200d\U0001f373 Ada"]
)
def test_names_in_every_script_are_kept_unchanged(name):
    checked = form(name=name)

    assert checked.is_valid(), checked.errors
    assert checked.cleaned_data["name"] == name


@pytest.mark.parametrize("line_end", ["\r\n", "\n", "\r", "\u2028"])
def test_a_note_of_500_characters_is_measured_as_the_browser_does(line_end):
    lines = ["x" * 48] * 10
    text = "\n".join(lines) + "y" * 11

    assert len(text) == 500
    assert form(comment=text.replace("\n", line_end)).is_valid()
    assert not form(comment=f"{text}y".replace("\n", line_end)).is_valid()


def test_no_form_builds_a_template_engine_of_its_own():
    """A renderer that is given as a class is made anew for each form, and its engine with it: 3 ms a page."""

    def kinds(form: type) -> set[type]:
        return {form}.union(*(kinds(kind) for kind in form.__subclasses__()))

    assert [kind for kind in kinds(forms.BaseForm) if isinstance(kind.default_renderer, type)] == []
