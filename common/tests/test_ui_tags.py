"""Tags and filters of the interface."""

import re
from decimal import Decimal as D
from types import SimpleNamespace
from xml.etree import ElementTree as ET

import pytest
from django.template import Context, Template
from django.utils import translation

from common.icons import FOLDER
from tests.sources import ROOT


def drawn(text, **values):
    return Template("{% load ui_tags %}" + text).render(Context(values))


@pytest.mark.parametrize(
    ("language", "currency", "shown"),
    [
        ("en", "EUR", '<span><span class="price__cur">€</span>1,234.50</span>'),
        ("en", "RUB", '<span><span class="price__cur">₽</span>1,234.50</span>'),
        ("ru", "RUB", '<span>1\xa0234,50<span class="price__cur price__cur--after">₽</span></span>'),
        ("ru", "EUR", '<span>1\xa0234,50<span class="price__cur price__cur--after">€</span></span>'),
    ],
)
def test_a_price_has_large_figures_and_a_small_currency_symbol(language, currency, shown):
    with translation.override(language):
        assert drawn("{% price amount currency %}", amount=D("1234.5"), currency=currency) == shown


def test_a_missing_price_shows_nothing():
    assert (
        drawn("{% price amount %}{{ amount|money }}{{ amount|quantity }}{{ amount|plain_number }}", amount=None) == ""
    )


@pytest.mark.parametrize(
    ("amount", "unit", "shown"), [("2", "pc", "2 pc"), ("0.3", "kg", "300 g"), ("1.250", "kg", "1.25 kg")]
)
def test_quantities_are_written_as_people_say_them(amount, unit, shown):
    assert drawn("{{ amount|quantity:unit }}", amount=D(amount), unit=unit) == shown


def test_a_form_field_gets_a_plain_number():
    with translation.override("ru"):
        assert drawn("{{ amount|plain_number }}", amount=D("0.300")) == "0.3"


@pytest.mark.parametrize(("letter", "shape"), [("A", "a"), ("B", "b"), ("C", "c"), ("D", "a")])
def test_a_marker_has_a_letter_and_a_shape(letter, shape):
    shown = drawn('{% marker shop "marker--s" True %}', shop=SimpleNamespace(letter=letter))

    assert shown == f'<span class="marker marker--{shape} marker--s marker--out" aria-hidden="true">{letter}</span>'


def test_a_marker_with_two_letters_is_set_smaller():
    shown = drawn("{% marker shop %}", shop=SimpleNamespace(letter="AB"))

    assert shown == '<span class="marker marker--b marker--two" aria-hidden="true">AB</span>'


def test_an_icon_is_decorative_and_an_unknown_one_is_an_error():
    assert 'aria-hidden="true"' in drawn('{% icon "bag" "icon--s" %}')
    with pytest.raises(KeyError):
        drawn('{% icon "no-such-icon" %}')


def test_an_icon_is_its_file_inside_our_svg_element():
    assert drawn('{% icon "plus" "icon--s" %}') == (
        '<svg class="icon icon--s" viewBox="0 0 24 24" aria-hidden="true"><path d="M5 12h14m-7-7v14"/></svg>'
    )


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*")), ids=lambda path: path.name)
def test_icons_are_plain_shapes_in_the_colour_of_the_text(path):
    root = ET.fromstring(path.read_text())

    shapes = {element.tag.removeprefix("{http://www.w3.org/2000/svg}") for element in root}
    names = {name for element in root.iter() for name in element.attrib}

    assert path.suffix == ".svg" and root.attrib["viewBox"] == "0 0 24 24"
    assert shapes <= {"path", "circle", "rect"} and not any(len(shape) for shape in root)
    assert not names & {"class", "style", "id"} and root.attrib["stroke"] == "currentColor"


def test_every_icon_named_in_a_template_exists():
    text = "".join(
        path.read_text() for path in [*ROOT.glob("templates/**/*.html"), *ROOT.glob("*/templates/**/*.html")]
    )
    named = set(re.findall(r'{% icon "([^"]+)"', text))

    assert named
    assert named <= {path.stem for path in FOLDER.glob("*.svg")}
