"""Numbers and secrets of orders."""

import pytest

from orders import numbers
from orders.models import Order


def test_a_number_is_eight_characters_without_look_alikes():
    made = [numbers.new_number() for _ in range(200)]

    assert all(numbers.is_number(number) for number in made)
    assert len(set(made)) == 200
    assert not set("ILOU") & set("".join(made))


def test_a_secret_has_128_bits_and_a_token_fits_its_column():
    assert numbers.is_secret(numbers.new_secret())
    assert len(numbers.new_token()) == Order._meta.get_field("token").max_length


def test_a_number_is_shown_as_two_groups_of_four():
    assert numbers.group("4QX7K2MD") == "4QX7 K2MD"


@pytest.mark.parametrize("typed", ["4qx7k2md", " 4QX7 K2MD ", "4QX7-K2MD", "4qx7\u00a0k2md"])
def test_a_typed_number_is_read_in_any_spelling(typed):
    assert numbers.normalise(typed) == "4QX7K2MD"


def test_letters_that_sound_like_digits_are_read_as_digits():
    assert numbers.normalise("oOlLiI00") == "00111100"


@pytest.mark.parametrize("text", ["", "4QX7K2M", "4QX7K2MDD", "4QX7K2MU", "4QX7K2M٤"])
def test_anything_but_a_number_is_not_taken_for_one(text):
    assert not numbers.is_number(text)
