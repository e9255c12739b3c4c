"""Phone numbers in the spellings people use."""

import pytest

from accounts.fields import PhoneField
from accounts.phones import hint, look_up_form, normalise
from accounts.selectors import find_by_login
from accounts.tests.factories import PASSWORD, make_customer
from accounts.tests.helpers import is_signed_in, sign_in

DUTCH = [
    "+31612345678",
    "+31 6 12345678",
    "+31 (0)6 12345678",
    "0031 6 1234 5678",
    "0612345678",
    "06 12 34 56 78",
    "06-12345678",
    "(06) 12 345 678",
    "06.12.34.56.78",
    "  06 1234 5678 ",
    "+31-6-12-34-56-78",
    "+31\u00a06\u00a012345678",
]
RUSSIAN = [
    "+79161234567",
    "+7 916 123-45-67",
    "+7 (916) 123-45-67",
    "8 (916) 123-45-67",
    "89161234567",
    "8-916-123-45-67",
    "8 916 123 45 67",
    "+7.916.123.45.67",
    "9161234567",
    "(916) 123-45-67",
    "7 916 1234567",
    "8(916)1234567",
]


@pytest.mark.parametrize("typed", DUTCH)
def test_dutch_spellings_mean_one_number(typed):
    assert normalise(typed) == "+31612345678"


@pytest.mark.parametrize("typed", RUSSIAN)
def test_russian_spellings_mean_one_number(typed):
    assert normalise(typed, "RU") == "+79161234567"


@pytest.mark.parametrize(
    "typed",
    [
        "+31612345678 ext 7",
        "06-12345678 x7",
        "06-12345678,ext.7",
        "\uff10\uff16 \uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18",
        "\u0660\u0666 \u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668",
        "\u200e+31\u202c 6 1234\u200b5678\ufeff",
    ],
)
def test_a_number_is_looked_up_without_extension_in_any_script_and_with_invisible_marks(typed):
    assert look_up_form(typed) == "+31612345678"


@pytest.mark.parametrize(
    "typed", ["0A1B2C3D", "4QX7 K2MD", "06 FLOWERS", "x7", "ext 7", "12345678", "mira@example.com"]
)
def test_a_code_or_a_word_is_not_a_phone_number(typed):
    assert look_up_form(typed) is None


@pytest.mark.parametrize(("region", "code"), [("NL", "+49"), ("DE", "+31")])
def test_the_hint_shows_a_local_number_and_a_foreign_country_code(settings, region, code):
    settings.PHONENUMBER_DEFAULT_REGION = region

    assert f"from abroad with {code}" in hint()


@pytest.mark.parametrize("typed", ["", "12", "hello", "+31 6 12345678 ext. 5", "+999 123456789", "0" * 500, "\x00"])
def test_anything_but_a_number_is_none(typed):
    assert normalise(typed) is None


@pytest.mark.django_db
@pytest.mark.parametrize("typed", DUTCH)
def test_every_spelling_signs_in(client, typed):
    make_customer(verified_phone="+31612345678")
    assert sign_in(client, typed, PASSWORD).status_code == 303
    assert is_signed_in(client)


@pytest.mark.django_db
def test_login_is_found_by_email_in_any_case_and_phone(at):
    user = make_customer(email="Mira@Example.com", verified_phone="06-12345678")
    assert user.email == "mira@example.com"
    assert [find_by_login(text) for text in ("MIRA@example.COM ", "06 12 34 56 78")] == [user, user]
    assert [find_by_login(text) for text in ("", "\x00@", "nobody", "06 12 34 56 79")] == [None] * 4


def test_the_field_shows_what_was_typed():
    bound = PhoneField(required=False)
    assert bound.clean("06 12345678") == "+31612345678"
    assert bound.clean("") == ""
    assert bound.prepare_value("06 12") == "06 12"
