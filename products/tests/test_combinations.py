"""Combinations in the tab "Variants, prices and stock": the values to tick and the fields to fill in."""

import re

import pytest
from django.urls import reverse

from products.editing.variants_table import variant_table
from products.models import Attribute, AttributeValue, Sku
from products.tests.factories import make_product
from products.tests.test_panel import person
from tests.markup import squeezed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]


@pytest.fixture
def loaf():
    return make_product("Loaf", codes=("A", "B"), price="3.90")


@pytest.fixture
def manager():
    return person("owner", "change_sku", "view_sku", "add_sku", edits=True)


@pytest.fixture
def sizes():
    """Make two option attributes of a shirt, one without values and one that is not an option."""
    size = Attribute.objects.create(code="size", name={"en": "Size"}, sort_order=2)
    colour = Attribute.objects.create(code="colour", name={"en": "Colour"}, sort_order=1)
    Attribute.objects.create(code="cut", name={"en": "Cut"})
    Attribute.objects.create(code="length", name={"en": "Length"}, kind=Attribute.Kind.NUMBER)
    values = ((size, "s", 0), (size, "m", 1), (colour, "red", 1), (colour, "blue", 0))
    return {
        code: AttributeValue.objects.create(attribute=one, code=code, label={"en": code.title()}, sort_order=order)
        for one, code, order in values
    }


def combine_box(client, page):
    html = squeezed(client.get(reverse("products_admin:variants", args=[page.pk]) + "?fragment=1"))
    return re.search(r"<details[^>]*data-combine.*?</details>", html, re.DOTALL)


def test_every_value_is_offered_for_combinations_in_the_tabs_own_form(manager, loaf, sizes):
    box = combine_box(manager, loaf).group()

    assert re.findall(r"<legend>(\w+)</legend>", box) == ["Colour", "Size"]
    assert re.findall(r'data-code="(\w+)"', box) == ["blue", "red", "s", "m"]
    ticks = re.findall(r'type="checkbox" form="sku-form" value="(\d+)" data-code="(\w+)"', box)
    assert {code: int(pk) for pk, code in ticks} == {code: value.pk for code, value in sizes.items()}
    controls = re.findall(r"<(?:input|select|textarea)[^>]*>", box)
    assert len(controls) == len(sizes) + 2
    for control in controls:
        assert 'form="sku-form"' in control
        assert not re.search(r" (name|checked|data-field)\b", control)
    assert re.findall(r"<button type=\"(\w+)\"", box) == ["button"]


def test_combinations_start_with_the_distinguishing_options_and_the_first_price(manager, loaf, sizes):
    first = Sku.objects.get(code="A")
    first.options.create(attribute=sizes["s"].attribute, value=sizes["s"])

    box = combine_box(manager, loaf).group()

    assert re.findall(r"<legend>(\w+)</legend>", box) == ["Size", "Colour"]
    assert re.search(r'data-combine-price [^>]*value="3.90"', box)


@pytest.mark.parametrize(
    ("code", "options", "beginning"),
    [
        ("TEE-S", ["s"], "TEE"),
        ("TEE-RED-S", ["s", "red"], "TEE"),
        ("TEE-S", [], "TEE"),
        ("NEW-TEE-1", ["s", "red"], "NEW-TEE"),
        ("S", ["s"], ""),
    ],
)
def test_articles_start_like_the_first_variants_without_its_options(at, loaf, sizes, code, options, beginning):
    first = Sku.objects.get(code="A")
    first.code = code
    first.save()
    for option in options:
        first.options.create(attribute=sizes[option].attribute, value=sizes[option])

    assert variant_table(loaf.product_id, at).beginning == beginning


def test_a_product_without_variants_has_empty_defaults(manager, sizes):
    box = combine_box(manager, make_product("Shirt", codes=())).group()

    assert re.search(r'data-combine-beginning value=""', box)
    assert re.search(r'data-combine-price [^>]*value=""', box)


def test_without_option_attributes_there_is_nothing_to_combine(manager, loaf):
    Attribute.objects.create(code="cut", name={"en": "Cut"})

    assert combine_box(manager, loaf) is None


def test_people_with_read_only_access_are_offered_no_combinations(loaf, sizes):
    assert combine_box(person("editor", edits=True), loaf) is None


def test_rendering_the_combinations_makes_no_extra_query(manager, loaf, sizes, django_assert_max_num_queries):
    address = reverse("products_admin:variants", args=[loaf.pk]) + "?fragment=1"
    manager.get(address)
    with django_assert_max_num_queries(40) as before:
        manager.get(address)
    for number in range(5):
        more = Attribute.objects.create(code=f"x{number}", name={"en": f"X{number}"})
        AttributeValue.objects.create(attribute=more, code="one", label={"en": "One"})

    with django_assert_max_num_queries(len(before)):
        manager.get(address)
